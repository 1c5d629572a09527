"""Runs orders: each until it ends, or has to wait for longer than a moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from gateway.errors import Refusal
from gateway.lossless import Json
from gateway.orders.book import Book
from gateway.orders.ending import Run, ending_of
from gateway.orders.journal import AttemptJournal, OrderLostError
from gateway.plan.build import Equipped
from gateway.plan.exchange import Exchange, Observer, OrderAttempt, Ports
from gateway.plan.run import run
from gateway.storage.database import StorageFailed
from gateway.storage.order import Ending, Order
from gateway.telemetry.logs import logger
from gateway.telemetry.watch import Watch
from gateway.vendors.client import Deadline

GRACE_SECONDS: Final = 30.0
"""So long effects may take beyond the deadline, once one has begun in time."""

_TIME_SECONDS: Final = 60.0
"""The deadline of a run that nobody waits for."""

_MOMENT_SECONDS: Final = 1.5
"""A wait up to here is no reason to let an order go."""

_AGAIN_SECONDS: Final = 0.5
"""Between tries to write down how a run has ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a run works on: the order as stored and as it came, its plan, who looks on."""

    order: Order
    document: dict[str, Json]
    equipped: Equipped
    observer: Observer
    deadline: Deadline | None = None
    """Until when somebody waits; None where nobody does."""


@dataclass(slots=True)
class Runs:
    """The orders that this process runs, one run each."""

    book: Book
    ports: Ports
    watch: Watch
    _tasks: dict[int, asyncio.Task[Ending | None]] = field(default_factory=dict)

    def start(self, job: Job) -> asyncio.Task[Ending | None]:
        """Begin to run an order; give the task, whose end is None where the order was lost."""
        task = asyncio.create_task(_Running(self, job).drive())
        self._tasks[job.order.id] = task
        task.add_done_callback(lambda ended: self._forget(job.order.id, ended))
        return task

    def _forget(self, order_id: int, ended: asyncio.Task[Ending | None]) -> None:
        if self._tasks.get(order_id) is ended:  # and no other run of it has begun meanwhile
            del self._tasks[order_id]

    def of(self, order_id: int) -> asyncio.Task[Ending | None] | None:
        return self._tasks.get(order_id)

    @property
    def ids(self) -> list[int]:
        return list(self._tasks)

    async def drained(self) -> None:
        """Wait until what runs now has ended."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def close(self, seconds: float) -> None:
        """Give what is running so many seconds, then cut it off; it goes on at the next start."""
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class _Running:
    """One run: passes through the plan, until the order has ended or waits for longer."""

    runs: Runs
    job: Job

    @property
    def ports(self) -> Ports:
        """The vendors of today: a reload may have replaced them."""
        return self.runs.ports

    async def drive(self) -> Ending | None:
        """Run the order; None where another process has taken it."""
        order = self.job.order
        journal = AttemptJournal(order, self.runs.book.database, self.ports.clock)
        try:
            if order.tries or order.run > 1:
                await self._loaded(journal)
            ending = await self._passes(journal)
            await self._written(ending, journal)
        except OrderLostError:
            logger().warning("order lost", order=order.id, mapping=order.mapping, key=order.key)
            return None
        self._log(ending)
        self.runs.watch.delivered(order.mapping, ending.state)
        return ending

    async def _loaded(self, journal: AttemptJournal) -> None:
        while True:
            try:
                return await journal.load()
            except StorageFailed:
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _passes(self, journal: AttemptJournal) -> Ending:
        tries, deadline = self.job.order.tries, self.job.deadline
        while True:
            ending = await self._pass(journal, tries, deadline)
            if ending.wait is None or ending.wait > _MOMENT_SECONDS:
                return ending
            await asyncio.sleep(ending.wait)
            tries, deadline = ending.tries, None
            journal.begins_again()

    async def _pass(self, journal: AttemptJournal, tries: int, deadline: Deadline | None) -> Ending:
        order, clock = self.job.order, self.ports.clock
        late = clock.now().timestamp() >= order.give_up_at
        attempt = OrderAttempt(
            number=order.attempt,
            received_at=datetime.fromtimestamp(order.received_at, UTC),
            journal=journal,
            patient=order.stored and not late,
            grace=GRACE_SECONDS,
        )
        exchange = self.job.equipped.plans.intake.exchange(
            self.job.equipped.plan,
            self.job.document,
            self.ports,
            deadline or Deadline(clock.monotonic() + _TIME_SECONDS),
            self.job.observer,
            attempt,
        )
        refusal = await self._refusal(exchange)
        outcome = Run(
            refusal,
            tries,
            order.stored,
            late,
            doubtful=journal.doubtful,
            partial=bool(exchange.performed) and not exchange.undone,
            undoing=journal.undoing is not None,
            undone=exchange.undone,
            reference=journal.reference,
        )
        return ending_of(outcome, clock.random())

    async def _refusal(self, exchange: Exchange) -> Refusal | None:
        try:
            await run(self.job.equipped.plan, exchange)
        except Refusal as refusal:
            return refusal
        except OrderLostError:
            raise
        except Exception:  # noqa: BLE001 - the last resort: a bug must not lose the order
            logger().exception("bug", order=self.job.order.id, mapping=exchange.mapping)
            return Refusal(500, "internal", "The gateway failed")
        return None

    async def _written(self, ending: Ending, journal: AttemptJournal) -> None:
        """Write the ending down, however long that takes: what was done mustn't be forgotten."""
        while True:
            try:
                held = await self.runs.book.end(self.job.order.fence, ending, journal.news())
            except StorageFailed:
                await asyncio.sleep(_AGAIN_SECONDS)
                continue
            if not held:
                raise OrderLostError(self.job.order.id)
            return

    def _log(self, ending: Ending) -> None:
        order = self.job.order
        told = {
            "order": order.id,
            "mapping": order.mapping,
            "key": order.key,
            "attempt": order.attempt,
            "tries": ending.tries,
            "state": ending.state,
            "effect": ending.effect,
            "reason": ending.reason,
            "cause": ending.error,
            "wait": ending.wait,
        }
        log = logger()
        tell = log.error if ending.state == "held" else log.info
        tell("delivery", **{name: value for name, value in told.items() if value is not None})
