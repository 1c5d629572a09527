"""Memory over many faulty exchanges: `python bench/faulty.py 10000`.

A whole gateway before a vendor that fails in every way, over sockets: connections reset before and
after reading, bodies cut off, bursts of errors, throttling, wrong media types. After each 500
exchanges the objects that the garbage collector knows are counted, and the memory that the process
has (Linux). Exit code 1 where the objects grow.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.cli.common import read
from gateway.cli.send import signed_headers
from gateway.cli.serve import make_app
from gateway.lossless import Json, dumps
from gateway.telemetry import logs
from simulators import faults
from simulators.kit import RunningSimulator, Simulator

_CONFIG = """
version: 1
mappings: [take.yaml]
nacelle: {signature: {secrets: [{env: SECRET}]}}
vendors:
  acme:
    base_url: {env: VENDOR}
    timeout: {total: 1s}
    retry: {attempts: 2, backoff: 1ms..1ms}
    limits: {concurrency: 60, queue: 120, rate: 100000/s}
    breaker: {open_at: 90%, of_last: 100, for: 1ms}
"""
_MAPPING = """
mapping: take
contract: inventory.consume
vendor: acme
calls:
  stock: {request: {method: GET, path: /stock}}
  take:
    request: {method: POST, path: /take, body: {key: order_key}}
    idempotency: order_key
"""
_FAULTS: tuple[faults.Fault, ...] = (
    faults.ResetBeforeRead(),
    faults.ResetAfterRead(applied=True),
    faults.Truncate(),
    faults.Status(status=503, times=3),
    faults.Throttle(says="nothing"),
    faults.Throttle(seconds=3600, says="date"),
    faults.WrongContentType(),
    faults.Status(status=200, body="<h1>Oops</h1>"),
    faults.Status(status=500, applied=True),
    faults.Huge(size=100_000),
    faults.Status(status=422, body={"no": 1}),
)
_BATCH = 500
_AT_ONCE = 250
_GROWTH = 1.01


@dataclass
class Course:
    """What was measured: objects and megabytes after each batch, and the statuses answered."""

    objects: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def flat(self) -> bool:
        """The first batch fills pools and caches; from then on nothing is to grow."""
        return max(self.objects[1:]) <= self.objects[0] * _GROWTH


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


async def _fine(_: Request) -> Response:
    return JSONResponse({"rows": []})


async def run(exchanges: int) -> Course:
    """Run so many exchanges, a batch at a time; the first batch comes on top."""
    simulator = Simulator([Route("/{path:path}", _fine, methods=["GET", "POST"])], [], {})
    course = Course()
    with RunningSimulator(simulator) as vendor, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "gateway.yaml").write_text(_CONFIG)
        (Path(folder) / "take.yaml").write_text(_MAPPING)
        environment = {"SECRET": "bench", "VENDOR": vendor.url}
        ready = read(Path(folder) / "gateway.yaml", environment)
        app = make_app(ready)
        transport = httpx.ASGITransport(app)
        async with (
            app.running(),
            httpx.AsyncClient(transport=transport, base_url="http://gateway") as client,
        ):
            numbers = itertools.count()

            async def work() -> None:
                body = dumps({"id": f"o-{next(numbers)}", "order_items": [_LINE]})
                headers = signed_headers(ready.spec.nacelle, "inventory.consume", body)
                answer = await client.post("/inventory/consume", content=body, headers=headers)
                course.statuses[answer.status_code] += 1

            for _ in range(0, exchanges + _BATCH, _BATCH):
                simulator.reset()
                simulator.faults.order(*itertools.islice(itertools.cycle(_FAULTS), _BATCH))
                for _ in range(0, _BATCH, _AT_ONCE):
                    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
                simulator.reset()
                gc.collect()
                course.objects.append(len(gc.get_objects()))
                course.megabytes.append(_resident())
    return course


_LINE: Json = {"product_id": "p", "variant_id": "A", "quantity": 2}


def main() -> None:
    """Run as many exchanges as the first argument says."""
    with Path(os.devnull).open("w") as nowhere:
        logs.configure("info", nowhere)
        course = asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
    first, least, most = course.objects[0], min(course.objects[1:]), max(course.objects[1:])
    sys.stdout.write(f"objects after the first {_BATCH}: {first}; then {least} to {most}\n")
    shown = course.megabytes[:: max(1, len(course.megabytes) // 10)]
    sys.stdout.write(f"megabytes, from first to last: {[round(each) for each in shown]}\n")
    sys.stdout.write(f"statuses: {dict(course.statuses)}\n")
    sys.exit(0 if course.flat else 1)


if __name__ == "__main__":
    main()
