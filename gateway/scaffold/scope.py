"""What expressions are tried on: a sample checkout or order, and the names around it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.contracts import Contract
from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.lossless import Json
from gateway.scaffold.samples import Sampler
from gateway.scaffold.shape import Shape

KEY = "5b1c3cf8-7a1a-5d7e-9d0a-2c37c04b90b0"
"""An idempotency key's shape, to try it on a schema."""


@dataclass(slots=True)
class Scope:
    """A sample of what Nacelle sends, for one contract.

    The ids of its line and its currency may become what the vendor's schema wants, once: all that
    is written afterwards has to go with that.
    """

    contract: Contract
    line: dict[str, Json]
    document: dict[str, Json]
    fixed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, contract: Contract) -> Scope:
        line: dict[str, Json] = {
            "product_id": "1001",
            "variant_id": "2001",
            "sku": "SHIRT-M",
            "quantity": 2,
            "price": "19.90",
        }
        return cls(contract, line, _document(contract, line))

    def fits(self, expression: str, shape: Shape) -> bool:
        """Say whether a schema takes an expression's value, or what the sample can be made to."""
        field_ = _ADAPTABLE.get(expression)
        value = self.value(expression)
        if value is not None and shape.takes(value):
            self.fixed.add(field_ or "")
            return True
        if field_ is None or field_ in self.fixed:
            return False
        wanted = Sampler().make(shape, name=field_)
        if not isinstance(wanted, str) or not wanted.strip():
            return False
        self.adopt(field_, wanted)
        return True

    def adopt(self, field_: str, value: str) -> None:
        """Let the sample carry a value of the vendor's."""
        self.fixed.add(field_)
        if field_ in self.line:
            self.line[field_] = value
        elif field_ == "country_iso2":
            address = self.document["shipping_address"]
            if isinstance(address, dict):
                address[field_] = value
        else:
            self.document[field_] = value

    def value(self, expression: str, **more: Json) -> Json:
        """Evaluate on the sample; null where that fails."""
        name = self.contract.object
        names: dict[str, Json] = {
            name: self.document,
            "lines": [self.line],
            "line": self.line,
            "index": 0,
            "order_key": self.document["id"] if self.contract.effect else None,
            "ship": self.document["shipping_address"],
            "keys": [self.line["variant_id"]],
            "key": KEY if self.contract.effect else None,
            **more,
        }
        try:
            found: Json = compile_expression(expression, None).search(names)  # type: ignore[assignment] # JSON gives JSON
        except ExpressionFailed:
            return None
        return found


_ADAPTABLE = {
    "line.sku": "sku",
    "line.variant_id": "variant_id",
    "line.product_id": "product_id",
    "checkout.currency": "currency",
    "order.currency": "currency",
    "ship.country_iso2": "country_iso2",
}


def _document(contract: Contract, line: dict[str, Json]) -> dict[str, Json]:
    address: dict[str, Json] = {
        "first_name": "Ada",
        "last_name": "Example",
        "company": "Example Ltd",
        "address1": "1 Sample Street",
        "address2": "Floor 2",
        "city": "Springfield",
        "province": "IL",
        "zip": "62701",
        "country_iso2": "US",
        "phone": "+15555550100",
    }
    common: dict[str, Json] = {
        "currency": "USD",
        "email": "ada@example.com",
        "phone": "+15555550100",
        "price": "39.80",
        "subtotal": "39.80",
        "tax": "0.00",
        "created_at": "2026-01-01T00:00:00Z",
        "shipping_address": address,
    }
    if contract.object == "order":
        return {"id": "order-1", **common, "order_items": [line]}
    payment: Json = {"external_id": "tok_visa", "type": "card", "amount": "39.80"}
    promotions: Json = {"coupon_codes": ["WELCOME-10"]}
    return {
        "id": "checkout-1",
        **common,
        "items": [line],
        "promotions": promotions,
        "payments": [payment],
    }
