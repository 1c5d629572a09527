"""What is known of the names in a mapping's scope before anything has arrived: their types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from gateway.expressions.types.algebra import element_of, field_of, nullable, union, without_null
from gateway.expressions.types.model import (
    NEVER,
    NUMBER,
    STRING,
    UNKNOWN,
    Shape,
    Type,
    array_of,
    closed,
    now,
)
from gateway.vendors.client import FaultKind

_LINE_KEYS = ("items", "order_items")

HEADERS = Type(objects=(Shape(patterns=((re.compile("^[^A-Z]*$"), now(STRING)),)),))
"""Names of headers come in lower case."""

FAULT = Type({"null": frozenset({None}), "string": frozenset(get_args(FaultKind))})
ORDER_KEY = nullable(STRING)
KEY = union(NUMBER, STRING)
ANY_ARRAY = array_of(UNKNOWN)
PAGE = closed({"next": UNKNOWN})


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


def calls_type(bodies: Mapping[str, Type]) -> Type:
    """Give the type of `calls`; a name that isn't among them is reported as an unknown call."""
    answers = {name: now(closed(answer_types(body))) for name, body in bodies.items()}
    return Type(objects=(Shape(answers, frozenset(answers), extra=now(UNKNOWN)),))


def _field(type_: Type, name: str) -> Type:
    if type_.unknown:
        return UNKNOWN
    found = [field_of(shape, name) for shape in type_.objects]
    return without_null(union(*(each for each in found if each is not None), NEVER))
