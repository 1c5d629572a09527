"""The type of a value that is known: a literal, a setting, an entry of `enum`."""

from __future__ import annotations

from gateway.expressions.types.algebra import union
from gateway.expressions.types.model import UNKNOWN, Items, Shape, Type, array_of, closed, now
from gateway.expressions.values import TYPE_NAMES


def type_of_value(value: object) -> Type:
    """Give the type that has just this value."""
    if isinstance(value, list):
        return Type(arrays=(Items(tuple(now(type_of_value(each)) for each in value), None),))
    if isinstance(value, dict):
        fields = {name: now(type_of_value(each)) for name, each in value.items()}
        return Type(objects=(Shape(fields, frozenset(fields)),))
    kind = TYPE_NAMES[type(value)]
    return Type({kind: frozenset({value})})  # type: ignore[dict-item] # the scalars are left


def kind_of_value(value: object) -> Type:
    """Give the type of values that look like this one: of a setting, which may be another text."""
    if isinstance(value, list):
        return array_of(union(*map(kind_of_value, value)) if value else UNKNOWN)
    if isinstance(value, dict):
        return closed({name: kind_of_value(each) for name, each in value.items()})
    if value is None:
        return UNKNOWN
    kind = TYPE_NAMES[type(value)]
    return Type({kind: None})  # type: ignore[dict-item] # as above
