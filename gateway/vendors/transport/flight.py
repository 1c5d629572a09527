"""One message on its way: how far it has come, and how long it may still take."""

from __future__ import annotations

import asyncio
from typing import Literal

from gateway.vendors.client import Fault, FaultKind, Sent


class Flight:
    """Moves with the transport's trace hooks; from it come `sent` and the kind of a timeout.

    `connect` and `total` are seconds; `last` names what is over when `total` is. The limit for
    connecting counts only while a connection is made, not while one of the pool is awaited.
    """

    __slots__ = ("_answered", "_begun", "_connect", "_end", "_last", "_limit", "_loop", "timer")

    def __init__(self, connect: float, total: float, last: Literal["timeout", "deadline"]) -> None:
        self._loop = asyncio.get_running_loop()
        self._connect = connect
        self._end = self._loop.time() + total
        self._last: FaultKind = last
        self._limit: FaultKind = last
        self._begun = False
        self._answered = False
        self.timer = asyncio.timeout_at(self._end)

    def connecting(self) -> None:
        by = self._loop.time() + self._connect
        if by < self._end and not self.timer.expired():
            self._limit = "connect_timeout"
            self.timer.reschedule(by)

    def connected(self) -> None:
        if self._limit != self._last and not self.timer.expired():
            self._limit = self._last
            self.timer.reschedule(self._end)

    def sending(self) -> None:
        """Note that from here on a byte of the message may have left."""
        self._begun = True

    def answered(self, *, written: bool) -> None:
        """Note that the answer's head has come; `written` is true if all was sent by then.

        A vendor may refuse a large body before it has read it: then the head alone proves little.
        """
        self._answered = written

    @property
    def begun(self) -> bool:
        return self._begun

    @property
    def sent(self) -> Sent:
        if not self._begun:
            return "no"
        return "yes" if self._answered else "unknown"

    def overdue(self) -> Fault:
        """Say which limit was reached once `timer` has expired."""
        kind = self._limit
        if kind == "timeout" and not self._begun:
            kind = "connect_timeout"
        where = {"no": "no connection yet", "yes": "the answer was on its way"}
        return Fault(kind, self.sent, where.get(self.sent, "no answer yet"))
