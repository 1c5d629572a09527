"""Functions on arrays and objects beyond the standard's."""

from __future__ import annotations

from decimal import Decimal

from gateway.expressions import exact
from gateway.expressions.signature import Example, Function, takes


def _identity(value: object) -> object:
    """Give something hashable that is equal for equal JSON; true isn't 1, but 1.0 is."""
    if isinstance(value, list):
        return ("array", *map(_identity, value))
    if isinstance(value, dict):
        return ("object", frozenset((key, _identity(part)) for key, part in value.items()))
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, (float, Decimal)):
        return exact.as_decimal(value)
    return value


def _unique(array: list[object]) -> list[object]:
    first: dict[object, object] = {}
    for element in array:
        first.setdefault(_identity(element), element)
    return list(first.values())


def _lookup(table: dict[str, object], key: str) -> object:
    return table.get(key)


LOOKUPS: tuple[Function, ...] = (
    Function(
        "lookup",
        (takes("object", "object"), takes("key", "string")),
        "any",
        "null",
        "Gives the value under a key that is itself computed; null where there is none.",
        Example("""lookup(`{"visa": "VI"}`, 'visa')""", "VI"),
        _lookup,
    ),
    Function(
        "unique",
        (takes("array", "array", deep=True, steps=3),),
        "array",
        "null",
        "Gives each element once, in the order of the first occurrences.",
        Example("unique(['a', 'b', 'a'])", ["a", "b"]),
        _unique,
    ),
)
