"""The gateway's database: work runs in threads of its own, off the event loop.

Making one costs nothing; SQLAlchemy is imported and the database opened when it is first used.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar, cast

from gateway.storage.grouped import Grouped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from gateway.storage.members import Member

T = TypeVar("T")

_THREADS: Final = 8
"""PostgreSQL serves several connections at once; SQLite has one writer."""


class StorageFailed(Exception):
    """The database can't be used; the text says why, and holds no secret."""


def _told(error: Exception) -> str:
    # Imported where needed: it knows SQLAlchemy's errors.
    from gateway.storage.trouble import told  # noqa: PLC0415

    return told(error)


class Database:
    """One database; `url` as in `storage.url`, a relative SQLite path from `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        single = url.startswith("sqlite:")
        self._threads = ThreadPoolExecutor(1 if single else _THREADS, thread_name_prefix="storage")
        self._grouped = Grouped(self._threads, self._open) if single else None

    def open(self) -> None:
        """Open it and bring its tables up to date; blocks. Raises StorageFailed."""
        self._open()

    def join(self) -> Member:
        """Join the processes that take orders; blocks. Raises StorageFailed and Taken."""
        from gateway.storage.members import Taken, join  # noqa: PLC0415 - as in `_open`

        engine = self._open()
        try:
            return join(engine, self._url, self._folder)
        except Taken:
            raise
        except Exception as error:
            raise StorageFailed(_told(error)) from error

    def taken_by_another(self) -> bool | None:
        """Say whether another process takes orders where only one can; None where many can."""
        from gateway.storage.members import OnlyMember, Taken  # noqa: PLC0415 - as in `_open`

        try:
            member = self.join()
        except Taken:
            return True
        member.leave()
        return False if isinstance(member, OnlyMember) else None

    async def check(self, member: Member) -> bool:
        """Say whether a member is still known to live, as `Member.check`. Raises StorageFailed."""
        try:
            return await asyncio.to_thread(member.check)
        except Exception as error:
            raise StorageFailed(_told(error)) from error

    async def run(self, work: Callable[[Connection], T], *, lasting: bool = True) -> T:
        """Run `work` in a transaction, of its own or a savepoint of one. Raises StorageFailed.

        What isn't `lasting` may be gone after the database's machine has crashed, and is done
        several times as fast: nobody waits for the disk.
        """
        try:
            if self._grouped is not None:
                return cast("T", await self._grouped.run(work, lasting=lasting))
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._run, work, lasting)
        except StorageFailed:
            raise
        except Exception as error:
            raise StorageFailed(_told(error)) from error

    async def close(self) -> None:
        """Wait for what is running, and close."""
        await asyncio.to_thread(self.dispose)

    def dispose(self) -> None:
        """Close; blocks while something is running."""
        self._threads.shutdown()
        if self._engine is not None:
            self._engine.dispose()

    def _run(self, work: Callable[[Connection], T], lasting: bool) -> T:  # noqa: FBT001 - by position: it goes through an executor
        with self._open().execution_options(lasting=lasting).begin() as connection:
            return work(connection)

    def _open(self) -> Engine:
        with self._opening:
            if self._engine is None:
                # Imported where needed: a deployment that keeps nothing doesn't pay for it.
                from gateway.storage.engine import make_engine, upgrade  # noqa: PLC0415

                try:
                    engine = make_engine(self._url, self._folder)
                    upgrade(engine)
                except Exception as error:
                    raise StorageFailed(_told(error)) from error
                self._engine = engine
            return self._engine
