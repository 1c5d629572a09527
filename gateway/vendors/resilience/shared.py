"""A vendor that takes only so many calls from all processes and gateways together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.config.resilience_spec import Limits
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor
from gateway.vendors.resilience.around import Around, Told
from gateway.vendors.resilience.limited import WHY
from gateway.vendors.resilience.line import Line, NoTurn
from gateway.vendors.resilience.pace import Pace
from gateway.vendors.resilience.places import Away, Places

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.telemetry.clock import Clock

_POLL_SECONDS: Final = (0.02, 0.06)
"""Who waits for a place asks again after a random time in between."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A call may go; `holder` None where it goes on the word of its own process alone."""

    holder: str | None


class SharedLine:
    """Lets calls go in this process's order, and as many as the storage says.

    A call first gets a place in its own process, as it would where nothing is shared. Those who
    have one ask the storage one after the other, so that it is asked by no more at once than there
    are processes. While the storage is away, each process keeps the limit for itself alone.
    """

    def __init__(
        self,
        limits: Limits,
        places: Places,
        clock: Clock,
        *,
        refuses: Callable[[], bool],
        tell: Callable[[int, int], None],
    ) -> None:
        own = Limits(concurrency=limits.concurrency, queue=limits.queue)
        gate = Limits(concurrency=1, queue=limits.queue + (limits.concurrency or 0))
        self._own = Line(own, clock.monotonic, refuses=refuses, tell=self._hear)
        self._gate = Line(gate, clock.monotonic, refuses=refuses, tell=_nobody)
        self._pace = Pace(limits.rate) if limits.rate is not None else None
        self._places = places
        self._clock = clock
        self._refuses = refuses
        self._tell = tell
        self._heard = (0, 0)
        self._asking = 0
        self._closed_until = float("-inf")

    async def enter(self, by: float) -> Turn | NoTurn:
        """Wait for a turn, or give why there is none; `by` is a moment of the monotonic clock."""
        if self._closed_until >= by:
            return "rate_limited"
        refusal = await self._own.enter(by)
        if refusal is not None:
            return refusal
        turn: Turn | NoTurn | None = None
        self._ask(1)
        try:
            turn = await self._in_order(by)
        finally:
            self._ask(-1)
            if not isinstance(turn, Turn):
                self._own.leave()
        return turn

    def leave(self, turn: Turn) -> None:
        """End a turn; the next of this process goes once the place is given back."""
        if turn.holder is None:
            self._own.leave()
        else:
            self._places.give_back(turn.holder, self._own.leave)

    def open(self) -> None:
        self._places.open()

    async def close(self) -> None:
        await self._places.close()

    async def _in_order(self, by: float) -> Turn | NoTurn:
        refusal = await self._gate.enter(by)
        if refusal is not None:
            return refusal
        try:
            return await self._turn(by)
        finally:
            self._gate.leave()

    async def _turn(self, by: float) -> Turn | NoTurn:
        while (left := by - self._clock.monotonic()) > 0:
            if self._refuses():
                return "breaker_open"
            taken = await self._take(left)
            if isinstance(taken, Turn):
                if self._pace is not None:
                    self._pace.begin(self._clock.monotonic())
                return taken
            if taken >= left:
                return "rate_limited"
            await asyncio.sleep(min(max(taken, self._poll()), left))
        return "deadline"

    async def _take(self, left: float) -> Turn | float:
        """Take a turn, or give the seconds in which there is surely none."""
        try:
            taken = await self._places.take(left)
        except Away:
            return self._alone()
        if isinstance(taken, str):
            return Turn(taken)
        self._closed_until = self._clock.monotonic() + taken
        return taken

    def _alone(self) -> Turn | float:
        if self._pace is None:
            return Turn(None)
        wait = self._pace.opens_at(0) - self._clock.monotonic()
        return wait if wait > 0 else Turn(None)

    def _poll(self) -> float:
        shortest, longest = _POLL_SECONDS
        return shortest + self._clock.random() * (longest - shortest)

    def _ask(self, more: int) -> None:
        self._asking += more
        self._hear(*self._heard)

    def _hear(self, running: int, waiting: int) -> None:
        """Who asks the storage has a place in this process, and waits all the same."""
        self._heard = (running, waiting)
        self._tell(running - self._asking, waiting + self._asking)


class Shared(Around):
    """Each call takes a place first; one that gets none is a fault, surely unsent."""

    def __init__(self, vendor: Vendor, line: SharedLine, told: Told) -> None:
        super().__init__(vendor, told)
        self._line = line

    def open(self) -> None:
        self._line.open()
        self._vendor.open()

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        turn = await self._line.enter(deadline.at)
        if not isinstance(turn, Turn):
            self._told.refused(turn)
            return Fault(turn, "no", WHY[turn])
        try:
            return await self._vendor.send(request, deadline)
        finally:
            self._line.leave(turn)

    async def close(self) -> None:
        await self._vendor.close()
        await self._line.close()


def _nobody(_running: int, _waiting: int) -> None: ...
