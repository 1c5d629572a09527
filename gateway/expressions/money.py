"""Functions on money: amounts as decimals, and minor units as whole numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gateway.expressions import exact
from gateway.expressions.arithmetic import read
from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import Misfit

if TYPE_CHECKING:
    from gateway.expressions.exact import Number

# ISO 4217's minor units where they aren't 2.
_WITHOUT = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_EXPONENTS = {
    **dict.fromkeys(_WITHOUT, 0),
    **dict.fromkeys(_THREE, 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def _exponent(name: str, currency: str) -> int:
    code = currency.upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):  # noqa: PLR2004 - ISO 4217
        raise Misfit(f"{name}() takes a currency code of three letters")
    return _EXPONENTS.get(code, 2)


def _amount(name: str, value: str | Number, places: int) -> Decimal:
    return exact.rounded(exact.as_decimal(read(name, value)), places)


def _money(amount: str | Number, currency: str) -> str:
    return exact.plain(_amount("money", amount, _exponent("money", currency)))


def _to_minor(amount: str | Number, currency: str) -> int:
    places = _exponent("to_minor", currency)
    return int(exact.shifted(_amount("to_minor", amount, places), places))


def _from_minor(units: str | Number, currency: str) -> Decimal:
    places = _exponent("from_minor", currency)
    whole = exact.as_decimal(read("from_minor", units))
    if whole != whole.to_integral_value():
        raise Misfit("from_minor() takes a whole number of minor units")
    return exact.shifted(exact.rounded(whole, 0), -places)


_AMOUNT = takes("amount", "string", "number")
_CURRENCY = takes("currency", "string")

MONEY: tuple[Function, ...] = (
    Function(
        "from_minor",
        (takes("units", "string", "number"), _CURRENCY),
        "number",
        "null",
        "Gives the amount of so many minor units (cents, say) of the currency.",
        Example("from_minor(`1999`, 'USD')", Decimal("19.99")),
        _from_minor,
    ),
    Function(
        "money",
        (_AMOUNT, _CURRENCY),
        "string",
        "null",
        "Writes the amount with the decimal places of the currency, rounded half to even.",
        Example("money('19.9', 'USD')", "19.90"),
        _money,
    ),
    Function(
        "to_minor",
        (_AMOUNT, _CURRENCY),
        "number",
        "null",
        "Gives the amount in minor units of the currency, rounded half to even.",
        Example("to_minor('19.99', 'USD')", 1999),
        _to_minor,
    ),
)
