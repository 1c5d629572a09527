"""The type of what a function call gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.types.algebra import (
    element_of,
    field_of,
    nullable,
    union,
    values_of,
    without_null,
)
from gateway.expressions.types.model import (
    BLANK,
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    Items,
    Later,
    Shape,
    Type,
    array_of,
    closed,
    now,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.expressions.signature import Function

_KINDS: frozenset[object] = frozenset({"array", "boolean", "null", "number", "object", "string"})
_DEEPEST = 8
"""Arrays within arrays beyond this tell nothing any more: a schema's may have no end."""

_BY_WORD = {
    "any": UNKNOWN,
    "array": array_of(UNKNOWN),
    "boolean": BOOLEAN,
    "bytes": UNKNOWN,
    "number": NUMBER,
    "object": BLANK,
    "string": STRING,
}


def result_of(function: Function, types: Sequence[Type]) -> Type:
    """Give the type of what a function returns for arguments of these types.

    Of an argument `&expression` the type is that of its value for each element.
    """
    rule = _RULES.get(function.name)
    made = rule(types) if rule is not None else _BY_WORD[function.returns]
    if function.nulls == "null" and any(type_.nullable for type_ in types):
        return nullable(made)
    return made


def _reverse(types: Sequence[Type]) -> Type:
    arrays = array_of(element_of(types[0]))
    return arrays if types[0].kinds == {"array"} else union(arrays, STRING)


def _sorted_array(types: Sequence[Type]) -> Type:
    return array_of(element_of(types[0]))


def _one_element(types: Sequence[Type]) -> Type:
    return nullable(without_null(element_of(types[0])))


def _values(types: Sequence[Type]) -> Type:
    if types[0].unknown:
        return array_of(UNKNOWN)
    return array_of(union(*(values_of(shape) for shape in types[0].objects)))


def _not_null(types: Sequence[Type]) -> Type:
    found = union(*(without_null(type_) for type_ in types))
    return nullable(found) if all(type_.nullable for type_ in types) else found


def _to_array(types: Sequence[Type]) -> Type:
    (given,) = types
    if given.unknown:
        return array_of(UNKNOWN)
    single = Type(given.scalars, (), given.objects)
    arrays = Type(arrays=given.arrays)
    return union(arrays, array_of(single)) if single.kinds else arrays


def _to_number(types: Sequence[Type]) -> Type:
    return types[0] if types[0].kinds == {"number"} else nullable(NUMBER)


def _to_string(types: Sequence[Type]) -> Type:
    return types[0] if types[0].kinds == {"string"} else STRING


def _type(types: Sequence[Type]) -> Type:
    kinds = _KINDS if types[0].unknown else frozenset[object](types[0].kinds)
    return Type({"string": kinds})


def _lookup(types: Sequence[Type]) -> Type:
    table, key = types
    texts = key.scalars.get("string")
    if table.unknown:
        return UNKNOWN
    if texts and key.kinds == {"string"}:
        found = [field_of(shape, str(text)) for shape in table.objects for text in texts]
        return nullable(union(*(type_ or NULL for type_ in found)))
    return nullable(union(*(values_of(shape) for shape in table.objects)))


def _merge(types: Sequence[Type]) -> Type:
    """Give the object whose fields come from all; what isn't known of one isn't known of all."""
    if any(type_.unknown or len(type_.objects) != 1 for type_ in types):
        return BLANK
    fields: dict[str, Later] = {}
    required: frozenset[str] = frozenset()
    for (shape,) in (type_.objects for type_ in types):
        if shape.extra is not None or shape.patterns:
            return BLANK
        for name, later in shape.fields.items():
            sure = name in shape.required or name not in fields
            fields[name] = later if sure else _either(fields[name], later)
        required |= shape.required
    return Type(objects=(Shape(fields, required),))


def _either(first: Later, second: Later) -> Later:
    return Later(lambda: union(first.get(), second.get()))


def _compact(types: Sequence[Type]) -> Type:
    return array_of(without_null(element_of(types[0])))


def _chunk(types: Sequence[Type]) -> Type:
    return array_of(array_of(element_of(types[0])))


def _allocate(types: Sequence[Type]) -> Type:
    return array_of(closed({"quantity": NUMBER, "from": without_null(element_of(types[1]))}))


def _flatten_deep(types: Sequence[Type]) -> Type:
    found: list[Type] = []
    inner = element_of(types[0])
    for _ in range(_DEEPEST):
        found.append(Type(inner.scalars, (), inner.objects, inner.unknown))
        if not inner.arrays:
            return array_of(union(*found))
        inner = element_of(Type(arrays=inner.arrays))
    return array_of(UNKNOWN)


def _items(types: Sequence[Type]) -> Type:
    (given,) = types
    value = UNKNOWN if given.unknown else union(*map(values_of, given.objects))
    return array_of(closed({"key": STRING, "value": value}))


def _from_items(types: Sequence[Type]) -> Type:
    element = element_of(types[0])
    if element.unknown:
        return BLANK
    return _table(union(*(field_of(shape, "value") or NULL for shape in element.objects)))


def _index_by(types: Sequence[Type]) -> Type:
    return _table(element_of(types[0]))


def _group_by(types: Sequence[Type]) -> Type:
    return _table(array_of(element_of(types[0])))


def _table(value: Type) -> Type:
    """Give an object with any keys."""
    return Type(objects=(Shape(extra=now(value)),))


_TEXTS = Type(arrays=(Items((now(STRING),), now(STRING)),))
_MATCH = nullable(Type(arrays=(Items((now(STRING),), now(nullable(STRING))),)))
"""The whole stretch, and then the groups."""

_RULES: dict[str, Callable[[Sequence[Type]], Type]] = {
    "allocate": _allocate,
    "avg": lambda _: nullable(NUMBER),
    "chunk": _chunk,
    "compact": _compact,
    "flatten_deep": _flatten_deep,
    "from_items": _from_items,
    "group_by": _group_by,
    "index_by": _index_by,
    "items": _items,
    "keys": lambda _: array_of(STRING),
    "link": lambda _: nullable(STRING),
    "lookup": _lookup,
    "map": lambda types: array_of(types[0]),
    "max": _one_element,
    "max_by": _one_element,
    "merge": _merge,
    "min": _one_element,
    "min_by": _one_element,
    "not_null": _not_null,
    "regex_match": lambda _: _MATCH,
    "reverse": _reverse,
    "sort": _sorted_array,
    "sort_by": _sorted_array,
    "split": lambda _: _TEXTS,
    "to_array": _to_array,
    "to_number": _to_number,
    "to_string": _to_string,
    "type": _type,
    "unique": _sorted_array,
    "unique_by": _sorted_array,
    "values": _values,
}
