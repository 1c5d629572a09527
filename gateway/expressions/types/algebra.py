"""Types joined, met and narrowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product

from gateway.expressions.types.model import (
    NEVER,
    NULL,
    UNKNOWN,
    Items,
    Later,
    ScalarKind,
    Shape,
    Type,
    Values,
    now,
)

_MOST_PARTS = 64
"""More alternatives than this tell nothing any more."""


def union(*types: Type) -> Type:
    """Give the type of a value that is of any of these."""
    if any(each.unknown for each in types):
        return UNKNOWN
    if len(types) == 1:
        return types[0]
    scalars: dict[ScalarKind, Values] = {}
    for each in types:
        for kind, values in each.scalars.items():
            known = scalars.get(kind, frozenset())
            scalars[kind] = None if known is None or values is None else known | values
    arrays = tuple(dict.fromkeys(part for each in types for part in each.arrays))
    objects = tuple(dict.fromkeys(part for each in types for part in each.objects))
    if len(arrays) + len(objects) > _MOST_PARTS:
        return UNKNOWN
    return Type(scalars, arrays, objects)


def nullable(type_: Type) -> Type:
    return type_ if type_.nullable else union(type_, NULL)


def without_null(type_: Type) -> Type:
    if type_.unknown or "null" not in type_.scalars:
        return type_
    scalars = dict(type_.scalars)
    del scalars["null"]
    return Type(scalars, type_.arrays, type_.objects)


def truthy(type_: Type) -> Type:
    """Keep what JMESPath takes for true: not null, not false, nothing empty."""
    if type_.unknown:
        return type_
    scalars: dict[ScalarKind, Values] = {}
    for kind, values in type_.scalars.items():
        kept = _true_values(kind, values)
        if kept is None or kept:
            scalars[kind] = kept
    arrays = tuple(part for part in type_.arrays if part.first or part.rest is not None)
    objects = tuple(shape for shape in type_.objects if not _is_empty(shape))
    return Type(scalars, arrays, objects)


def _is_empty(shape: Shape) -> bool:
    return not shape.fields and not shape.patterns and shape.extra is None


def _true_values(kind: ScalarKind, values: Values) -> Values:
    if kind == "null":
        return frozenset()
    if kind == "boolean":
        return frozenset({True}) if values is None or True in values else frozenset()
    if kind == "string" and values is not None:
        return values - {""}
    return values


def falsy(type_: Type) -> Type:
    """Keep what JMESPath takes for false."""
    if type_.unknown:
        return type_
    scalars: dict[ScalarKind, Values] = {}
    for kind, values in type_.scalars.items():
        empty = {"null": None, "boolean": False, "string": ""}
        if kind in empty and (values is None or empty[kind] in values):
            scalars[kind] = frozenset({empty[kind]})
    arrays = (Items((), None),) if type_.arrays else ()
    objects = (Shape(),) if any(not shape.required for shape in type_.objects) else ()
    return Type(scalars, arrays, objects)


def element_of(type_: Type) -> Type:
    """Give the type of an array's elements; NEVER where it can't have any."""
    if type_.unknown:
        return UNKNOWN
    parts = [later for part in type_.arrays for later in (*part.first, part.rest) if later]
    return union(*(part.get() for part in parts)) if parts else NEVER


def at(type_: Type, index: int) -> Type:
    """Give the type of one element: null where the array may be too short."""
    if type_.unknown:
        return UNKNOWN
    found: list[Type] = []
    for part in type_.arrays:
        if 0 <= index < len(part.first) or (
            index < 0 and part.rest is None and -index <= len(part.first)
        ):
            found.append(part.first[index].get())
        else:
            found.extend([element_of(Type(arrays=(part,))), NULL])
    return union(*found, NULL) if type_.kinds != {"array"} else union(*found)


def unless_array(type_: Type, result: Type) -> Type:
    """Give a result that is null unless the type is an array for sure."""
    if type_.unknown:
        return UNKNOWN if result.unknown else nullable(result)
    return result if type_.kinds == {"array"} else nullable(result)


def values_of(shape: Shape) -> Type:
    """Give the type of an object's values."""
    parts = [*shape.fields.values(), *(later for _, later in shape.patterns)]
    if shape.extra is not None:
        parts.append(shape.extra)
    return union(*(part.get() for part in parts)) if parts else NEVER


