"""Stock: whole, never negative, and shared by the lines that want the same thing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from gateway.errors import Reason, Refusal
from gateway.expressions.exact import NumberTooLong, parse_number
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.exchange import Exchange, Line

STOCK = "available"
_NAMED = ("product_id", "variant_id", "quantity", STOCK)


def whole_stock(value: Json) -> int | None:
    """Read stock as vendors write it (`"79"`, `"2.50000"`, -3): rounded down, at least 0.

    None where it is no number.
    """
    if type(value) is int:
        return max(0, value)
    number: Json | Decimal = value
    if isinstance(value, str):
        try:
            number = parse_number(value)
        except NumberTooLong:
            return None
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)):
        return None
    return max(0, math.floor(number))


def quantity_of(line: Line) -> int:
    """Give a line's quantity, a whole number by the contract's schema."""
    quantity = line.get("quantity")
    return int(quantity) if isinstance(quantity, (int, Decimal)) else 0


@dataclass(slots=True)
class Shelf:
    """What the lines of one key have taken so far, in the order in which they stand."""

    vendor: str
    taken: dict[str, int] = field(default_factory=dict)

    def take(self, key: str, value: Json, line: Line) -> int:
        """Give what is left for this line. Raises Refusal where the vendor's stock is no number."""
        stock = whole_stock(value)
        if stock is None:
            raise faults.of_nonsense(self.vendor, f"stock is {type(value).__name__}, no number")
        before = self.taken.get(key, 0)
        available = max(0, stock - before)
        self.taken[key] = before + min(available, quantity_of(line))
        return available


def refuse_lines(reason: Reason, message: str, lines: Iterable[Line]) -> Refusal:
    """Word a 422 that lists the lines it is about."""
    named: list[Json] = [{key: line[key] for key in _NAMED if key in line} for line in lines]
    return Refusal(422, reason, message, details={"lines": named})


@dataclass(frozen=True, slots=True)
class ShortageStep:
    """Ends the exchange where a join found lines short, before anything is taken."""

    name: str = "shortage"

    async def run(self, exchange: Exchange) -> None:
        if exchange.short:
            raise refuse_lines("out_of_stock", "There is not enough stock", exchange.short)
