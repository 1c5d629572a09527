"""Orders come in, are delivered once, and are answered: the front of the durable side."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from gateway.config.load import Configuration
from gateway.errors import Refusal
from gateway.lossless import Json, dumps
from gateway.orders.book import Book
from gateway.orders.plans import KnownPlans
from gateway.orders.runs import Job, Runs
from gateway.orders.same import digest_of
from gateway.orders.tidying import Tidying
from gateway.orders.worker import Worker
from gateway.orders.written import read_refusal
from gateway.plan.build import Equipped, Plans
from gateway.plan.exchange import Exchange, Observer, Plan, Ports
from gateway.storage.database import Database, StorageFailed
from gateway.storage.order import OPEN, Ending, Order, Wanted
from gateway.storage.orders import Claim
from gateway.telemetry.logs import logger
from gateway.telemetry.watch import NoWatch, Watch
from gateway.vendors.client import Deadline

_LOOK_SECONDS: Final = 0.1
"""So often the database is asked about an order that another process runs."""


_NO_WATCH: Final = NoWatch()

_LAST_SECONDS: Final = 5.0
"""So long what is running may take when the gateway stops; requests have had their time before."""


@dataclass(slots=True)
class Deliveries:
    """Takes orders in, once each, and says what becomes of them."""

    book: Book
    ports: Ports
    runs: Runs
    worker: Worker
    tidying: Tidying

    async def open(self) -> None:
        """Begin to deliver. Raises StorageFailed and, with SQLite, Taken."""
        await self.worker.open()
        self.tidying.open()

    async def close(self) -> None:
        """Let what runs end, for a while; the rest goes on elsewhere, or at the next start."""
        await self.tidying.close()
        await self.worker.close(_LAST_SECONDS)

    def use(self, plans: Plans, configuration: Configuration, ports: Ports) -> None:
        """Deliver with these from now on; what runs goes on with the plan that it began with."""
        self.ports = self.runs.ports = ports
        self.worker.known_plans = KnownPlans(plans, configuration)
        self.worker.rooms = rooms_of(configuration)

    async def drained(self) -> None:
        """Wait until what runs now has ended."""
        await self.runs.drained()

    @property
    def available(self) -> bool:
        """Whether the database can be used."""
        return self.worker.available

    async def answer(
        self, equipped: Equipped, document: dict[str, Json], deadline: Deadline, observer: Observer
    ) -> Exchange:
        """Deliver an order, or find out what became of it. Raises Refusal where that is no 200.

        The work goes on although nobody waits any more.
        """
        plan, intake = equipped.plan, equipped.plans.intake
        exchange = intake.exchange(plan, document, self.ports, deadline, observer)
        if not exchange.lines:
            raise Refusal(400, "no_lines", "The order has no lines")
        if plan.delivery is None:
            raise AssertionError("a contract with effects has a delivery")
        await plan.delivery.key.run(exchange)
        observer.ended(exchange)  # a repeat has no run of its own to tell of
        found = await self._claimed(_wanted(plan, exchange))
        if not found.same:
            raise _reused(found.order, digest_of(plan, exchange))
        if found.order.stored:
            self.worker.wake()
            _check_open(found.order)
            return exchange
        if found.begun:
            self.runs.start(Job(found.order, document, equipped, observer, deadline))
        elif found.order.state == "waiting":
            await self._hastened(found.order)
        refusal = await self._outcome(found.order, deadline)
        if refusal is not None:
            raise refusal
        return exchange

    async def _claimed(self, wanted: Wanted) -> Claim:
        try:
            return await self.book.claim(wanted, self.worker.owner)
        except StorageFailed as error:
            message = "The gateway's database can't be used"
            raise Refusal(500, "storage_unavailable", message, cause=str(error)) from error

    async def _hastened(self, order: Order) -> None:
        """Try a waiting order at once: somebody wants to know."""
        try:
            await self.book.hasten(order.id)
        except StorageFailed:
            return
        self.worker.wake()

    async def _outcome(self, order: Order, deadline: Deadline) -> Refusal | None:
        """Wait until the order has ended or the time is up; give what is to be answered."""
        found: Order | Ending = order
        while found.state in OPEN:
            left = deadline.at - self.ports.clock.monotonic()
            if left <= 0:
                return _in_progress()
            task = self.runs.of(order.id)
            if task is None:
                await asyncio.sleep(min(_LOOK_SECONDS, left))
                found = await self._looked_up(order)
                continue
            await asyncio.wait({task}, timeout=left)
            if task.done():
                found = task.result() or await self._looked_up(order)
        return _reply(found)

    async def _looked_up(self, order: Order) -> Order:
        try:
            return await self.book.get(order.id) or order
        except StorageFailed:
            return order


def make_deliveries(
    plans: Plans,
    configuration: Configuration,
    ports: Ports,
    database: Database,
    watch: Watch = _NO_WATCH,
) -> Deliveries:
    """Put the durable side together; opens nothing yet."""
    book = Book(database, ports.clock)
    runs = Runs(book, ports, watch)
    worker = Worker(book, runs, KnownPlans(plans, configuration), rooms_of(configuration), watch)
    return Deliveries(book, ports, runs, worker, Tidying(worker))


def rooms_of(configuration: Configuration) -> dict[str, int]:
    """Say how many orders of each vendor with a limit may be delivered at once."""
    vendors = configuration.gateway.vendors if configuration.gateway is not None else {}
    return {
        name: vendor.limits.concurrency
        for name, vendor in vendors.items()
        if vendor.limits is not None and vendor.limits.concurrency is not None
    }


def _wanted(plan: Plan, exchange: Exchange) -> Wanted:
    delivery, snapshot = plan.delivery, plan.snapshot
    if delivery is None or snapshot is None or exchange.key is None:
        raise AssertionError("a contract with effects has a delivery and a snapshot")
    return Wanted(
        mapping=plan.mapping,
        key=exchange.key,
        contract=plan.contract.name,
        vendor=delivery.vendor,
        digest=digest_of(plan, exchange),
        document=dumps(exchange.document).decode(),
        snapshot=snapshot.digest,
        content=snapshot.content,
        stored=delivery.stored,
        changed=delivery.changed,
        give_up_after=delivery.give_up_after,
    )


def _reused(order: Order, digest: str) -> Refusal:
    logger().warning("key reused", order=order.id, key=order.key, first=order.digest, second=digest)
    message = "Another order came under this key before"
    return Refusal(422, "key_reused", message, cause=f"first {order.digest}, now {digest}")


def _in_progress() -> Refusal:
    return Refusal(500, "in_progress", "The order is being delivered", details={"repeat": "safe"})


def _check_open(order: Order) -> None:
    if order.state == "cancelled":
        raise _cancelled()


def _cancelled() -> Refusal:
    return Refusal(422, "cancelled", "A person cancelled this order")


def _reply(found: Order | Ending) -> Refusal | None:
    """Give what is answered for an order that has ended."""
    if found.state == "cancelled":
        return _cancelled()
    if found.state == "done" or found.reply is None:
        return None
    refusal = read_refusal(found.reply)
    if found.state == "held":
        refusal.details["held"] = True
    return refusal
