"""What goes on by itself: orders that are due, and those that a dead process has left."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gateway.lossless import loads
from gateway.orders.book import Book, Taken
from gateway.orders.plans import KnownPlans
from gateway.orders.runs import Job, Runs
from gateway.plan.build import Equipped
from gateway.plan.exchange import Unobserved
from gateway.storage.database import StorageFailed
from gateway.storage.intents import News
from gateway.storage.order import Ending
from gateway.telemetry.logs import logger
from gateway.telemetry.watch import Watch

if TYPE_CHECKING:
    from gateway.storage.members import Member

_ROUND_SECONDS: Final = 1.0
"""So often the database is asked what is due; what comes in at this process is seen at once."""

_ROUNDS_BETWEEN_ROLLS: Final = 3
"""So many rounds lie between two looks at who is still alive."""

_IDLE_SECONDS: Final = 10.0
"""An order of ours that nobody runs for so long has been lost sight of, as when a commit's answer
was lost."""

_ROOM: Final = 8
"""So many orders of one vendor are delivered at once, unless its `limits` say otherwise."""


@dataclass(slots=True)
class Worker:
    """One in each process. `rooms` says how many orders of a vendor may run at once."""

    book: Book
    runs: Runs
    known_plans: KnownPlans
    rooms: Mapping[str, int]
    watch: Watch
    available: bool = True
    """Whether the database could be used in the last round."""
    _member: Member | None = None
    _task: asyncio.Task[None] | None = None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _rounds: int = 0
    _running: dict[int, str] = field(default_factory=dict)
    """The vendor of each order that was taken here."""

    @property
    def owner(self) -> str:
        if self._member is None:
            raise AssertionError("the worker was opened")
        return self._member.id

    async def open(self) -> None:
        """Join those that take orders, and begin. Raises StorageFailed and Taken."""
        self._member = await asyncio.to_thread(self.book.database.join)
        self._task = asyncio.create_task(self._work())

    def wake(self) -> None:
        """Look at once what is due."""
        self._woken.set()

    async def close(self, seconds: float) -> None:
        """Begin nothing new, give what runs so many seconds, and leave the rest to others."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.runs.close(seconds)
        if self._member is None:
            return
        with contextlib.suppress(StorageFailed):
            await self.book.let_go(self._member.id, [], 0.0)
        await asyncio.to_thread(self._member.leave)

    async def _work(self) -> None:
        while True:
            try:
                await self._round()
            except StorageFailed as error:
                self._tell(error)
            except Exception:  # noqa: BLE001 - whatever it was, the next round must come
                logger().exception("bug", where="worker")
            else:
                self._tell(None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ROUND_SECONDS):  # `wait_for` can lose a cancellation
                    await self._woken.wait()
            self._woken.clear()

    def _tell(self, error: StorageFailed | None) -> None:
        if error is not None and self.available:
            logger().error("storage unavailable", cause=str(error))
        if error is None and not self.available:
            logger().info("storage available again")
        self.available = error is None

    async def _round(self) -> None:
        if self._rounds % _ROUNDS_BETWEEN_ROLLS == 0:
            await self._call_the_roll()
        self._rounds += 1
        free = self._free()
        full = [vendor for vendor, room in free.items() if room <= 0]
        for order_id, vendor in await self.book.due(full):
            if free.get(vendor, _ROOM) <= 0:
                continue
            free[vendor] = free.get(vendor, _ROOM) - 1
            taken = await self.book.take(order_id, self.owner)
            if taken is not None:
                await self._begin(taken)

    def _free(self) -> dict[str, int]:
        """Say how many more orders of each vendor may run here."""
        free = dict(self.rooms)
        for vendor in self._running.values():
            free[vendor] = free.get(vendor, _ROOM) - 1
        return free

    async def _call_the_roll(self) -> None:
        member = self._member
        if member is None:
            return
        known = member.id
        if not await self.book.database.check(member):
            logger().warning("joined anew", was=known, now=member.id)
        adopted = await self.book.adopt(member)
        adopted += await self.book.let_go(member.id, self.runs.ids, _IDLE_SECONDS)
        if adopted:
            logger().warning("orders adopted", orders=adopted)
        for state, count in (await self.book.counts()).items():
            self.watch.orders(state, count)

    async def _begin(self, taken: Taken) -> None:
        order = taken.order
        equipped = self.known_plans.known(order) or await self._rebuilt(taken)
        document = None if taken.document is None else loads(taken.document.encode())
        if equipped is None or not isinstance(document, dict):
            what = "the mapping it began with" if equipped is None else "the order as it came"
            cause = f"{what} can't be read any more; `gateway orders retry --current` may help"
            ending = Ending(
                "held",
                order.effect,
                order.tries,
                reason="internal",
                error=cause,
                reference=order.reference,
            )
            await self.book.end(order.fence, ending, News())
            logger().error("delivery", order=order.id, key=order.key, state="held", cause=cause)
            return
        job = Job(order, document, equipped, Unobserved())
        self._running[order.id] = order.vendor
        task = self.runs.start(job)
        task.add_done_callback(lambda _: self._ended(order.id))

    async def _rebuilt(self, taken: Taken) -> Equipped | None:
        content = await self.book.snapshot(taken.order.snapshot)
        return None if content is None else self.known_plans.build(taken.order, content)

    def _ended(self, order_id: int) -> None:
        self._running.pop(order_id, None)
        self.wake()
