"""Orders: claimed, taken, ended. Each function is one transaction's work.

None of them leaves an order to two owners: who takes one changes its row, and of two that try at
once the second finds it changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from gateway.storage.moment import moment
from gateway.storage.order import Order, Wanted, order_of
from gateway.storage.statements import NEW_ORDER, NEW_SNAPSHOT, PUT_PAYLOAD
from gateway.storage.tables import ATTEMPTS, ORDERS, PAYLOADS, SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import ColumnElement, Connection

_MOST_DUE: Final = 500
_SNAPSHOT: Final = select(SNAPSHOTS.c.since).where(SNAPSHOTS.c.digest == bindparam("digest"))
_ARCHIVED: Final = (
    "attempt",
    "state",
    "effect",
    "digest",
    "snapshot",
    "received_at",
    "changed_at",
    "tries",
    "reason",
    "error",
    "reply",
    "reference",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of an order that came: `begun` a new attempt, or what is there already."""

    order: Order
    begun: bool
    same: bool = True
    """Whether it is the same order as the one that came before."""


def claim(connection: Connection, wanted: Wanted, owner: str, now: Callable[[], float]) -> Claim:
    """Store an order and begin an attempt, or find the one that is there.

    An attempt that is answered when done is run by `owner`; any other waits to be taken.
    """
    time = moment(connection, now)
    values = _fresh(wanted, owner, time)
    values |= {"mapping": wanted.mapping, "key": wanted.key, "attempt": 1, "run": 1}
    order_id = connection.execute(NEW_ORDER, values).scalar_one_or_none()
    if order_id is not None:
        return _begun(connection, Order(id=order_id, **values), wanted)
    order = _found(connection, wanted)
    same = order.digest == wanted.digest
    anew = order.free or (
        not same and wanted.changed == "send" and order.state == "done" and order.effect == "done"
    )
    if not anew:
        return Claim(order, begun=False, same=same or wanted.changed == "ignore")
    archive(connection, order)
    fresh = {"attempt": order.attempt + 1, "run": order.run + 1, **_fresh(wanted, owner, time)}
    connection.execute(update(ORDERS).where(ORDERS.c.id == order.id).values(fresh))
    return _begun(connection, replace(order, **fresh), wanted)


def _found(connection: Connection, wanted: Wanted) -> Order:
    query = select(ORDERS).where(ORDERS.c.mapping == wanted.mapping, ORDERS.c.key == wanted.key)
    return order_of(connection.execute(query.with_for_update()).one())


def _fresh(wanted: Wanted, owner: str, time: float) -> dict[str, Any]:  # columns by name
    return {
        "contract": wanted.contract,
        "vendor": wanted.vendor,
        "state": "waiting" if wanted.stored else "running",
        "effect": "none",
        "stored": wanted.stored,
        "digest": wanted.digest,
        "snapshot": wanted.snapshot,
        "received_at": time,
        "changed_at": time,
        "give_up_at": time + wanted.give_up_after,
        "due_at": time if wanted.stored else None,
        "owner": None if wanted.stored else owner,
        "tries": 0,
        "reason": None,
        "error": None,
        "reply": None,
        "undoing": None,
        "reference": None,
    }


def _begun(connection: Connection, order: Order, wanted: Wanted) -> Claim:
    """Keep what came, and the mapping that it will be delivered with."""
    payload = {
        "order_id": order.id,
        "attempt": order.attempt,
        "kind": "received",
        "call": "",
        "element": -1,
        "number": 0,
        "at": order.received_at,
        "body": wanted.document,
    }
    connection.execute(PUT_PAYLOAD, payload)
    keep_snapshot(connection, wanted.snapshot, wanted.content, order.received_at)
    return Claim(order, begun=True)


def keep_snapshot(connection: Connection, digest: str, content: str, time: float) -> None:
    """Keep a mapping as it is, unless it is kept already."""
    if connection.execute(_SNAPSHOT, {"digest": digest}).one_or_none() is None:
        values = {"digest": digest, "content": content, "since": time}
        connection.execute(NEW_SNAPSHOT, values)


