"""The orders of the faked Square: created once for each idempotency key, and completed.

Written from Square's OpenAPI document (CreateOrder and UpdateOrder, Square-Version 2025-08-20) and
its pages about orders. Taxes, discounts, service charges and modifiers aren't faked: they are
refused as unknown, and so is every update but canceling. A completed order takes its catalogue
items from the stock of its location; lines that name no catalogue object take nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from jsonschema import Draft202012Validator

from simulators.square_bodies import Flaw, Refused, object_of, text
from simulators.square_changes import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulators.square_stock import Stock

Body = dict[str, object]

_MONEY = object_of(
    amount={"type": ["integer", "null"]},
    currency={"type": ["string", "null"], "pattern": "^[A-Z]{3}$"},
)
_METADATA = {
    "type": ["object", "null"],
    "maxProperties": 10,
    "propertyNames": {"pattern": "^[A-Za-z0-9_-]{1,60}$"},
    "additionalProperties": {"type": "string", "maxLength": 255},
}
_LINE = object_of(
    uid=text(60),
    name=text(512),
    note=text(2000),
    quantity={"type": "string", "minLength": 1, "maxLength": 12},
    catalog_object_id=text(192),
    variation_name=text(400),
    base_price_money=_MONEY,
    metadata=_METADATA,
) | {"required": ["quantity"]}
_ADDRESS = object_of(
    address_line_1=text(),
    address_line_2=text(),
    address_line_3=text(),
    locality=text(),
    administrative_district_level_1=text(),
    postal_code=text(),
    country={"type": ["string", "null"], "pattern": "^[A-Z]{2}$"},
    first_name=text(),
    last_name=text(),
)
_RECIPIENT = object_of(
    customer_id=text(191),
    display_name=text(255),
    email_address=text(255),
    phone_number=text(17),
    address=_ADDRESS,
)
_FULFILLMENT = object_of(
    uid=text(60),
    type={"enum": ["PICKUP", "SHIPMENT", "DELIVERY", None]},
    state={"enum": ["PROPOSED", "RESERVED", "PREPARED", None]},
    shipment_details=object_of(recipient=_RECIPIENT, carrier=text(50), shipping_note=text(500)),
)
ORDER = Draft202012Validator(
    object_of(
        idempotency_key={"type": "string", "maxLength": 192},
        order=object_of(
            location_id={"type": "string", "minLength": 1},
            reference_id=text(40),
            customer_id=text(191),
            source=object_of(name=text()),
            ticket_name=text(30),
            state={"enum": ["OPEN", "DRAFT", None]},
            line_items={"type": ["array", "null"], "maxItems": 500, "items": _LINE},
            fulfillments={"type": ["array", "null"], "maxItems": 1, "items": _FULFILLMENT},
            metadata=_METADATA,
        )
        | {"type": "object", "required": ["location_id"]},
    )
    | {"type": "object", "required": ["order"]}
)
CANCELING = Draft202012Validator(
    object_of(
        idempotency_key=text(192),
        order=object_of(
            location_id=text(),
            version={"type": "integer"},
            state={"enum": ["CANCELED"]},
            fulfillments={
                "type": ["array", "null"],
                "items": object_of(uid=text(60), state={"enum": ["CANCELED"]})
                | {"type": "object", "required": ["uid", "state"]},
            },
        )
        | {"type": "object", "required": ["version", "state"]},
    )
    | {"type": "object", "required": ["order"]}
)


class Orders:
    """All orders, by id, as Square tells them."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._repeats: dict[str, tuple[Body, str]] = {}
        self._canceled: set[object] = set()
        self.by_id: dict[str, Body] = {}

    def clear(self) -> None:
        self._repeats.clear()
        self._canceled.clear()
        self.by_id.clear()

    def create(self, body: Body) -> Body:
        """Create an order, or give the one that this key made. Raises `Refused`."""
        key = body.get("idempotency_key")
        if key in self._repeats:
            first, number = self._repeats[str(key)]
            if first != body:
                detail = "This idempotency key was used with another request."
                raise Refused(400, Flaw("IDEMPOTENCY_KEY_REUSED", detail, "idempotency_key"))
            return self.by_id[number]
        asked = cast("Body", body["order"])
        lines = cast("list[Body]", asked.get("line_items") or [])
        flaws = [flaw for index, line in enumerate(lines) for flaw in self._flaws(index, line)]
        if flaws:
            raise Refused(404 if flaws[0].code == "NOT_FOUND" else 400, *flaws)
        number = f"ORDER{len(self.by_id) + 1:06d}"
        now = stamp(self._stock.now())
        told = {name: value for name, value in asked.items() if value is not None}
        if "fulfillments" in told:
            parts = enumerate(cast("list[Body]", told["fulfillments"]))
            told["fulfillments"] = [{"uid": f"F{index}", **part} for index, part in parts]
        made = {"id": number, "version": 1, "created_at": now, "updated_at": now}
        self.by_id[number] = {"state": "OPEN", **told, **made}
        if key is not None:
            self._repeats[str(key)] = body, number
        reference = asked.get("reference_id")
        self._stock.ledger.effect("order", number, reference=str(reference) if reference else None)
        return self.by_id[number]

    def cancel(self, number: str, body: Body) -> Body:
        """Cancel an open order and its fulfillments, or give the one that this key canceled."""
        order = self.by_id.get(number)
        if order is None:
            raise Refused(404, Flaw("NOT_FOUND", f"There is no order {number}."))
        key = body.get("idempotency_key")
        if key is not None and key in self._canceled:
            return order
        asked = cast("Body", body["order"])
        if order["state"] != "OPEN":
            detail = f"The order is {order['state']} and can't be updated."
            raise Refused(400, Flaw("BAD_REQUEST", detail, "order.state"))
        if asked["version"] != order["version"]:
            detail = f"The order has version {order['version']}."
            raise Refused(409, Flaw("CONFLICT", detail, "order.version"))
        canceled = {part["uid"] for part in cast("list[Body]", asked.get("fulfillments") or [])}
        fulfillments = cast("list[Body]", order.get("fulfillments") or [])
        if any(part["uid"] not in canceled for part in fulfillments):
            detail = "An order with open fulfillments can't be canceled."
            raise Refused(400, Flaw("BAD_REQUEST", detail, "order.fulfillments"))
        for part in fulfillments:
            part["state"] = "CANCELED"
        order |= {"state": "CANCELED", "version": cast("int", order["version"]) + 1}
        self._canceled.add(key)
        self._stock.ledger.effect("cancel", number)
        return order

    def complete(self, number: str) -> None:
        """Pay and fulfil an order, as the merchant's staff would: its items leave the stock."""
        order = self.by_id[number]
        order["state"] = "COMPLETED"
        for line in cast("list[Body]", order.get("line_items") or []):
            thing = line.get("catalog_object_id")
            if thing is not None:
                sold = Decimal(str(line["quantity"]))
                self._stock.take((str(thing), str(order["location_id"]), "IN_STOCK"), sold)

    def _flaws(self, index: int, line: Body | None) -> Iterable[Flaw]:
        place = f"order.line_items[{index}]"
        given = line or {}
        thing = given.get("catalog_object_id")
        if thing is None and not given.get("base_price_money"):
            yield Flaw("MISSING_REQUIRED_PARAMETER", "Required.", f"{place}.base_price_money")
        elif thing is not None and thing not in self._stock.catalogue:
            detail = f"No catalog object has the id {thing}."
            yield Flaw("NOT_FOUND", detail, f"{place}.catalog_object_id")
        try:
            above = Decimal(str(given.get("quantity"))) > 0
        except ArithmeticError:
            above = False
        if not above:
            yield Flaw("INVALID_VALUE", "Not a number above zero.", f"{place}.quantity")
