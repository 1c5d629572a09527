"""What people do about orders. One transaction's work each.

The gateway runs meanwhile: an order is changed only as it was seen, and never while it is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select, update

from gateway.storage.moment import moment
from gateway.storage.orders import archive, keep_snapshot
from gateway.storage.tables import ACTS, INTENTS, ORDERS, PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from gateway.storage.order import Order


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, by whom, and why."""

    act: str
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """The mapping with which an order goes on: its snapshot."""

    digest: str
    content: str


@dataclass(frozen=True, slots=True)
class Onward:
    """How an order goes on: tried for `patience` seconds, with another mapping where it is given.

    `undoing` is why all that was done of it is to be taken back from now on, a refusal as JSON.
    """

    patience: float
    mapped: Mapped | None = None
    undoing: str | None = None


def settle(
    connection: Connection,
    seen: Order,
    values: Mapping[str, object],
    act: Act,
    now: Callable[[], float],
) -> bool:
    """Put an order into another state; False where it isn't as it was seen any more."""
    time = moment(connection, now)
    if not _changed(connection, seen, {"due_at": None, **values}, time):
        return False
    _note(connection, seen.id, seen.attempt, act, time)
    return True


def go_on(
    connection: Connection,
    seen: Order,
    onward: Onward,
    act: Act,
    now: Callable[[], float],
) -> bool:
    """Let an attempt go on at once; False as in `settle`.

    What the vendor refused is sent again: as it was or, with another mapping, as that says it.
    """
    time = moment(connection, now)
    values = _waiting(time, onward)
    if onward.undoing is not None:
        values |= {"undoing": onward.undoing, "effect": "part"}
    if not _changed(connection, seen, values, time):
        return False
    taking_back = onward.undoing is not None or seen.undoing is not None
    _forgive(connection, seen, undo=taking_back, anew=onward.mapped is not None)
    _keep(connection, onward, time)
    _note(connection, seen.id, seen.attempt, act, time)
    return True


def begin_anew(
    connection: Connection,
    seen: Order,
    onward: Onward,
    act: Act,
    now: Callable[[], float],
) -> bool:
    """Begin another attempt with the order as it came before; False as in `settle`."""
    time = moment(connection, now)
    attempt = seen.attempt + 1
    blank = dict.fromkeys(("reason", "error", "reply", "undoing", "reference"))
    begun = {"attempt": attempt, "run": seen.run + 1, "effect": "none", "received_at": time}
    if not _changed(connection, seen, {**_waiting(time, onward), **blank, **begun}, time):
        return False
    archive(connection, seen)
    came = select(PAYLOADS).where(_papers(seen), PAYLOADS.c.kind == "received")
    row = connection.execute(came).one()
    connection.execute(insert(PAYLOADS).values({**row._mapping, "attempt": attempt, "at": time}))  # noqa: SLF001 - as in `order.order_of`
    _keep(connection, onward, time)
    _note(connection, seen.id, attempt, act, time)
    return True


def _keep(connection: Connection, onward: Onward, time: float) -> None:
    if onward.mapped is not None:
        keep_snapshot(connection, onward.mapped.digest, onward.mapped.content, time)


def _waiting(time: float, onward: Onward) -> dict[str, object]:
    values: dict[str, object] = {
        "state": "waiting",
        "due_at": time,
        "give_up_at": time + onward.patience,
        "tries": 0,
    }
    return values if onward.mapped is None else {**values, "snapshot": onward.mapped.digest}


def _changed(
    connection: Connection, seen: Order, values: Mapping[str, object], time: float
) -> bool:
    as_seen = and_(
        ORDERS.c.id == seen.id,
        ORDERS.c.state == seen.state,
        ORDERS.c.effect == seen.effect,
        ORDERS.c.attempt == seen.attempt,
        ORDERS.c.run == seen.run,
    )
    change = update(ORDERS).where(as_seen).values({**values, "changed_at": time})
    return connection.execute(change).rowcount == 1


def _forgive(connection: Connection, seen: Order, *, undo: bool, anew: bool) -> None:
    """Make what was surely not done ready to be sent again: effects, or their undoing."""
    refused = and_(
        INTENTS.c.order_id == seen.id,
        INTENTS.c.attempt == seen.attempt,
        INTENTS.c.undo == undo,
        INTENTS.c.verdict.in_(("no", "again") if anew else ("no",)),
    )
    if not anew:
        connection.execute(update(INTENTS).where(refused).values(verdict="again"))
        return
    for row in connection.execute(select(INTENTS).where(refused)).all():
        kinds = ("unsend", "unsaid") if row.undo else ("request", "answer")
        place = and_(PAYLOADS.c.call == row.call, PAYLOADS.c.element == row.element)
        said = and_(_papers(seen), place, PAYLOADS.c.kind.in_(kinds))
        connection.execute(delete(PAYLOADS).where(said))
    connection.execute(delete(INTENTS).where(refused))


def _papers(order: Order) -> ColumnElement[bool]:
    return and_(PAYLOADS.c.order_id == order.id, PAYLOADS.c.attempt == order.attempt)


def _note(connection: Connection, order_id: int, attempt: int, act: Act, time: float) -> None:
    values = {"order_id": order_id, "attempt": attempt, "at": time, "act": act.act, "by": act.by}
    connection.execute(insert(ACTS).values({**values, "note": act.note}))
