"""What is known of the names in a mapping's scope before anything has arrived: their types."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import get_args

from gateway.expressions.types.algebra import element_of, field_of, nullable, union, without_null
from gateway.expressions.types.model import (
    NEVER,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    Shape,
    Type,
    array_of,
    closed,
    now,
)
from gateway.plan.names import Meaning, Origin
from gateway.vendors.client import FaultKind

_LINE_KEYS = ("items", "order_items")

HEADERS = Type(objects=(Shape(patterns=((re.compile("^[^A-Z]*$"), now(STRING)),)),))
"""Names of headers come in lower case."""

FAULT = Type({"null": frozenset({None}), "string": frozenset(get_args(FaultKind))})
ORDER_KEY = nullable(STRING)
ATTEMPT = Meaning(Origin.SETTINGS, renewed=True, type=NUMBER)
KEY = union(NUMBER, STRING)
ANY_ARRAY = array_of(UNKNOWN)


def lines_type(document: Type) -> Type:
    """Give the type of `lines`, wherever a checkout or an order keeps them."""
    homes = [document, element_of(_field(document, "orders"))]
    found = [element_of(_field(home, key)) for home in homes for key in _LINE_KEYS]
    element = union(*found)
    return array_of(element if element.unknown or element.kinds else UNKNOWN)


def orders_type(document: Type) -> Type:
    """Give the type of `orders`: the parts of a multi-order, or the object itself."""
    return array_of(union(element_of(_field(document, "orders")), document))


def answer_types(body: Type) -> dict[str, Type]:
    """Give the types of an answer's parts."""
    return {"status": nullable(NUMBER), "headers": HEADERS, "body": body}


def calls_type(
    answered: Mapping[str, Mapping[str, Type]], lists: Container[str], results: Container[str]
) -> Type:
    """Give the type of `calls` from those of the answers.

    `lists` are the calls with `each`, `results` those with a `result`.
    A name that isn't among them is reported as an unknown call.
    """
    answers = {}
    for name, types in answered.items():
        parts = {**types, **({"result": UNKNOWN} if name in results else {})}
        listed = name in lists
        answers[name] = now(array_of(closed(_ELEMENT | parts)) if listed else closed(parts))
    return Type(objects=(Shape(answers, frozenset(answers), extra=now(UNKNOWN)),))


def shared_types(body: Type, path: Sequence[str]) -> dict[str, Type]:
    """Give the types of a shared call's answer: it has its rows, and nothing else of any call's."""
    rows = without_null(body)
    for name in path:
        rows = _field(rows, name)
    for name in reversed(path):
        rows = closed({name: rows})
    return {"status": NULL, "headers": closed({}), "body": rows}


_ELEMENT = {"item": UNKNOWN, "index": NUMBER, "outcome": STRING}


def _field(type_: Type, name: str) -> Type:
    if type_.unknown:
        return UNKNOWN
    found = [field_of(shape, name) for shape in type_.objects]
    return without_null(union(*(each for each in found if each is not None), NEVER))
