"""The statements that each order passes through, made once: that costs more than running them.

Their parameters are named after the columns, those of conditions with `of_` before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, text, update

from gateway.storage.tables import INTENTS, ORDERS, PAYLOADS, SNAPSHOTS

if TYPE_CHECKING:
    from sqlalchemy import Table, TextClause, Update

    from gateway.storage.order import Fence


def _insert(table: Table, conflict: str, *, without: frozenset[str] = frozenset()) -> TextClause:
    """Insert a row, every column by its name; SQLite and PostgreSQL say conflicts in one way."""
    names = [column.name for column in table.columns if column.name not in without]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f":{name}" for name in names)
    return text(f'INSERT INTO "{table.name}" ({columns}) VALUES ({values}) ON CONFLICT {conflict}')  # noqa: S608 - names of our own tables


NEW_ORDER: Final = _insert(
    ORDERS, '("mapping", "key") DO NOTHING RETURNING "id"', without=frozenset({"id"})
)

NEW_SNAPSHOT: Final = _insert(SNAPSHOTS, "DO NOTHING")

PUT_PAYLOAD: Final = _insert(
    PAYLOADS,
    '("order_id", "attempt", "kind", "call", "element", "number") '
    'DO UPDATE SET "at" = excluded."at", "body" = excluded."body"',
)

PUT_INTENT: Final = _insert(
    INTENTS,
    '("order_id", "attempt", "call", "element", "undo") DO UPDATE SET '
    '"sent_at" = excluded."sent_at", "sends" = "intents"."sends" + 1, "verdict" = NULL',
)

_HELD: Final = and_(
    ORDERS.c.id == bindparam("of_id"),
    ORDERS.c.owner == bindparam("of_owner"),
    ORDERS.c.run == bindparam("of_run"),
)
"""That an order is still run by the one who took it."""


def _of_held(*names: str) -> Update:
    return update(ORDERS).where(_HELD).values({name: bindparam(name) for name in names})


INTEND: Final = _of_held("effect", "changed_at")

TAKE_BACK: Final = _of_held("undoing", "changed_at")

END: Final = _of_held(
    "state",
    "effect",
    "tries",
    "due_at",
    "reason",
    "error",
    "reply",
    "reference",
    "owner",
    "changed_at",
)

CONCLUDE: Final = (
    update(INTENTS)
    .where(
        INTENTS.c.order_id == bindparam("of_order"),
        INTENTS.c.attempt == bindparam("of_attempt"),
        INTENTS.c.call == bindparam("of_call"),
        INTENTS.c.element == bindparam("of_element"),
        INTENTS.c.undo == bindparam("of_undo"),
    )
    .values({name: bindparam(name) for name in ("verdict", "said", "reference")})
)


def held(fence: Fence) -> dict[str, object]:
    """Give the parameters of a fence."""
    return {"of_id": fence.order_id, "of_owner": fence.owner, "of_run": fence.run}
