"""What the faked Fluent Commerce holds: orders, customers, virtual positions, and its resolvers.

Error codes are those of Fluent's pages: C0120E for what isn't there, C0121E for what is there
already, C0141E for a text that is too long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar, cast

from graphql import GraphQLError

from simulators.ledger import Ledger

Fields = Mapping[str, object]
_LARGEST_PAGE = 500
_USUAL_PAGE = 10
_LONGEST = {
    "ref": 255,
    "productRef": 255,
    "username": 250,
    "primaryEmail": 250,
    "firstName": 50,
    "lastName": 50,
    "primaryPhone": 20,
}
Node = TypeVar("Node")


@dataclass(frozen=True, slots=True)
class Position:
    """How many of a product can be sold: in all (AGGREGATE), or at a location (BASE)."""

    productRef: str  # noqa: N815 - the fields are the vendor's
    quantity: int
    catalogue: str = "ATS:1"
    groupRef: str = "ATS"  # noqa: N815
    type: str = "AGGREGATE"
    status: str = "ACTIVE"

    @property
    def ref(self) -> str:
        return f"{self.productRef}:{self.groupRef}"

    @property
    def id(self) -> str:
        return f"{self.catalogue}/{self.ref}"


@dataclass(frozen=True, slots=True)
class Order:
    """An accepted order; `input` is what created it."""

    id: str
    ref: str
    type: str
    customer: Fields
    input: Fields
    createdOn: str  # noqa: N815
    status: str = "CREATED"

    def row(self) -> dict[str, object]:
        own = {name: getattr(self, name) for name in ("id", "ref", "type", "status", "customer")}
        prices = {name: self.input.get(name) for name in ("totalPrice", "totalTaxPrice")}
        return own | prices | {"createdOn": self.createdOn, "updatedOn": self.createdOn}


@dataclass(slots=True)
class State:
    """Everything that changes. `products` None knows every product."""

    ledger: Ledger
    retailer: str
    products: frozenset[str] | None
    customers: dict[str, str]
    """User names by id."""
    orders: dict[str, Order] = field(default_factory=dict)
    """By ref."""
    positions: list[Position] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def resolvers(self) -> dict[str, Callable[..., object]]:
        return {
            "orders": self._orders,
            "virtualPositions": self._virtual_positions,
            "createOrder": self._create_order,
            "createOrderAndCustomer": self._create_order_and_customer,
        }

    def _orders(self, _: object, **asked: object) -> object:
        found = [
            order.row()
            for order in self.orders.values()
            if _like(order.ref, asked.get("ref"))
            and _among(order.type, asked.get("type"))
            and _among(order.status, asked.get("status"))
        ]
        return _page(found, asked)

    def _virtual_positions(self, _: object, **asked: object) -> object:
        catalogue = cast("Fields | None", asked.get("catalogue"))
        names = ("productRef", "type", "status", "groupRef", "ref")
        found = [
            position
            for position in self.positions
            if (catalogue is None or position.catalogue == catalogue["ref"])
            and all(_among(getattr(position, name), asked.get(name)) for name in names)
        ]
        return _page(found, asked)

    def _create_order(self, _: object, **arguments: Fields) -> object:
        order = arguments["input"]
        number = str(cast("Fields", order["customer"])["id"])
        if number not in self.customers:
            raise _error("C0120E", f"Customer with id {number} not found")
        self._check(order)
        return self._accept(order, number)

    def _create_order_and_customer(self, _: object, **arguments: Fields) -> object:
        order = arguments["input"]
        customer = cast("Fields", order["customer"])
        name = str(customer["username"])
        _check_lengths(customer)
        if name in self.customers.values():
            raise _error("C0121E", f"Customer with username {name} already exists")
        self._check(order)
        number = str(len(self.customers) + 1)
        self.customers[number] = name
        self.ledger.effect("customer", number, username=name)
        return self._accept(order, number)

    def _check(self, order: Fields) -> None:
        """Refuse an order as Fluent would, before anything is kept."""
        _check_lengths(order)
        retailer = cast("Fields", order["retailer"])["id"]
        if retailer != self.retailer:
            raise _error("C0120E", f"Retailer with id {retailer} not found")
        if order["ref"] in self.orders:
            raise _error("C0121E", f"Order with reference {order['ref']} already exists")
        choices = cast("Sequence[Fields]", order.get("fulfilmentChoices") or ())
        there = {None, *(choice.get("ref") for choice in choices)}
        for item in cast("Sequence[Fields | None]", order["items"]):
            chosen = None if item is None else item.get("fulfilmentChoiceRef")
            if chosen not in there or (choices and chosen is None):
                raise _error("C0120E", f"Fulfilment choice with reference {chosen} not found")
            product = None if item is None else str(item["productRef"])
            if self.products is not None and product not in self.products:
                raise _error("C0120E", f"Product with reference {product} not found")

    def _accept(self, asked: Fields, customer: str) -> object:
        order = Order(
            id=str(1000 + len(self.orders)),
            ref=str(asked["ref"]),
            type=str(asked["type"]),
            customer={"id": customer, "ref": self.customers[customer]},
            input=asked,
            createdOn=self.now().astimezone(UTC).isoformat(timespec="milliseconds"),
        )
        self.orders[order.ref] = order
        self.ledger.effect("order", order.id, ref=order.ref)
        return order.row()


def _check_lengths(fields: Fields) -> None:
    for name, longest in _LONGEST.items():
        value = fields.get(name)
        if isinstance(value, str) and len(value) > longest:
            raise _error("C0141E", f"Field {name} exceeds its maximum length of {longest}")


def _among(value: str, wanted: object) -> bool:
    return wanted is None or value in cast("Sequence[object]", wanted)


def _like(value: str, wanted: object) -> bool:
    """Say whether a ref is one of those asked for, in which `%` stands for anything."""
    if wanted is None:
        return True
    patterns = (".*".join(map(re.escape, str(each).split("%"))) for each in _list(wanted))
    return any(re.fullmatch(pattern, value, re.DOTALL) for pattern in patterns)


def _list(value: object) -> Iterable[object]:
    return cast("Iterable[object]", value)


def _page(nodes: Sequence[Node], asked: Fields) -> dict[str, object]:
    first = cast("int | None", asked.get("first"))
    size = _USUAL_PAGE if first is None else first
    if not 1 <= size <= _LARGEST_PAGE:
        raise _error("C0160E", f"Max page size allowed is {_LARGEST_PAGE}")
    start = _start(cast("str | None", asked.get("after")), len(nodes))
    edges = [
        {"cursor": f"c{index}", "node": node}
        for index, node in enumerate(nodes[start : start + size], start=start)
    ]
    more = start + size < len(nodes)
    return {"edges": edges, "pageInfo": {"hasPreviousPage": start > 0, "hasNextPage": more}}


def _start(after: str | None, count: int) -> int:
    if not after:
        return 0
    known = re.fullmatch("c([0-9]{1,9})", after)
    if known is None or int(known[1]) >= count:
        raise _error("C0160E", f"Invalid cursor: {after}")
    return int(known[1]) + 1


def _error(code: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})
