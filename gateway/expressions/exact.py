"""Numbers without loss: int and Decimal add, multiply and compare exactly, within fixed bounds.

A float only comes in where a document was read without `gateway.lossless`; next to a Decimal it
counts as the shortest decimal that reads back as it.
"""

from __future__ import annotations

import decimal
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Number = int | float | Decimal

# Far beyond money and ids, and small enough that no operation takes more than microseconds.
MAX_DIGITS = 300
_MAX_BITS = int(MAX_DIGITS * math.log2(10))
_QUOTIENT_DIGITS = 34  # those of IEEE 754's decimal128


class NumberTooLong(ValueError):
    """A number beyond the bounds; `str()` says which."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_DIGITS} digits, or an exponent as large")


def _context(precision: int, *traps: type[decimal.DecimalException]) -> decimal.Context:
    return decimal.Context(
        prec=precision,
        rounding=decimal.ROUND_HALF_EVEN,
        Emin=-MAX_DIGITS,
        Emax=MAX_DIGITS,
        traps=[
            decimal.InvalidOperation,
            decimal.DivisionByZero,
            decimal.Overflow,
            decimal.Subnormal,
            *traps,
        ],
    )


_EXACT = _context(MAX_DIGITS, decimal.Inexact)
_ROUNDING = _context(MAX_DIGITS)
_QUOTIENT = _context(_QUOTIENT_DIGITS)

_NUMBER = re.compile(
    r"[+-]?(?:(?P<whole>[0-9]+)|(?:[0-9]+\.[0-9]*|\.[0-9]+))(?P<e>[eE][+-]?[0-9]+)?"
)


def parse_decimal(text: str) -> Decimal:
    """Read a decimal without loss. Raises NumberTooLong."""
    try:
        return _EXACT.create_decimal(text)
    except decimal.DecimalException as error:
        raise NumberTooLong from error


def parse_number(text: str) -> int | Decimal | None:
    """Read a number as people write it, spaces around it allowed; None where the text is none.

    `NaN`, `Infinity` and `1_000` are none. Raises NumberTooLong.
    """
    if len(text) <= MAX_DIGITS and text.isdecimal() and text.isascii():
        return int(text)  # by far the commonest
    match = _NUMBER.fullmatch(text.strip(" \t\r\n"))
    if match is None:
        return None
    if match["whole"] is None or match["e"] is not None:
        return parse_decimal(match[0])
    if len(match["whole"]) > MAX_DIGITS:
        raise NumberTooLong
    return int(match[0])


def as_decimal(number: Number) -> Decimal:
    """Give the number as a Decimal; a float as the shortest decimal that reads back as it."""
    if isinstance(number, Decimal):
        return bounded(number)
    if isinstance(number, float):
        return parse_decimal(repr(number))
    _check_bits(number)
    return Decimal(number)


def bounded(number: Decimal) -> Decimal:
    """Let the number pass, unless its exponent would make it endless once written out."""
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
        raise NumberTooLong
    return number


def _check_bits(number: int) -> int:
    if number.bit_length() > _MAX_BITS:
        raise NumberTooLong
    return number


def plain(number: Number) -> str:
    """Write the number with all its digits, no exponent and no minus for zero: `0.0000001`."""
    if isinstance(number, int):
        return str(_check_bits(number))
    exact = as_decimal(number)
    return format(exact or exact.copy_abs(), "f")


def _calculate(
    whole: Callable[[int, int], int],
    exact: Callable[[Decimal, Decimal], Decimal],
    left: Number,
    right: Number,
) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        return _check_bits(whole(_check_bits(left), _check_bits(right)))
    try:
        return exact(as_decimal(left), as_decimal(right))
    except decimal.DecimalException as error:
        raise NumberTooLong from error


def add(left: Number, right: Number) -> Number:
    return _calculate(int.__add__, _EXACT.add, left, right)


def subtract(left: Number, right: Number) -> Number:
    return _calculate(int.__sub__, _EXACT.subtract, left, right)


def multiply(left: Number, right: Number) -> Number:
    return _calculate(int.__mul__, _EXACT.multiply, left, right)


def divide(left: Number, right: Number) -> Number:
    """Divide exactly where the quotient ends, else to 34 digits, half to even.

    Raises ZeroDivisionError.
    """
    if isinstance(left, int) and isinstance(right, int) and right:
        quotient, rest = divmod(_check_bits(left), _check_bits(right))
        if not rest:
            return quotient
    if not right:
        raise ZeroDivisionError
    above, below = as_decimal(left), as_decimal(right)
    try:
        return _EXACT.divide(above, below)
    except decimal.Inexact:
        return _QUOTIENT.divide(above, below)
    except decimal.DecimalException as error:
        raise NumberTooLong from error


def total(numbers: Sequence[Number]) -> Number:
    if Decimal in map(type, numbers):
        result: Number = 0
        for number in numbers:
            result = add(result, number)
        return result
    return sum(numbers)


def average(numbers: Sequence[Number]) -> Number | None:
    if not numbers:
        return None
    return divide(total(numbers), len(numbers))


def absolute(number: Number) -> Number:
    # abs() of a Decimal rounds to the ambient precision.
    return number.copy_abs() if isinstance(number, Decimal) else abs(number)


def floor(number: Number) -> int:
    return math.floor(bounded(number) if isinstance(number, Decimal) else number)


def ceil(number: Number) -> int:
    return math.ceil(bounded(number) if isinstance(number, Decimal) else number)


def rounded(number: Decimal, places: int) -> Decimal:
    """Round half to even to so many decimal places."""
    try:
        return bounded(number).quantize(Decimal(1).scaleb(-places), context=_ROUNDING)
    except decimal.DecimalException as error:
        raise NumberTooLong from error


def shifted(number: Decimal, places: int) -> Decimal:
    """Move the decimal point to the right (to the left where `places` is negative)."""
    return number.scaleb(places, context=_EXACT)


def comparable(left: Number, right: Number) -> tuple[Number, Number]:
    """Give both so that Python's operators compare what was written."""
    if type(left) is float and type(right) is Decimal:
        return as_decimal(left), right
    if type(left) is Decimal and type(right) is float:
        return left, as_decimal(right)
    return left, right
