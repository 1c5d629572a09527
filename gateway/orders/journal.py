"""What is remembered of one attempt to deliver an order, in the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from gateway.errors import Refusal
from gateway.orders.written import (
    read_outcome,
    read_refusal,
    read_request,
    write_outcome,
    write_refusal,
    write_request,
)
from gateway.plan.journal import Outcome, Recalled, Spot, Verdict
from gateway.storage import intents
from gateway.storage.database import Database, StorageFailed
from gateway.storage.intents import ALONE, Conclusion, News, Payload, Place, Stored
from gateway.storage.order import Order
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer, Request

if TYPE_CHECKING:  # SQLAlchemy is loaded where it is needed
    from sqlalchemy import Connection


class OrderLostError(Exception):
    """Another process has taken the order: this one must not send anything more for it."""


@dataclass(slots=True)
class AttemptJournal:
    """Writes down intents before effects; the rest goes along with the next commit."""

    order: Order
    database: Database
    clock: Clock
    undoing: Refusal | None = None
    reference: str | None = None
    _known: dict[Spot, Recalled] = field(default_factory=dict)
    _brought: dict[Spot, list[Outcome]] = field(default_factory=dict)
    """What reads brought when effects were built on it, each call's in order."""
    _reads: list[Payload] = field(default_factory=list)
    _counts: dict[Spot, int] = field(default_factory=dict)
    _conclusions: list[Conclusion] = field(default_factory=list)

    @property
    def doubtful(self) -> bool:
        """Whether something was sent of which nobody knows what came of it."""
        return any(known.verdict in {None, "doubt"} for known in self._known.values())

    async def load(self) -> None:
        """Recall what earlier runs have left. Raises StorageFailed."""
        stored, reads = await self.database.run(
            lambda connection: intents.recall(connection, self.order)
        )
        for each in stored:
            self._known[_spot(each.place)] = _recalled(each)
        for read in reads:
            self._brought.setdefault(_spot(read.place), []).append(read_outcome(read.body))
        if self.order.undoing is not None:
            self.undoing = read_refusal(self.order.undoing)
        self.reference = self.order.reference

    def begins_again(self) -> None:
        """Get ready for another run: reads are counted anew."""
        self._counts.clear()
        if not self._known:
            self._reads.clear()
            self._brought.clear()

    async def read(self, spot: Spot, send: Callable[[], Awaitable[Outcome]]) -> Outcome:
        number = self._counts.get(spot, 0)
        self._counts[spot] = number + 1
        brought = self._brought.setdefault(spot, [])
        if number < len(brought):
            return brought[number]
        outcome = await send()
        brought.append(outcome)
        self._reads.append(Payload("read", _place(spot), number, write_outcome(outcome)))
        return outcome

    def recall(self, spot: Spot) -> Recalled | None:
        return self._known.get(spot)

    async def intend(self, spot: Spot, request: Request) -> None:
        place, text = _place(spot), write_request(request)
        await self._commit(
            lambda connection, news: intents.intend(
                connection, self.order.fence, place, text, news, self._now
            )
        )
        self._known[spot] = Recalled(request, self.clock.now())

    def conclude(
        self, spot: Spot, outcome: Outcome, verdict: Verdict, reference: str | None = None
    ) -> None:
        known = self._known[spot]
        self._known[spot] = Recalled(known.request, known.sent_at, verdict, outcome)
        said = str(outcome.status) if isinstance(outcome, Answer) else outcome.kind
        if reference is not None and not spot.undo:
            self.reference = reference
        self._conclusions.append(
            Conclusion(_place(spot), verdict, said, write_outcome(outcome), reference)
        )

    async def take_back(self, refusal: Refusal) -> None:
        if self.undoing is not None:
            return
        text = write_refusal(refusal)
        await self._commit(
            lambda connection, news: intents.take_back(
                connection, self.order.fence, text, news, self._now
            )
        )
        self.undoing = refusal

    def news(self) -> News:
        """Give what isn't written down yet."""
        reads = tuple(self._reads) if self._known else ()
        return News(reads, tuple(self._conclusions))

    async def _commit(self, work: Callable[[Connection, News], bool]) -> None:
        reads, conclusions = self._reads, self._conclusions
        news = News(tuple(reads), tuple(conclusions))
        self._reads, self._conclusions = [], []
        try:
            held = await self.database.run(lambda connection: work(connection, news))
        except StorageFailed as error:
            self._reads, self._conclusions = reads + self._reads, conclusions + self._conclusions
            message = "The gateway's database can't be used"
            raise Refusal(500, "storage_unavailable", message, cause=str(error)) from error
        if not held:
            raise OrderLostError(self.order.id)

    def _now(self) -> float:
        return self.clock.now().timestamp()


def _place(spot: Spot) -> Place:
    return Place(spot.call, ALONE if spot.index is None else spot.index, spot.undo)


def _spot(place: Place) -> Spot:
    return Spot(place.call, None if place.element == ALONE else place.element, place.undo)


def _recalled(stored: Stored) -> Recalled:
    outcome = read_outcome(stored.answer) if stored.answer is not None else None
    sent_at = datetime.fromtimestamp(stored.sent_at, UTC)
    verdict = cast("Verdict | None", stored.verdict)
    return Recalled(read_request(stored.request), sent_at, verdict, outcome)
