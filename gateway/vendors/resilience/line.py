"""The line before a vendor: at most so many calls at once, at most so many in a time, in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from gateway.vendors.resilience.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.resilience_spec import Limits

NoTurn = Literal["breaker_open", "deadline", "queue_full", "rate_limited"]
"""Why a call gets no turn."""


class Line:
    """Lets calls go in the order in which they came; belongs to one event loop.

    Whoever entered has to leave. `refuses` says whether nobody is to go at all for now, and is
    asked again whenever one leaves; `tell` hears how many run and how many wait. Cancelling a call
    that waits, or one that has just got its turn, gives its place to the next.
    """

    def __init__(
        self,
        limits: Limits,
        monotonic: Callable[[], float],
        *,
        refuses: Callable[[], bool],
        tell: Callable[[int, int], None],
    ) -> None:
        self._most = limits.concurrency
        self._longest = limits.queue
        self._pace = Pace(limits.rate) if limits.rate is not None else None
        self._monotonic = monotonic
        self._refuses = refuses
        self._tell = tell
        self._running = 0
        self._waiting: dict[asyncio.Future[NoTurn | None], None] = {}  # in order, removed anywhere
        self._alarm: asyncio.TimerHandle | None = None

    async def enter(self, by: float) -> NoTurn | None:
        """Wait for a turn; None once it has come, else why it doesn't.

        `by` is the moment of the monotonic clock after which a turn is of no use.
        """
        if self._refuses():
            return "breaker_open"
        if not self._waiting and self._free():
            self._begin()
            return None
        if len(self._waiting) >= self._longest:
            return "queue_full"
        if self._pace is not None and self._pace.opens_at(len(self._waiting)) >= by:
            return "rate_limited"
        return await self._wait(by - self._monotonic())

    def leave(self) -> None:
        """End a turn."""
        self._running -= 1
        self._advance()

    async def _wait(self, seconds: float) -> NoTurn | None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[NoTurn | None] = loop.create_future()
        self._waiting[turn] = None
        self._tell(self._running, len(self._waiting))
        timer = loop.call_later(seconds, self._send_away, turn, "deadline")
        self._set_alarm()
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result() is None:
                self._running -= 1  # its turn came, and then it was cancelled
            self._waiting.pop(turn, None)
            self._advance()
            raise
        finally:
            timer.cancel()

    def _begin(self) -> None:
        self._running += 1
        if self._pace is not None:
            self._pace.begin(self._monotonic())
        self._tell(self._running, len(self._waiting))

    def _free(self) -> bool:
        if self._most is not None and self._running >= self._most:
            return False
        return self._pace is None or self._pace.opens_at(0) <= self._monotonic()

    def _advance(self) -> None:
        """Give turns to those in front, or send all away."""
        if self._waiting and self._refuses():
            for turn in list(self._waiting):
                self._send_away(turn, "breaker_open")
        while self._waiting and self._free():
            turn = next(iter(self._waiting))
            del self._waiting[turn]
            if not turn.done():  # cancelled, and not told yet
                self._begin()
                turn.set_result(None)
        self._tell(self._running, len(self._waiting))
        self._set_alarm()

    def _send_away(self, turn: asyncio.Future[NoTurn | None], why: NoTurn) -> None:
        self._waiting.pop(turn, None)
        if not turn.done():
            turn.set_result(why)

    def _set_alarm(self) -> None:
        """Look again when the rate lets the next one go; a place that is left needs no alarm."""
        if self._pace is None or self._alarm is not None or not self._waiting:
            return
        if self._most is not None and self._running >= self._most:
            return
        seconds = self._pace.opens_at(0) - self._monotonic()
        self._alarm = asyncio.get_running_loop().call_later(max(seconds, 0), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._advance()
