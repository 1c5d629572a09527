"""The places that a vendor's calls share over all processes, as one process asks for them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.storage.database import StorageFailed
from gateway.storage.places import Asker, Want, give_back, take, wait_no_more
from gateway.telemetry.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy import Connection

    from gateway.config.resilience_spec import Limits
    from gateway.storage.database import Database
    from gateway.telemetry.clock import Clock

_PATIENCE_SECONDS: Final = 3.0
"""How long the storage may take to answer; then it counts as away."""

_AWAY_SECONDS: Final = 10.0
"""For how long it isn't asked then."""

_MARGIN_SECONDS: Final = 2.0
"""How much longer than a call may take its place is kept, for its process may have died."""


class Away(Exception):
    """The storage is of no use for now."""


class Places:
    """One vendor's places in the storage; never waits for it for long. Belongs to one event loop.

    What is taken while nobody waits for it any more is given back.
    """

    def __init__(self, storage: Database, vendor: str, limits: Limits, clock: Clock) -> None:
        self._storage = storage
        self._vendor = vendor
        self._limits = limits
        self._clock = clock
        self._name = secrets.token_hex(8)
        self._numbers = itertools.count()
        self._away: float | None = None
        self._asked = False
        self._running: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Open the storage, which takes longer than asking it; blocks."""
        try:
            self._storage.open()
        except StorageFailed as failed:
            self._gone(str(failed))

    async def take(self, seconds: float) -> str | float:
        """Take a place for so many seconds, and a turn; give what `give_back` wants to know.

        Where there is none, give the seconds in which there will surely be none. Raises Away.
        """
        if self._away is not None and self._clock.monotonic() < self._away:
            raise Away
        self._asked = True
        holder = f"{self._name}-{next(self._numbers)}"
        asker = Asker(self._vendor, self._name, holder, self._wants(seconds))
        work = partial(take, asker=asker, now=self._now)
        asking = asyncio.ensure_future(self._storage.run(work, lasting=False))
        overdue = self._clock.monotonic() + _PATIENCE_SECONDS
        try:
            await asyncio.wait({asking}, timeout=min(seconds, _PATIENCE_SECONDS))
        except asyncio.CancelledError:
            self._start(self._undo(asking, holder, overdue))
            raise
        if not asking.done():
            self._start(self._undo(asking, holder, overdue))
            if seconds <= _PATIENCE_SECONDS:
                return 0.0  # the time was up before the patience was
            raise self._slow()
        try:
            wait = asking.result()
        except StorageFailed as failed:
            raise self._gone(str(failed)) from failed
        self._back()
        return holder if wait is None else wait

    def give_back(self, holder: str, then: Callable[[], None]) -> None:
        """Give a place back off the caller's path, and say so; nobody waits long for the storage.

        One that can't be given back is free again when its time is up.
        """
        self._start(self._give_back(holder, then))

    async def close(self) -> None:
        """Wait for what is still on its way to the storage."""
        if self._asked and self._away is None:
            work = partial(wait_no_more, vendor=self._vendor, waiter=self._name, now=self._now)
            self._start(self._try(work))
        while self._running:
            await asyncio.wait(self._running)

    def _wants(self, seconds: float) -> tuple[Want, ...]:
        limits, wants = self._limits, []
        if limits.concurrency is not None:
            wants.append(Want("call", limits.concurrency, seconds + _MARGIN_SECONDS))
        if limits.rate is not None:
            wants.append(Want("turn", limits.rate.count, limits.rate.per.seconds))
        return tuple(wants)

    async def _give_back(self, holder: str, then: Callable[[], None]) -> None:
        returning = self._start(self._free(holder))
        if self._away is None:
            await asyncio.wait({returning}, timeout=_PATIENCE_SECONDS)
        then()

    async def _undo(
        self, asking: asyncio.Future[float | None], holder: str, overdue: float
    ) -> None:
        await asyncio.wait({asking}, timeout=max(overdue - self._clock.monotonic(), 0))
        if not asking.done():
            if self._away is None:
                self._slow()
            await asyncio.wait({asking})
        if asking.exception() is None and asking.result() is None:
            await self._free(holder)

    async def _free(self, holder: str) -> None:
        await self._try(partial(give_back, vendor=self._vendor, holder=holder))

    async def _try(self, work: Callable[[Connection], None]) -> None:
        try:
            await self._storage.run(work, lasting=False)
        except StorageFailed as failed:
            self._gone(str(failed))

    def _gone(self, cause: str) -> Away:
        self._away = self._clock.monotonic() + _AWAY_SECONDS
        logger().warning("shared_limit_alone", vendor=self._vendor, cause=cause)
        return Away()

    def _slow(self) -> Away:
        return self._gone(f"no answer within {_PATIENCE_SECONDS:.0f} s")

    def _back(self) -> None:
        if self._away is not None:
            self._away = None
            logger().info("shared_limit_again", vendor=self._vendor)

    def _start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)  # asyncio itself keeps no task alive
        task.add_done_callback(self._running.discard)
        return task

    def _now(self) -> float:
        return self._clock.now().timestamp()
