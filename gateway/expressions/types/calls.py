"""Function calls: whether the arguments can fit, and the type of what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.problems import ExpressionProblem
from gateway.expressions.types.algebra import (
    can_equal,
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
)
from gateway.expressions.types.words import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateway.expressions.signature import Function
    from gateway.expressions.syntax import Node
    from gateway.expressions.types.faults import On

_ORDERED_BY = frozenset({"max_by", "min_by", "sort_by"})
_BY_WORD = {
    "any": UNKNOWN,
    "array": array_of(UNKNOWN),
    "array[number]": array_of(NUMBER),
    "array[string]": array_of(STRING),
    "boolean": BOOLEAN,
    "null": NULL,
    "number": NUMBER,
    "object": BLANK,
    "string": STRING,
}


def argument_problems(
    function: Function, nodes: Sequence[Node], sides: Sequence[On]
) -> list[ExpressionProblem]:
    """Say which arguments can never be taken."""
    found = [
        problem
        for index, (node, side) in enumerate(zip(nodes, sides, strict=True))
        if (problem := _argument_problem(function, index, node, side)) is not None
    ]
    if not found and function.name == "contains":
        found.extend(_search_problem(nodes[1], *sides))
    return found


def _argument_problem(
    function: Function, index: int, node: Node, side: On
) -> ExpressionProblem | None:
    parameter = function.parameter(index)
    if "expression" in parameter.types and function.name in _ORDERED_BY:
        return _order_problem(function, node, side)
    if {"any", "expression"} & set(parameter.types) or side.type.unknown:
        return None
    there = without_null(side.type)
    if not there.kinds:
        if function.nulls != "refused" or not side.type.kinds:
            return None
    elif any(_fits(there, word) for word in parameter.types):
        return None
    message = (
        f"{function.name}() takes {parameter.wanted}, and `{side.text}` is {described(there)}."
    )
    if not there.kinds:
        message = f"{function.name}() takes {parameter.wanted}, and `{side.text}` is null."
    advice = _advice(parameter.types, there, side.text)
    return ExpressionProblem("argument-type", message, node.start, node.end, advice)


def _order_problem(function: Function, node: Node, side: On) -> ExpressionProblem | None:
    there = without_null(side.type)
    if there.unknown or not there.kinds or there.may_be("number") or there.may_be("string"):
        return None
    message = f"{function.name}() orders by numbers or texts, and this is {described(there)}."
    return ExpressionProblem("argument-type", message, node.start, node.end)


def _search_problem(node: Node, subject: On, search: On) -> Iterator[ExpressionProblem]:
    """Say that contains() looks for what can't be in there."""
    there, wanted = without_null(subject.type), without_null(search.type)
    if there.unknown or wanted.unknown or not there.kinds or not wanted.kinds:
        return
    in_text = there.may_be("string") and wanted.may_be("string")
    element = element_of(Type(arrays=there.arrays))
    in_array = bool(there.arrays) and (not element.kinds or can_equal(element, wanted))
    if not in_text and not in_array:
        message = (
            f"contains() never finds this: `{subject.text}` is {described(there)}, "
            f"and `{search.text}` is {described(wanted)}."
        )
        yield ExpressionProblem("argument-type", message, node.start, node.end)


def _fits(type_: Type, word: str) -> bool:
    kind, _, element = word.partition("[")
    if kind not in type_.kinds:
        return False
    if not element:
        return True
    return any(_holds(part, element[:-1]) for part in type_.arrays)


def _holds(items: Items, kind: str) -> bool:
    """Say whether an array can hold elements of this kind alone."""
    rest = items.rest.get() if items.rest is not None else None
    if not all(later.get().may_be(kind) for later in items.first):
        return False
    return bool(items.first) or rest is None or not rest.kinds or rest.may_be(kind)


def _advice(wanted: Sequence[str], given: Type, text: str) -> str | None:
    written = text[:1] not in ("'", "`")
    if "number" in wanted and given.kinds == {"string"} and written:
        return f"Write to_number({text})."
    if "string" in wanted and given.kinds == {"number"}:
        return f"Write to_string({text})." if written else f"For text write '{text.strip('`')}'."
    if "array[number]" in wanted and given.arrays and "[" in text and text[-1] not in ")]}":
        head, dot, last = text.rpartition(".")
        return f"Write {head}.to_number({last})." if dot else None
    if "array[number]" in wanted and given.arrays:
        return "Make numbers of them with to_number(…)."
    if any(word.startswith("array") for word in wanted) and "string" not in wanted and written:
        return None if given.arrays else f"For an array of one write [{text}]."
    return None


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
    return STRING if types[0].unknown else Type({"string": frozenset(types[0].kinds)})


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
    "keys": lambda _: array_of(STRING),
    "lookup": _lookup,
    "map": lambda types: array_of(types[0]),
    "max": _one_element,
    "max_by": _one_element,
    "merge": _merge,
    "min": _one_element,
    "min_by": _one_element,
    "not_null": _not_null,
    "reverse": _reverse,
    "sort": _sorted_array,
    "sort_by": _sorted_array,
    "split": lambda _: array_of(STRING),
    "to_array": _to_array,
    "to_number": _to_number,
    "to_string": _to_string,
    "type": _type,
    "unique": _sorted_array,
    "values": _values,
}
