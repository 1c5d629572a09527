"""Which orders are the same: a digest of what must not differ in a repeat."""

from __future__ import annotations

import hashlib
from typing import Final

from gateway.lossless import Json, dumps
from gateway.plan.exchange import Exchange, Plan

_OF_LINES: Final = ("product_id", "variant_id", "quantity")
_OF_ORDERS: Final = ("price", "subtotal", "tax", "currency")


def digest_of(plan: Plan, exchange: Exchange) -> str:
    """Digest what `delivery.same` gives, or else lines, totals and currency. Raises Refusal."""
    same = plan.delivery.same if plan.delivery is not None else None
    value = same.render(exchange.frame) if same is not None else _usual(exchange)
    return hashlib.sha256(dumps(value)).hexdigest()


def _usual(exchange: Exchange) -> Json:
    lines: list[Json] = [[line.get(name) for name in _OF_LINES] for line in exchange.lines]
    totals: list[Json] = [exchange.document.get(name) for name in _OF_ORDERS]
    return [lines, totals]