def archive(connection: Connection, order: Order) -> None:
    """Keep the present attempt as an earlier one: another begins."""
    values = {name: getattr(order, name) for name in _ARCHIVED}
    connection.execute(insert(ATTEMPTS).values(order_id=order.id, **values))


def get(connection: Connection, order_id: int) -> Order | None:
    row = connection.execute(select(ORDERS).where(ORDERS.c.id == order_id)).one_or_none()
    return None if row is None else order_of(row)


def hasten(connection: Connection, order_id: int, now: Callable[[], float]) -> None:
    """Make a waiting order due at once."""
    time = moment(connection, now)
    waiting = and_(ORDERS.c.id == order_id, ORDERS.c.state == "waiting", ORDERS.c.due_at > time)
    connection.execute(update(ORDERS).where(waiting).values(due_at=time))


def due(
    connection: Connection, full: Collection[str], now: Callable[[], float]
) -> list[tuple[int, str]]:
    """List orders that are due, the oldest first: the id and the vendor of each.

    Those of vendors that are `full` are left out, so that they stand in nobody's way.
    """
    time = moment(connection, now)
    is_due = and_(ORDERS.c.state == "waiting", ORDERS.c.due_at <= time)
    query = (
        select(ORDERS.c.id, ORDERS.c.vendor)
        .where(is_due, ORDERS.c.vendor.not_in(full))
        .order_by(ORDERS.c.received_at, ORDERS.c.id)
        .limit(_MOST_DUE)
    )
    return [(row.id, row.vendor) for row in connection.execute(query)]


def take(
    connection: Connection, order_id: int, owner: str, now: Callable[[], float]
) -> Order | None:
    """Take a waiting order to run it; None where somebody else has."""
    time = moment(connection, now)
    waiting = and_(ORDERS.c.id == order_id, ORDERS.c.state == "waiting")
    taken = update(ORDERS).where(waiting)
    values = {"state": "running", "owner": owner, "run": ORDERS.c.run + 1, "changed_at": time}
    if connection.execute(taken.values({**values, "due_at": None})).rowcount != 1:
        return None
    return get(connection, order_id)


def let_go(
    connection: Connection, owner: str, but: Sequence[int], idle: float, now: Callable[[], float]
) -> int:
    """Let anybody go on with what an owner has, `but` some, that changed `idle` seconds ago."""
    time = moment(connection, now)
    gone = and_(
        ORDERS.c.state == "running",
        ORDERS.c.owner == owner,
        ORDERS.c.id.not_in(but),
        ORDERS.c.changed_at <= time - idle,
    )
    return _free(connection, gone, time)


def adopt(connection: Connection, alive: Sequence[str], now: Callable[[], float]) -> int:
    """Let others go on with what those ran who aren't alive any more."""
    time = moment(connection, now)
    dead = or_(ORDERS.c.owner.is_(None), ORDERS.c.owner.not_in(alive))
    return _free(connection, and_(ORDERS.c.state == "running", dead), time)


def _free(connection: Connection, gone: ColumnElement[bool], time: float) -> int:
    values = {"state": "waiting", "owner": None, "due_at": time, "changed_at": time}
    return connection.execute(update(ORDERS).where(gone).values(values)).rowcount


def received(connection: Connection, order: Order) -> str | None:
    """Give the order as it came in the present attempt; None where that was deleted."""
    query = select(PAYLOADS.c.body).where(
        PAYLOADS.c.order_id == order.id,
        PAYLOADS.c.attempt == order.attempt,
        PAYLOADS.c.kind == "received",
    )
    return connection.execute(query).scalar_one_or_none()


def snapshot(connection: Connection, digest: str) -> str | None:
    query = select(SNAPSHOTS.c.content).where(SNAPSHOTS.c.digest == digest)
    return connection.execute(query).scalar_one_or_none()


def counts(connection: Connection) -> dict[str, int]:
    """Count the orders that the gateway goes on with, and those that wait for a person."""
    shown = ("waiting", "running", "held")
    query = select(ORDERS.c.state, func.count()).where(ORDERS.c.state.in_(shown))
    found = {
        state: int(count) for state, count in connection.execute(query.group_by(ORDERS.c.state))
    }
    return {state: found.get(state, 0) for state in shown}
