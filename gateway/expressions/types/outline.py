"""Types with their fields, for people: `array of objects {sku, quantity, note?, … 12 more}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.names import as_name
from gateway.expressions.types.algebra import (
    element_of,
    field_of,
    fields_of,
    union,
    without_null,
)
from gateway.expressions.types.words import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.expressions.types.model import Type


def outline(type_: Type, width: int) -> str:
    """Describe a type with as many of its fields as fit, those first that are always there.

    A `?` marks a field that may be missing or null. What has no fields is described alone, and may
    be longer than `width`.
    """
    names = [name for name, _ in fields(type_)]
    there = without_null(type_)
    head = describe(there)
    tail = " or null" if type_.nullable and not type_.unknown else ""
    if not names:
        return describe(type_)
    ordered = sorted(names, key=lambda name: name.endswith("?"))
    for count in range(len(ordered), 0, -1):
        more = f", … {len(ordered) - count} more" if count < len(ordered) else ""
        said = f"{head} {{{', '.join(ordered[:count])}{more}}}{tail}"
        if len(said) <= width:
            return said
    return f"{head} of {len(ordered)} field{'s' * (len(ordered) != 1)}{tail}"


def fields(type_: Type) -> Iterator[tuple[str, Type]]:
    """Give the fields of an object, or of an array's objects, with their types.

    The names are as an expression writes them, with a `?` where the field may be missing or null.
    """
    there = without_null(type_)
    if there.kinds == {"array"}:
        there = without_null(element_of(there))
    if there.unknown or there.kinds != {"object"}:
        return
    for name in fields_of(there.objects):
        found = [field_of(shape, name) for shape in there.objects]
        known = union(*(each for each in found if each is not None))
        sure = all(name in shape.required for shape in there.objects) and (
            known.unknown or not known.nullable
        )
        yield as_name(name) + "?" * (not sure), known
