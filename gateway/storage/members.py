"""Which gateway processes take orders, so that what a dead one ran goes on elsewhere.

On SQLite there is one: it holds a lock on a file beside the database. On PostgreSQL there may be
any number: each holds an advisory lock of its session, which the server frees when the process dies
or its connection breaks. All functions block.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from typing import TYPE_CHECKING, Final, Protocol
from uuid import uuid4

from sqlalchemy import delete, insert, select, text

from gateway.storage.engine import sqlite_path
from gateway.storage.moment import moment
from gateway.storage.orders import adopt
from gateway.storage.tables import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

_SPACE: Final = 0x6D617070
"""The first half of the keys of our locks, so that they meet nobody else's."""


class Member(Protocol):
    """One of the processes that take orders: the present one."""

    @property
    def id(self) -> str: ...

    def check(self) -> bool:
        """Say whether it is still known to live; if not, it has joined anew under another id."""
        ...

    def adopt(self, connection: Connection, now: Callable[[], float]) -> int:
        """Free the orders of members that have died; give how many there were."""
        ...

    def leave(self) -> None: ...


class Taken(Exception):
    """Another process takes the orders of this SQLite database; the text is its file."""


def join(engine: Engine, url: str, folder: Path) -> Member:
    """Join those that take orders. Raises Taken."""
    path = sqlite_path(url, folder)
    return OnlyMember(path) if path is not None else ServerMember(engine)


class OnlyMember:
    """The one process on an SQLite database. Raises Taken where there is one already."""

    def __init__(self, path: Path) -> None:
        self.id = uuid4().hex
        lock = path.with_name(path.name + ".lock")
        self._file = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise Taken(str(path)) from error

    def check(self) -> bool:
        """Nobody can take the lock from a process that lives."""
        return True

    def adopt(self, connection: Connection, now: Callable[[], float]) -> int:
        return adopt(connection, [self.id], now)

    def leave(self) -> None:
        os.close(self._file)


class ServerMember:
    """One of several processes on a PostgreSQL database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Connection | None = None
        self.id = ""
        self._join()

    def _join(self) -> None:
        """Hold the lock first: whoever is listed and doesn't hold it counts as dead."""
        member = uuid4().hex
        session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            session.execute(text("SELECT pg_advisory_lock(:space, :key)"), _key(member))
            since = moment(session, float)
            session.execute(insert(MEMBERS).values(member=member, since=since))
        except BaseException:
            session.close()
            raise
        self._session, self.id = session, member

    def check(self) -> bool:
        try:
            if self._session is not None:
                self._session.execute(text("SELECT 1"))
                return True
        except Exception:  # noqa: BLE001 - however the session broke, its lock is gone
            self.leave()
        self._join()
        return False

    def adopt(self, connection: Connection, now: Callable[[], float]) -> int:
        alive = []
        for row in connection.execute(select(MEMBERS.c.member)).all():
            if row.member != self.id and _is_dead(connection, row.member):
                connection.execute(delete(MEMBERS).where(MEMBERS.c.member == row.member))
            else:
                alive.append(row.member)
        return adopt(connection, [*alive, self.id], now)

    def leave(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        with contextlib.suppress(Exception):  # whoever looks next finds the lock free
            session.execute(delete(MEMBERS).where(MEMBERS.c.member == self.id))
        session.invalidate()  # never back into the pool with a lock on it
        session.close()


def _is_dead(connection: Connection, member: str) -> bool:
    """Say whether nobody holds a member's lock; it is held until the transaction ends, then."""
    taken = text("SELECT pg_try_advisory_xact_lock(:space, :key)")
    return bool(connection.execute(taken, _key(member)).scalar_one())


def _key(member: str) -> dict[str, int]:
    digest = hashlib.sha256(member.encode()).digest()
    return {"space": _SPACE, "key": int.from_bytes(digest[:4], signed=True)}
