"""What function calls give, by the types of their arguments."""

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
    NEVER,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
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

_DEPTH = 8
_KINDS = frozenset({"array", "boolean", "null", "number", "object", "string"})
_BY_WORD = {
    "any": UNKNOWN,
    "array": array_of(UNKNOWN),
    "array[number]": array_of(NUMBER),
    "array[string]": array_of(STRING),
    "boolean": BOOLEAN,
    "bytes": UNKNOWN,
    "null": NULL,
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


def _table_of(values: Type) -> Type:
    """Give an object of keys that only the data knows."""
    return Type(objects=(Shape(extra=now(values)),))


def _items(types: Sequence[Type]) -> Type:
    values = union(*(values_of(shape) for shape in types[0].objects))
    return array_of(closed({"key": STRING, "value": UNKNOWN if types[0].unknown else values}))


def _from_items(types: Sequence[Type]) -> Type:
    element = element_of(types[0])
    found = [field_of(shape, "value") for shape in element.objects]
    if element.unknown or not found:
        return BLANK
    return _table_of(union(*(type_ or NULL for type_ in found)))


def _flat(types: Sequence[Type]) -> Type:
    """Give the elements of arrays in arrays; of ones that hold themselves nothing is known."""
    kept, left = NEVER, element_of(types[0])
    for _ in range(_DEPTH):
        if left.unknown:
            break
        kept = union(kept, Type(left.scalars, (), left.objects))
        if not left.arrays:
            return array_of(kept)
        left = element_of(Type(arrays=left.arrays))
    return array_of(UNKNOWN)


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
    return Type({"string": _KINDS if types[0].unknown else frozenset(types[0].kinds)})


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


_RULES: dict[str, Callable[[Sequence[Type]], Type]] = {
    "avg": lambda _: nullable(NUMBER),
    "chunk": lambda types: array_of(array_of(element_of(types[0]))),
    "compact": lambda types: array_of(without_null(element_of(types[0]))),
    "flatten_deep": _flat,
    "from_items": _from_items,
    "group_by": lambda types: _table_of(array_of(element_of(types[0]))),
    "index_by": lambda types: _table_of(element_of(types[0])),
    "items": _items,
    "keys": lambda _: array_of(STRING),
    "lookup": _lookup,
    "map": lambda types: array_of(types[0]),
    "max": _one_element,
    "max_by": _one_element,
    "merge": _merge,
    "min": _one_element,
    "min_by": _one_element,
    "not_null": _not_null,
    "regex_match": lambda _: nullable(array_of(nullable(STRING))),
    "reverse": _reverse,
    "sort": _sorted_array,
    "sort_by": _sorted_array,
    "split": lambda _: array_of(STRING),
    "to_array": _to_array,
    "to_number": _to_number,
    "to_string": _to_string,
    "type": _type,
    "unique": _sorted_array,
    "unique_by": _sorted_array,
    "values": _values,
}
