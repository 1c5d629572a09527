"""Limits that several processes share: each function is one transaction's work.

A limit is a number of places, and a call takes one of them until a moment: one of `concurrency`
until it ends, or at the latest shortly after its deadline; one of a rate's turns for as long as the
rate's stretch of time, which nobody gives back. So `50/s` are 50 places of a second each, and no
second, wherever it begins, sees more than 50 calls begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.storage.moment import moment
from gateway.storage.tables import LIMIT_PLACES, LIMIT_WAITERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Connection, Table

    Insert = postgresql.Insert | sqlite.Insert

_HEARD_SECONDS: Final = 1.0
"""For how long one who waits keeps its turn without asking again."""

_FORGET_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Want:
    """One of `most` places, and for how many seconds."""

    kind: Literal["call", "turn"]
    most: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for one place of each kind: `waiter` names the process, `holder` the call."""

    vendor: str
    waiter: str
    holder: str
    wants: tuple[Want, ...]


def take(connection: Connection, asker: Asker, now: Callable[[], float]) -> float | None:
    """Take all that is wanted, and give None; or nothing of it.

    Else give the seconds for which there will surely be no turn, 0 where that isn't known. The
    asker then waits: for a second, who came later gets only what it leaves free.
    """
    time = moment(connection, now)
    waiters = _waiters(connection, asker.vendor, time)
    since = waiters.pop(asker.waiter, None)
    ahead = sum(since is None or other < since for other in waiters.values())
    for number, want in enumerate(asker.wants):
        if not _take(connection, asker, want, time, ahead):
            for taken in asker.wants[:number]:
                _free(connection, asker.vendor, taken.kind, asker.holder)
            _wait(connection, asker, time)
            return _closed(connection, asker.vendor, want, time)
    if since is not None:
        connection.execute(delete(LIMIT_WAITERS).where(LIMIT_WAITERS.c.waiter == asker.waiter))
    return None


def give_back(connection: Connection, vendor: str, holder: str) -> None:
    """End a call: its place is free, unless its time was up and another has taken it."""
    _free(connection, vendor, "call", holder)


def wait_no_more(
    connection: Connection, vendor: str, waiter: str, now: Callable[[], float]
) -> None:
    """End this process's wait, and those of processes that ended while they waited."""
    lapsed = moment(connection, now) - _FORGET_SECONDS
    theirs = (LIMIT_WAITERS.c.vendor == vendor) & (LIMIT_WAITERS.c.until < lapsed)
    connection.execute(delete(LIMIT_WAITERS).where((LIMIT_WAITERS.c.waiter == waiter) | theirs))


def _take(connection: Connection, asker: Asker, want: Want, time: float, ahead: int) -> bool:
    among = _places(asker.vendor, want)
    if ahead and want.most - _busy(connection, among, time) <= ahead:
        return False
    found = (
        select(LIMIT_PLACES.c.number)
        .where(among, LIMIT_PLACES.c.free_at <= time)
        .order_by(LIMIT_PLACES.c.free_at)
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL only: with SQLite one writes at a time
    )
    taken = connection.execute(
        update(LIMIT_PLACES)
        .where(among, LIMIT_PLACES.c.number == found.scalar_subquery())
        .values(holder=asker.holder, free_at=time + want.seconds)
    )
    return taken.rowcount == 1 or _add(connection, asker, want, time)


def _add(connection: Connection, asker: Asker, want: Want, time: float) -> bool:
    """Take a place that nobody has had yet."""
    last = select(func.max(LIMIT_PLACES.c.number)).where(_places(asker.vendor, want))
    number = connection.execute(last).scalar_one()
    number = 0 if number is None else number + 1
    if number >= want.most:
        return False
    values = {
        "vendor": asker.vendor,
        "kind": want.kind,
        "number": number,
        "holder": asker.holder,
        "free_at": time + want.seconds,
    }
    adding = _insert(connection, LIMIT_PLACES).values(values).on_conflict_do_nothing()
    added = connection.execute(adding.returning(LIMIT_PLACES.c.number))
    return added.first() is not None


def _closed(connection: Connection, vendor: str, want: Want, time: float) -> float:
    """Give the seconds until the next turn; a place may be given back at any time."""
    if want.kind == "call":
        return 0.0
    query = select(func.count(), func.min(LIMIT_PLACES.c.free_at)).where(_places(vendor, want))
    known, first = connection.execute(query).one()
    return max(first - time, 0.0) if known == want.most else 0.0


def _waiters(connection: Connection, vendor: str, time: float) -> dict[str, float]:
    """List who waits, and since when."""
    query = select(LIMIT_WAITERS.c.waiter, LIMIT_WAITERS.c.since).where(
        LIMIT_WAITERS.c.vendor == vendor, LIMIT_WAITERS.c.until > time
    )
    return {row.waiter: row.since for row in connection.execute(query)}


def _wait(connection: Connection, asker: Asker, time: float) -> None:
    """Join those who wait, or go on waiting; a place in line that has lapsed begins anew."""
    values = {
        "waiter": asker.waiter,
        "vendor": asker.vendor,
        "since": time,
        "until": time + _HEARD_SECONDS,
    }
    kept = case((LIMIT_WAITERS.c.until > time, LIMIT_WAITERS.c.since), else_=time)
    connection.execute(
        _insert(connection, LIMIT_WAITERS)
        .values(values)
        .on_conflict_do_update(
            index_elements=["waiter"],
            set_={"since": kept, "until": values["until"]},
            where=LIMIT_WAITERS.c.until < time + _HEARD_SECONDS / 2,  # spares most of the writes
        )
    )


def _places(vendor: str, want: Want) -> ColumnElement[bool]:
    return (
        (LIMIT_PLACES.c.vendor == vendor)
        & (LIMIT_PLACES.c.kind == want.kind)
        & (LIMIT_PLACES.c.number < want.most)
    )


def _busy(connection: Connection, among: ColumnElement[bool], time: float) -> int:
    query = select(func.count()).where(among, LIMIT_PLACES.c.free_at > time)
    return int(connection.execute(query).scalar_one())


def _free(connection: Connection, vendor: str, kind: str, holder: str) -> None:
    connection.execute(
        update(LIMIT_PLACES)
        .where(
            LIMIT_PLACES.c.vendor == vendor,
            LIMIT_PLACES.c.kind == kind,
            LIMIT_PLACES.c.holder == holder,
        )
        .values(free_at=0.0)
    )


def _insert(connection: Connection, table: Table) -> Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
