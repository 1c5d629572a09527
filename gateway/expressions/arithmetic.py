"""Functions that calculate, exactly, and that read numbers from text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gateway.expressions import exact
from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import Misfit

if TYPE_CHECKING:
    from gateway.expressions.exact import Number


def read(name: str, value: str | Number) -> Number:
    """Read a number that may be written as text. Raises Misfit, naming the function."""
    if not isinstance(value, str):
        return value
    number = exact.parse_number(value)
    if number is None:
        raise Misfit(f"{name}() got text that is no number")
    return number


def _to_int(value: str | Number) -> int:
    return exact.floor(read("to_int", value))


def _decimal(value: str | Number) -> Decimal:
    return exact.as_decimal(read("decimal", value))


def _divide(left: Number, right: Number) -> Number:
    if not right:
        raise Misfit("divide() can't divide by zero")
    return exact.divide(left, right)


_LEFT, _RIGHT = takes("left", "number"), takes("right", "number")
_WRITTEN = takes("value", "string", "number")

ARITHMETIC: tuple[Function, ...] = (
    Function(
        "add",
        (_LEFT, _RIGHT),
        "number",
        "null",
        "Adds two numbers exactly.",
        Example("add(`0.1`, `0.2`)", Decimal("0.3")),
        exact.add,
    ),
    Function(
        "decimal",
        (_WRITTEN,),
        "number",
        "null",
        "Gives the number, or the number that the text holds, as a decimal with all its digits.",
        Example("decimal('19.90')", Decimal("19.90")),
        _decimal,
    ),
    Function(
        "divide",
        (_LEFT, _RIGHT),
        "number",
        "null",
        "Divides exactly where the quotient ends, else to 34 digits, half to even.",
        Example("divide(`1`, `8`)", Decimal("0.125")),
        _divide,
    ),
    Function(
        "multiply",
        (_LEFT, _RIGHT),
        "number",
        "null",
        "Multiplies two numbers exactly.",
        Example("multiply(`19.99`, `3`)", Decimal("59.97")),
        exact.multiply,
    ),
    Function(
        "subtract",
        (_LEFT, _RIGHT),
        "number",
        "null",
        "Takes the right number from the left exactly.",
        Example("subtract(`1`, `0.9`)", Decimal("0.1")),
        exact.subtract,
    ),
    Function(
        "to_int",
        (_WRITTEN,),
        "number",
        "null",
        "Gives the number, or the number that the text holds, rounded down to a whole one.",
        Example("to_int('2.50000')", 2),
        _to_int,
    ),
)
