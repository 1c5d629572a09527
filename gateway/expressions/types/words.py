"""Types in words, for messages and for `gateway explain`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from gateway.expressions.names import as_text
from gateway.expressions.types.algebra import element_of, fields_of

if TYPE_CHECKING:
    from gateway.expressions.types.model import Type, Values

_MOST_VALUES = 6
_MOST_FIELDS = 8
_DEPTH = 2
_NOUNS = {"boolean": "boolean", "number": "number", "string": "text"}
_PLURALS = {"boolean": "booleans", "number": "numbers", "string": "texts"}


def describe(type_: Type, depth: int = _DEPTH) -> str:
    """Say what a value may be: `text or null`, `array of objects`, `'IN_STOCK' or 'SOLD'`."""
    if type_.unknown:
        return "anything"
    words = [
        _NOUNS[kind] if values is None else _values(values)
        for kind, values in type_.scalars.items()
        if kind != "null"
    ]
    words.extend([_array(type_, depth)] if type_.arrays else [])
    words.extend(["object"] if type_.objects else [])
    words.extend(["null"] if "null" in type_.scalars else [])
    return " or ".join(words) or "nothing"


def _array(type_: Type, depth: int) -> str:
    element = element_of(type_)
    if element.unknown or not element.kinds or depth == 0:
        return "array"
    kinds = element.kinds - {"null"}
    if kinds == {"object"}:
        return "array of objects"
    if kinds == {"array"}:
        return "array of arrays"
    (*_, kind) = kinds or {"null"}
    plain = kind in _PLURALS and element.scalars.get(kind) is None  # type: ignore[call-overload] # a scalar's
    if len(kinds) == 1 and plain:
        return f"array of {_PLURALS[kind]}"
    return f"array of ({describe(element, depth - 1)})"


def _values(values: Values) -> str:
    shown = sorted(_literal(value) for value in values or ())
    if len(shown) > _MOST_VALUES:
        shown = [*shown[:_MOST_VALUES], "…"]
    return " or ".join(shown)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return as_text(value)
    if isinstance(value, Decimal):
        return f"`{value}`"
    return f"`{json.dumps(value)}`"


def described(type_: Type) -> str:
    """Say what a value is, with an article: `an array of texts`, `text or null`."""
    words = describe(type_, 1)
    article = {"array": "an ", "object": "an ", "boolean": "a ", "number": "a "}
    return article.get(words.partition(" ")[0], "") + words


def a_kind(type_: Type) -> str:
    """Name what a value is where a part is taken that it hasn't: `an array`, `text`, `a number`."""
    names = {
        "array": "an array",
        "boolean": "a boolean",
        "number": "a number",
        "object": "an object",
        "string": "text",
    }
    return " or ".join(names[kind] for kind in sorted(type_.kinds - {"null"})) or "null"


def known_fields(type_: Type) -> str:
    """List an object's fields for advice."""
    names = fields_of(type_.objects)
    more = len(names) - _MOST_FIELDS
    return ", ".join(names[:_MOST_FIELDS]) + (f" and {more} more" if more > 0 else "")