def field_of(shape: Shape, name: str) -> Type | None:
    """Give the type of one field, null where it may be missing; None: there is no such field."""
    later = shape.fields.get(name)
    if later is not None:
        return later.get() if name in shape.required else nullable(later.get())
    matching = [found.get() for pattern, found in shape.patterns if pattern.search(name)]
    if matching:
        return nullable(union(*matching))
    return nullable(shape.extra.get()) if shape.extra is not None else None


def meet(left: Type, right: Type) -> Type:
    """Give the type of a value that is of both, as in `allOf`."""
    if left.unknown or right.unknown:
        return right if left.unknown else left
    scalars: dict[ScalarKind, Values] = {}
    for kind, values in left.scalars.items():
        if kind in right.scalars:
            both = _common(values, right.scalars[kind])
            if both is None or both:
                scalars[kind] = both
    arrays = tuple(_meet_items(a, b) for a, b in product(left.arrays, right.arrays))
    objects = tuple(_meet_shapes(a, b) for a, b in product(left.objects, right.objects))
    return Type(scalars, arrays, objects)


def _common(left: Values, right: Values) -> Values:
    if left is None or right is None:
        return right if left is None else left
    return left & right


def _meet_later(left: Later, right: Later) -> Later:
    return Later(lambda: meet(left.get(), right.get()))


def _meet_items(left: Items, right: Items) -> Items:
    if left.first or right.first:
        return left if left.first else right
    if left.rest is None or right.rest is None:
        return Items((), None)
    return Items((), _meet_later(left.rest, right.rest))


def _meet_shapes(left: Shape, right: Shape) -> Shape:
    """Join what both say about an object: a part of `allOf` needn't repeat the others' fields."""
    fields = dict(left.fields)
    for name, later in right.fields.items():
        fields[name] = _meet_later(fields[name], later) if name in fields else later
    extra = left.extra if right.extra is None else right.extra
    if left.blank or right.blank:
        extra = right.extra if left.blank else left.extra
    required = left.required | right.required
    for name in required:
        fields.setdefault(name, now(UNKNOWN if extra is None else extra.get()))
    return Shape(
        fields,
        required,
        (*left.patterns, *right.patterns),
        extra,
        blank=left.blank and right.blank,
        sealed=extra is None and (left.sealed or right.sealed),
    )


def widened(type_: Type, *others: Type) -> Type:
    """Add the others' fields as ones that may be there, as `then` and `else` do."""
    found = {
        name: later for each in others for s in each.objects for name, later in s.fields.items()
    }
    objects = tuple(replace(shape, fields={**found, **shape.fields}) for shape in type_.objects)
    return Type(type_.scalars, type_.arrays, objects, type_.unknown)


def can_equal(left: Type, right: Type) -> bool:
    """Say whether two values can be equal other than by both being null."""
    if left.unknown or right.unknown:
        return True
    left, right = _unless_only_null(left), _unless_only_null(right)
    if (left.arrays and right.arrays) or (left.objects and right.objects):
        return True
    if _is_only_null(left) or _is_only_null(right):  # what is there may be null all the same
        return True
    common: Mapping[ScalarKind, Values] = {
        kind: _common(values, right.scalars[kind])
        for kind, values in left.scalars.items()
        if kind in right.scalars
    }
    return any(values is None or values for values in common.values())


def _unless_only_null(type_: Type) -> Type:
    return type_ if _is_only_null(type_) else without_null(type_)


def _is_only_null(type_: Type) -> bool:
    return type_.kinds <= {"null"}


def fields_of(types: Iterable[Shape]) -> list[str]:
    """Name the fields of all shapes, in their order."""
    return list(dict.fromkeys(name for shape in types for name in shape.fields))
