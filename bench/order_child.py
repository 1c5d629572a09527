"""One process of the orders' benchmark: `python -m bench.order_child KIND URL ORDERS NAME`.

Prints, as JSON, how many orders it delivered, in how many seconds, with how much CPU time, and the
median latency. KIND is `gateway`, `dbos` (a bare workflow of one step) or `commits` (two bare
commits). The vendor answers at once and costs nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from sqlite3 import Connection

import click
from sqlalchemy import Engine, create_engine, event, text

from gateway.config.load import load
from gateway.orders.deliveries import make_deliveries
from gateway.plan.build import Equipped, build
from gateway.plan.exchange import Ports, Unobserved
from gateway.storage.database import Database
from gateway.telemetry import logs
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer, Deadline, Fault, Request

AT_ONCE = 16
_MAPPING = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  request: {method: POST, path: /take, body: {key: order_key, lines: lines}}
  idempotency: order_key
"""
_GATEWAY = """
version: 1
mappings: [take.yaml]
nacelle: {shared_secret: {header: S, secrets: [{env: S}]}}
vendors: {acme: {base_url: "http://127.0.0.1:9"}}
"""

Deliver = Callable[[str], Awaitable[object]]


class Instant:
    """A vendor that costs nothing."""

    def open(self) -> None:
        """Nothing is needed."""

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:  # noqa: ARG002 - the seam's signature
        return Answer(200, {}, b'{"ok":true}')

    async def close(self) -> None:
        """Nothing is open."""


async def gateway(url: str, run: Callable[[Deliver], Awaitable[None]]) -> None:
    """Deliver through the gateway's durable side, HTTP left out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "take.yaml").write_text(_MAPPING)
        (folder / "gateway.yaml").write_text(_GATEWAY)
        configuration = load(folder / "gateway.yaml", {"S": "s"})
        plans = build(configuration)
        if plans is None:
            raise SystemExit([problem.message for problem in configuration.problems.found])
        clock = Clock()
        storage = Database(url, folder)
        ports = Ports({"acme": Instant()}, clock, storage)
        durable = make_deliveries(plans, configuration, ports, storage)
        await durable.open()
        equipped = Equipped(plans.by_contract["inventory.consume"], plans)

        async def deliver(key: str) -> object:
            line = {"product_id": "p", "variant_id": "v", "quantity": 2, "price": "9.90"}
            document = {"id": key, "order_items": [dict(line) for _ in range(3)]}
            deadline = Deadline(clock.monotonic() + 30)
            return await durable.answer(equipped, document, deadline, Unobserved())  # type: ignore[arg-type]  # it is JSON

        await run(deliver)
        await durable.close()
        await storage.close()


async def dbos(url: str, run: Callable[[Deliver], Awaitable[None]]) -> None:
    """Run a bare workflow of one step for each order, on an engine like ours."""
    from dbos import DBOS, DBOSConfig, SetWorkflowID  # noqa: PLC0415 - it costs 100 MB, here alone

    logging.disable(logging.WARNING)
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": url,
        "application_version": "1",
        "executor_id": str(os.getpid()),
    }
    if url.startswith("sqlite:"):
        config["system_database_engine"] = _wal(url)
    DBOS(config=config)

    @DBOS.step()
    async def send(key: str) -> str:
        return key

    @DBOS.workflow()
    async def take(key: str) -> str:
        return await send(key)

    DBOS.launch()

    async def deliver(key: str) -> object:
        with SetWorkflowID(key):
            handle = await DBOS.start_workflow_async(take, key)
        return await handle.get_result()

    await run(deliver)
    DBOS.destroy()


def _wal(url: str) -> Engine:
    """Make an engine as ours is: in WAL mode, and safe on the disk."""
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def connected(connection: Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


async def commits(url: str, run: Callable[[Deliver], Awaitable[None]]) -> None:
    """Make two bare commits for each order."""
    database = Database(url, Path.cwd())
    await database.run(
        lambda c: c.execute(text("CREATE TABLE IF NOT EXISTS bare (k TEXT PRIMARY KEY, v TEXT)"))
    )

    async def deliver(key: str) -> object:
        values = {"k": key}
        insert = text("INSERT INTO bare VALUES (:k, 'x')")
        update = text("UPDATE bare SET v = 'y' WHERE k = :k")
        await database.run(lambda c: c.execute(insert, values).rowcount)
        return await database.run(lambda c: c.execute(update, values).rowcount)

    await run(deliver)
    await database.close()


async def main(kind: str, url: str, orders: int, name: str) -> None:
    """Deliver so many orders, `AT_ONCE` at a time, and print what it took."""
    latencies: list[float] = []
    figures: dict[str, float] = {}

    async def run(deliver: Deliver) -> None:
        for warm in range(20):
            await deliver(f"{name}-warm-{warm}")
        keys = iter([f"{name}-{number}" for number in range(orders)])

        async def one() -> None:
            for key in keys:
                began = time.perf_counter()
                await deliver(key)
                latencies.append(time.perf_counter() - began)

        started, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        figures["seconds"] = time.perf_counter() - started
        figures["cpu"] = time.process_time() - cpu

    await {"gateway": gateway, "dbos": dbos, "commits": commits}[kind](url, run)
    click.echo(json.dumps({"orders": orders, "median": statistics.median(latencies), **figures}))


if __name__ == "__main__":
    logs.configure("info", Path("/dev/null").open("w"))  # noqa: SIM115 - for as long as it runs
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
