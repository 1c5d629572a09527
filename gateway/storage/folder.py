"""What there is to read about orders: lists of them, and all that is kept of one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import and_, case, func, or_, select

from gateway.storage.order import Effect, Order, State, order_of
from gateway.storage.tables import ACTS, ATTEMPTS, INTENTS, ORDERS, PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Select, Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Search:
    """Which orders: all that fit every field that is set.

    `key` is part of it; `error` part of the reason or the cause; `since` and `until`, in seconds
    since 1970, bound when the order came.
    """

    contract: str | None = None
    mapping: str | None = None
    vendor: str | None = None
    states: tuple[str, ...] = ()
    key: str | None = None
    error: str | None = None
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier attempt, as it ended."""

    attempt: int
    state: State
    effect: Effect
    received_at: float
    changed_at: float
    reason: str | None
    error: str | None
    reply: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """An effect that was written down before it was sent; see `tables.INTENTS`."""

    attempt: int
    call: str
    element: int
    undo: bool
    sent_at: float
    sends: int
    verdict: str | None
    said: str | None
    reference: str | None

    @property
    def settled(self) -> bool:
        """Whether it is known what came of it."""
        return self.verdict not in {None, "doubt"}


@dataclass(frozen=True, slots=True)
class Paper:
    """Something that was said, as JSON; see `tables.PAYLOADS`."""

    attempt: int
    kind: str
    call: str
    element: int
    number: int
    at: float
    body: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person did about an order."""

    attempt: int
    at: float
    act: str
    by: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Folder:
    """All that is kept of one order, the oldest first."""

    order: Order
    earlier: tuple[Earlier, ...]
    intents: tuple[Intent, ...]
    papers: tuple[Paper, ...]
    deeds: tuple[Deed, ...]

    @property
    def present(self) -> tuple[Intent, ...]:
        """The effects of the present attempt."""
        return tuple(each for each in self.intents if each.attempt == self.order.attempt)

    @property
    def received(self) -> str | None:
        """The order as it came in the present attempt; None where that has been deleted."""
        number = self.order.attempt
        found = (p.body for p in self.papers if p.kind == "received" and p.attempt == number)
        return next(found, None)

    @property
    def erased(self) -> bool:
        """Whether the personal data of the present attempt have been erased."""
        return any(d.act == "erase" and d.attempt == self.order.attempt for d in self.deeds)


def listed(connection: Connection, search: Search, most: int, skipped: int) -> list[Order]:
    """List orders: those that wait for a person first, then the latest."""
    held = case((ORDERS.c.state == "held", 0), else_=1)
    order = (held, ORDERS.c.received_at.desc(), ORDERS.c.id.desc())
    query = _among(select(ORDERS), search).order_by(*order).limit(most).offset(skipped)
    return [order_of(row) for row in connection.execute(query)]


def counted(connection: Connection, search: Search) -> dict[str, int]:
    """Count orders by their states."""
    query = _among(select(ORDERS.c.state, func.count().label("n")), search)
    return {row.state: row.n for row in connection.execute(query.group_by(ORDERS.c.state))}


def ids_of(connection: Connection, search: Search) -> list[int]:
    """Give the ids of orders, the oldest first."""
    query = _among(select(ORDERS.c.id), search).order_by(ORDERS.c.id)
    return [row.id for row in connection.execute(query)]


def _among(query: Select[tuple[object, ...]], search: Search) -> Select[tuple[object, ...]]:
    wanted: list[ColumnElement[bool]] = []
    named = {name: getattr(search, name) for name in ("contract", "mapping", "vendor")}
    wanted += [ORDERS.c[name] == value for name, value in named.items() if value is not None]
    if search.states:
        wanted.append(ORDERS.c.state.in_(search.states))
    if search.key is not None:
        wanted.append(ORDERS.c.key.contains(search.key, autoescape=True))
    if search.error is not None:
        texts = (ORDERS.c.reason, ORDERS.c.error)
        wanted.append(or_(*(each.icontains(search.error, autoescape=True) for each in texts)))
    if search.since is not None:
        wanted.append(ORDERS.c.received_at >= search.since)
    if search.until is not None:
        wanted.append(ORDERS.c.received_at < search.until)
    return query.where(and_(*wanted)) if wanted else query


def with_key(connection: Connection, key: str, mapping: str | None) -> list[Order]:
    """Find the orders of a key: one for each mapping that has had it."""
    query = select(ORDERS).where(ORDERS.c.key == key).order_by(ORDERS.c.mapping)
    if mapping is not None:
        query = query.where(ORDERS.c.mapping == mapping)
    return [order_of(row) for row in connection.execute(query)]


def folder(connection: Connection, order_id: int) -> Folder | None:
    """Give all that is kept of an order; None where there is none of that id."""
    row = connection.execute(select(ORDERS).where(ORDERS.c.id == order_id)).one_or_none()
    if row is None:
        return None
    return Folder(
        order_of(row),
        tuple(_all(connection, Earlier, ATTEMPTS, order_id, "attempt")),
        tuple(_all(connection, Intent, INTENTS, order_id, "attempt", "sent_at")),
        tuple(_all(connection, Paper, PAYLOADS, order_id, "attempt", "at", "number")),
        tuple(_all(connection, Deed, ACTS, order_id, "id")),
    )


def _all(
    connection: Connection, cls: type[T], table: Table, order_id: int, *by: str
) -> Iterator[T]:
    columns = [table.c[each.name] for each in fields(cls)]  # type: ignore[arg-type]  # a dataclass
    query = select(*columns).where(table.c.order_id == order_id)
    for row in connection.execute(query.order_by(*(table.c[name] for name in by))):
        yield cls(*row)
