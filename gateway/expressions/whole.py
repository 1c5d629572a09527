"""Arguments that count something: whole numbers within reason."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gateway.expressions import exact
from gateway.expressions.values import Misfit

if TYPE_CHECKING:
    from gateway.expressions.exact import Number


def whole(name: str, parameter: str, number: Number) -> int:
    """Give the argument as an int. Raises Misfit, naming the function, where it is a fraction."""
    if isinstance(number, int):
        return number
    decimal = exact.as_decimal(number)
    if decimal != decimal.to_integral_value():
        raise Misfit(f"{name}() takes a whole number as its {parameter}")
    return int(decimal)


def shortest(number: Number) -> str:
    """Write a number so that equal ones read the same: `1`, `1.0` and `1e0` are `1`."""
    text = exact.plain(number if not isinstance(number, float) else Decimal(repr(number)))
    return text.rstrip("0").rstrip(".") if "." in text else text
