"""The orders in the database, asked and told from the event loop."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.storage import intents, orders
from gateway.storage.database import Database
from gateway.storage.intents import News
from gateway.storage.order import Ending, Fence, Order, Wanted
from gateway.storage.orders import Claim
from gateway.telemetry.clock import Clock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gateway.storage.members import Member


@dataclass(frozen=True, slots=True)
class Taken:
    """An order that was taken to be run, and as it came: None where that has been deleted."""

    order: Order
    document: str | None


@dataclass(frozen=True, slots=True)
class Book:
    """Each method is one transaction. All raise StorageFailed."""

    database: Database
    clock: Clock

    async def claim(self, wanted: Wanted, owner: str) -> Claim:
        return await self.database.run(lambda c: orders.claim(c, wanted, owner, self._now))

    async def get(self, order_id: int) -> Order | None:
        return await self.database.run(lambda c: orders.get(c, order_id), lasting=False)

    async def hasten(self, order_id: int) -> None:
        await self.database.run(lambda c: orders.hasten(c, order_id, self._now), lasting=False)

    async def due(self, full: Collection[str]) -> list[tuple[int, str]]:
        return await self.database.run(lambda c: orders.due(c, full, self._now), lasting=False)

    async def take(self, order_id: int, owner: str) -> Taken | None:
        def work(connection: Connection) -> Taken | None:
            order = orders.take(connection, order_id, owner, self._now)
            if order is None:
                return None
            return Taken(order, orders.received(connection, order))

        return await self.database.run(work, lasting=False)

    async def snapshot(self, digest: str) -> str | None:
        return await self.database.run(lambda c: orders.snapshot(c, digest), lasting=False)

    async def end(self, fence: Fence, ending: Ending, news: News) -> bool:
        return await self.database.run(lambda c: intents.end(c, fence, ending, news, self._now))

    async def adopt(self, member: Member) -> int:
        return await self.database.run(lambda c: member.adopt(c, self._now))

    async def let_go(self, owner: str, but: Sequence[int], idle: float) -> int:
        return await self.database.run(lambda c: orders.let_go(c, owner, but, idle, self._now))

    async def counts(self) -> dict[str, int]:
        return await self.database.run(orders.counts, lasting=False)

    def _now(self) -> float:
        return self.clock.now().timestamp()
