"""What goes when its time is over: payloads first, whole orders later, mappings that none needs.

Orders that are open or held are never touched. Each function is one transaction's work, and takes
so little at once that nobody has to wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, select

from gateway.storage.moment import moment
from gateway.storage.order import OPEN
from gateway.storage.tables import ACTS, ATTEMPTS, INTENTS, ORDERS, PAYLOADS, SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import ColumnElement, Connection

MOST: Final = 200
"""So many orders at once."""

_PAGES: Final = 200
"""So many pages are given back to the disk at once: 800 kB."""

_GONE: Final = (PAYLOADS, INTENTS, ATTEMPTS, ACTS)


def drop_payloads(connection: Connection, age: float, now: Callable[[], float]) -> int:
    """Delete the payloads of orders that ended `age` seconds ago; give how many orders had some."""
    before = moment(connection, now) - age
    query = (
        select(PAYLOADS.c.order_id)
        .join(ORDERS, ORDERS.c.id == PAYLOADS.c.order_id)
        .where(PAYLOADS.c.at <= before, *_ended(before))
        .distinct()
        .limit(MOST)
    )
    ids = list(connection.execute(query).scalars())
    connection.execute(delete(PAYLOADS).where(PAYLOADS.c.order_id.in_(ids)))
    _give_back(connection)
    return len(ids)


def drop_orders(connection: Connection, age: float, now: Callable[[], float]) -> int:
    """Delete orders that ended `age` seconds ago, which frees their keys; give how many."""
    before = moment(connection, now) - age
    query = (
        select(ORDERS.c.id)
        .where(ORDERS.c.received_at <= before, *_ended(before))
        .order_by(ORDERS.c.received_at)
        .limit(MOST)
    )
    ids = list(connection.execute(query).scalars())
    for table in _GONE:
        connection.execute(delete(table).where(table.c.order_id.in_(ids)))
    connection.execute(delete(ORDERS).where(ORDERS.c.id.in_(ids)))
    _give_back(connection)
    return len(ids)


def drop_snapshots(
    connection: Connection, age: float, loaded: Collection[str], now: Callable[[], float]
) -> int:
    """Delete mappings kept `age` seconds ago that no order has and that aren't `loaded`."""
    before = moment(connection, now) - age
    used = select(ORDERS.c.id).where(ORDERS.c.snapshot == SNAPSHOTS.c.digest).exists()
    spare = and_(SNAPSHOTS.c.since <= before, SNAPSHOTS.c.digest.not_in(loaded), ~used)
    return connection.execute(delete(SNAPSHOTS).where(spare)).rowcount


def _ended(before: float) -> tuple[ColumnElement[bool], ...]:
    return ORDERS.c.state.not_in((*OPEN, "held")), ORDERS.c.changed_at <= before


def _give_back(connection: Connection) -> None:
    """Let SQLite's file shrink; PostgreSQL does such things by itself."""
    if connection.dialect.name != "sqlite":
        return
    free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    for _ in range(min(free, _PAGES)):  # Python's sqlite3 gives one page back each time
        connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
