"""Work for SQLite that waits for the disk together: one transaction for all that has come.

SQLite has one writer at a time, and each commit waits for the disk. So while one transaction is
written, whatever comes meanwhile is gathered, and then written by the next one: each piece of work
in a savepoint of its own, so that one that fails takes nothing else with it. Nobody is told before
the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from sqlalchemy import Connection, Engine

_MOST: Final = 64
"""So much work goes into one transaction at most."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A piece of work, and who waits for what comes of it."""

    work: Callable[[Connection], Any]
    lasting: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def tell(self, result: object, error: Exception | None) -> None:
        """Say what came of it; called in the writing thread."""
        with contextlib.suppress(RuntimeError):  # its loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(_resolve, self.future, result, error)


_Done: TypeAlias = tuple[_Waiting, object, Exception | None]


class Grouped:
    """Runs work in one thread of `executor`, in transactions of `engine`."""

    def __init__(self, executor: Executor, engine: Callable[[], Engine]) -> None:
        self._executor = executor
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._writing = False
        """Whether a thread takes what waits, until nothing does."""

    async def run(self, work: Callable[[Connection], Any], *, lasting: bool) -> Any:
        """Run one piece of work; raises what it or the commit raises."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work, lasting, loop, loop.create_future())
        with self._lock:
            self._waiting.append(waiting)
            if not self._writing:
                self._executor.submit(self._write)
                self._writing = True
        return await waiting.future

    def _write(self) -> None:
        while group := self._next():
            for waiting, result, error in self._written(group):
                waiting.tell(result, error)

    def _next(self) -> list[_Waiting]:
        with self._lock:
            group = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
            self._writing = bool(group)
        return group

    def _written(self, group: list[_Waiting]) -> list[_Done]:
        try:
            lasting = any(waiting.lasting for waiting in group)
            engine = self._engine().execution_options(lasting=lasting)
            with engine.begin() as connection:
                return [_done(connection, waiting, alone=len(group) == 1) for waiting in group]
        except Exception as failed:  # noqa: BLE001 - whatever it was, it is told to all
            return [(waiting, None, failed) for waiting in group]


def _done(connection: Connection, waiting: _Waiting, *, alone: bool) -> _Done:
    if alone:
        return waiting, waiting.work(connection), None
    try:
        with connection.begin_nested():
            return waiting, waiting.work(connection), None
    except Exception as error:  # noqa: BLE001 - it is told to who waits for it
        return waiting, None, error


def _resolve(future: asyncio.Future[Any], result: object, error: Exception | None) -> None:
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
