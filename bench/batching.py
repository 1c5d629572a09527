"""A slow vendor of few calls a second: `batch` that gathers and remembers, and one that doesn't.

Both gateways keep to the vendor's rate. Off is the shipped mapping: one call for each checkout.
On is the same with `window`, `ttl` and `stale`.
"""

from __future__ import annotations

import http.client
import random
import statistics
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from bench import checkouts, contenders
from bench.counting import ASKED, RATE, Asked
from bench.load import Load, run
from bench.rounds import ROUNDS
from bench.servers import LOAD, Server, free_port, need

SKUS: Final = 1_000
LINES: Final = 5
CONNECTIONS: Final = 32
OFF: Final = "off"
ON: Final = "on"
GATHERS: Final = ("window: 5ms", "ttl: 30s", "stale: 5m")
LIMITS: Final = (f"limits: {{rate: {RATE}/s, queue: 1000}}",)
_SECONDS: Final = 5.0
_DIFFERENT: Final = 2_000
_COMPARED: Final = 3


@dataclass(frozen=True, slots=True)
class Batched:
    """Medians of the rounds, and what the vendor counted in all of them together."""

    rate: float
    median: float
    p99: float
    calls: float
    """The vendor's, a second."""
    refused: int
    most: int
    """How often the key that was fetched most was fetched."""


def measured() -> Mapping[str, Batched]:
    """Measure both in turn. The first round of `on` begins with nothing remembered."""
    need("taskset", "wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        requests = checkouts.requests(folder / "requests", _bodies())
        servers: dict[str, tuple[Server, Server]] = {}
        for kind in (OFF, ON):
            vendor = stack.enter_context(_counting())
            batch = GATHERS if kind == ON else ()
            config = contenders.written(folder / kind, batch=batch, vendor=LIMITS)
            gateway = stack.enter_context(contenders.gateway(vendor, config=config))
            servers[kind] = (gateway, vendor)
        both = [gateway for gateway, _ in servers.values()]
        contenders.compare(both, _bodies()[:_COMPARED])
        for _, vendor in servers.values():
            _asked(vendor)  # what was compared isn't counted
        rounds: dict[str, list[Load]] = {kind: [] for kind in servers}
        for _ in range(ROUNDS):
            for kind, (gateway, _vendor) in servers.items():
                rounds[kind].append(run(gateway, requests, CONNECTIONS, _SECONDS))
        return {
            kind: _batched(rounds[kind], _asked(vendor)) for kind, (_, vendor) in servers.items()
        }


def _batched(rounds: list[Load], asked: Asked) -> Batched:
    return Batched(
        statistics.median(each.rate for each in rounds),
        statistics.median(each.median for each in rounds),
        statistics.median(each.p99 for each in rounds),
        asked.calls / sum(each.seconds for each in rounds),
        asked.refused,
        max(asked.fetched.values()),
    )


def _bodies() -> list[bytes]:
    """Make checkouts of five articles out of all, the same ones each time."""
    drawn = random.Random(7)  # noqa: S311 - no secret hangs on it
    chosen = [drawn.sample(range(SKUS), LINES) for _ in range(_DIFFERENT)]
    return [checkouts.body(articles, number) for number, articles in enumerate(chosen)]


def _counting() -> Server:
    port = free_port()
    command = [sys.executable, "-m", "bench.counting"]
    return Server("the counting vendor", command, port, {"PORT": str(port)}, LOAD)


def _asked(vendor: Server) -> Asked:
    """Ask the vendor what it counted; with that it begins anew."""
    connection = http.client.HTTPConnection("127.0.0.1", vendor.port, timeout=10)
    try:
        connection.request("GET", ASKED)
        return msgspec.json.decode(connection.getresponse().read(), type=Asked)
    finally:
        connection.close()
