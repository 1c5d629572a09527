"""What is kept of people in orders: read through, and written over. One transaction's work each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, insert, select, update

from gateway.storage.moment import moment
from gateway.storage.order import OPEN
from gateway.storage.tables import ACTS, ATTEMPTS, ORDERS, PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from gateway.storage.acts import Act
    from gateway.storage.folder import Folder


def came_in(connection: Connection, ids: Sequence[int]) -> list[tuple[int, str]]:
    """Give some orders as they came, each attempt's: the order's id, and the order as JSON."""
    query = select(PAYLOADS.c.order_id, PAYLOADS.c.body).where(
        PAYLOADS.c.order_id.in_(ids), PAYLOADS.c.kind == "received"
    )
    return [(row.order_id, row.body) for row in connection.execute(query)]


def write_over(
    connection: Connection,
    seen: Folder,
    mask: Callable[[str | None], str | None],
    bodies: Mapping[int, str],
    act: Act,
    now: Callable[[], float],
) -> bool:
    """Write over what was said about an order; False where it goes on, or has changed since.

    `bodies` are by the papers' places in the folder; `mask` writes over what people are told.
    """
    order, time = seen.order, moment(connection, now)
    told = {"error": mask(order.error), "reply": mask(order.reply)}
    as_seen = and_(
        ORDERS.c.id == order.id,
        ORDERS.c.run == order.run,
        ORDERS.c.attempt == order.attempt,
        ORDERS.c.state == order.state,
        ORDERS.c.state.not_in((*OPEN, "held")),
    )
    if connection.execute(update(ORDERS).where(as_seen).values(told)).rowcount != 1:
        return False
    for each in seen.earlier:
        row = and_(ATTEMPTS.c.order_id == order.id, ATTEMPTS.c.attempt == each.attempt)
        told = {"error": mask(each.error), "reply": mask(each.reply)}
        connection.execute(update(ATTEMPTS).where(row).values(told))
    for number, body in bodies.items():
        paper = seen.papers[number]
        place = and_(
            PAYLOADS.c.order_id == order.id,
            *(
                PAYLOADS.c[name] == getattr(paper, name)
                for name in ("attempt", "kind", "call", "element", "number")
            ),
        )
        connection.execute(update(PAYLOADS).where(place).values(body=body))
    values = {"order_id": order.id, "attempt": order.attempt, "at": time, "act": act.act}
    connection.execute(insert(ACTS).values({**values, "by": act.by, "note": act.note}))
    return True
