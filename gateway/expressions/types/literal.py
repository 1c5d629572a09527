"""The type of a value that is known: a literal, a setting, an entry of `enum`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.expressions.types.model import UNKNOWN, Items, Shape, Type, listing, now
from gateway.expressions.values import TYPE_NAMES


def type_of_value(value: object) -> Type:
    """Give the type that has just this value."""
    if isinstance(value, list):
        return listing(map(type_of_value, value))
    if isinstance(value, dict):
        fields = {name: now(type_of_value(each)) for name, each in value.items()}
        return Type(objects=(Shape(fields, frozenset(fields)),))
    kind = TYPE_NAMES[type(value)]
    return Type({kind: frozenset({value})})  # type: ignore[dict-item] # the scalars are left


def kind_of_value(value: object) -> Type:
    """Give the type of values that look like this one: of a setting, which may be another text."""
    return _kind_of([value])


def _kind_of(values: Sequence[object]) -> Type:
    """Give the type of values that look like any of these; null alone tells nothing."""
    arrays = [value for value in values if isinstance(value, list)]
    objects = [value for value in values if isinstance(value, dict)]
    kinds = {TYPE_NAMES[type(value)] for value in values} - {"array", "object"}
    if not arrays and not objects and kinds <= {"null"}:
        return UNKNOWN
    return Type(
        {kind: frozenset({None}) if kind == "null" else None for kind in sorted(kinds)},  # type: ignore[misc] # the scalars are left
        (Items((), now(_kind_of([each for array in arrays for each in array]))),) if arrays else (),
        (_shape_of(objects),) if objects else (),
    )


def _shape_of(objects: Sequence[Mapping[str, object]]) -> Shape:
    """Give the one shape of all: rows of data differ in what they leave out."""
    names = dict.fromkeys(name for each in objects for name in each)
    fields = {
        name: now(_kind_of([each[name] for each in objects if name in each])) for name in names
    }
    return Shape(fields, frozenset(names).intersection(*objects))
