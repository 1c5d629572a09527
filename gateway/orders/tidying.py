"""What is kept of orders goes when its time is over, a little at a time, while the gateway runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.orders.worker import Worker
from gateway.storage.database import StorageFailed
from gateway.telemetry.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

_REST_SECONDS: Final = 60.0
_BREATH_SECONDS: Final = 0.5
"""Between two portions, so that whoever waits for the database comes in."""


@dataclass(slots=True)
class Tidying:
    """One in each process, beside its worker; of several that tidy at once none takes harm."""

    worker: Worker
    _task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin at once."""
        self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                more = await self._portion()
            except StorageFailed:  # the worker tells it
                more = False
            except Exception:  # noqa: BLE001 - whatever it was, it mustn't stay untidy for good
                logger().exception("bug", where="tidying")
                more = False
            await asyncio.sleep(_BREATH_SECONDS if more else _REST_SECONDS)

    async def _portion(self) -> bool:
        """Delete what is due, up to a portion; say whether there was some."""
        from gateway.storage import tidy  # noqa: PLC0415 - SQLAlchemy is loaded where it is needed

        spec = self.worker.known_plans.configuration.gateway
        if spec is None:
            raise AssertionError("orders are delivered with a configuration that was read")
        keep, outcomes = spec.storage.keep.seconds, spec.storage.keep_outcomes.seconds
        loaded = self.worker.known_plans.loaded
        payloads = await self._run(lambda c: tidy.drop_payloads(c, keep, self._now))
        orders = await self._run(lambda c: tidy.drop_orders(c, outcomes, self._now))
        mappings = await self._run(lambda c: tidy.drop_snapshots(c, keep, loaded, self._now))
        if payloads or orders or mappings:
            logger().info("tidied", payloads=payloads, orders=orders, mappings=mappings)
        return bool(payloads or orders)

    async def _run(self, work: Callable[[Connection], int]) -> int:
        return await self.worker.book.database.run(work, lasting=False)

    def _now(self) -> float:
        return self.worker.book.clock.now().timestamp()
