"""A sample checkout and order, for `send` and `demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.telemetry.clock import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.lossless import Json


def sample(
    object_name: str, now: datetime, key: str, shirts: int = 2, coupon: str = "WELCOME-10"
) -> dict[str, Json]:
    """Make a sample; `key` becomes an order's id, and the coupon is a checkout's."""
    lines: list[Json] = [
        _line("shirt", "SHIRT-M", shirts, "19.90"),
        _line("mug", "MUG-BLUE", 1, "8.50"),
    ]
    address: Json = {
        "first_name": "Ada",
        "last_name": "Example",
        "address1": "1 Sample Street",
        "city": "Springfield",
        "province": "IL",
        "zip": "62701",
        "country_iso2": "US",
    }
    common: dict[str, Json] = {
        "currency": "USD",
        "email": "ada@example.com",
        "price": "48.30",
        "shipping_address": address,
    }
    if object_name == "checkout":
        payment: Json = {"external_id": "tok_visa", "type": "card", "amount": "48.30"}
        promotions: Json = {"coupon_codes": [coupon]}
        return {"items": lines, **common, "promotions": promotions, "payments": [payment]}
    return {"id": key, "order_items": lines, **common, "created_at": rfc3339(now)}


def _line(product: str, variant: str, quantity: int, price: str) -> Json:
    return {
        "product_id": product,
        "variant_id": variant,
        "sku": variant,
        "quantity": quantity,
        "price": price,
    }
