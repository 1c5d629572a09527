"""Functions that round numbers and keep them within bounds, exactly."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from gateway.expressions import exact
from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import Misfit
from gateway.expressions.whole import whole

if TYPE_CHECKING:
    from decimal import Decimal

    from gateway.expressions.exact import Number


def _round(value: Number, places: Number) -> Decimal:
    digits = whole("round", "places", places)
    if abs(digits) > exact.MAX_DIGITS:
        raise exact.NumberTooLong
    return exact.rounded(exact.as_decimal(value), digits)


def _ceil_to(value: Number, step: Number) -> Number:
    if step <= 0:
        raise Misfit("ceil_to() takes a step above 0")
    steps = math.ceil(Fraction(exact.as_decimal(value)) / Fraction(exact.as_decimal(step)))
    return exact.multiply(steps, step)


def _clamp(value: Number, least: Number, most: Number) -> Number:
    if _less(most, least):
        raise Misfit("clamp() takes the lower bound first")
    if _less(value, least):
        return least
    return most if _less(most, value) else value


def _less(left: Number, right: Number) -> bool:
    one, other = exact.comparable(left, right)
    return one < other


_VALUE = takes("value", "number")

ROUNDING: tuple[Function, ...] = (
    Function(
        "ceil_to",
        (_VALUE, takes("step", "number")),
        "number",
        "null",
        "Rounds up to a multiple of the step: to full packs, say.",
        Example("ceil_to(`7`, `6`)", 12),
        _ceil_to,
    ),
    Function(
        "clamp",
        (_VALUE, takes("least", "number"), takes("most", "number")),
        "number",
        "null",
        "Gives the number, or the bound that it is beyond.",
        Example("clamp(`-3`, `0`, `99`)", 0),
        _clamp,
    ),
    Function(
        "round",
        (_VALUE, takes("places", "number")),
        "number",
        "null",
        "Rounds to so many decimal places, half to even; with -2, to hundreds.",
        Example("round(`2.665`, `2`)", exact.parse_decimal("2.66")),
        _round,
    ),
)
