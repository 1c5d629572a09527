"""Function calls: whether the arguments can fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.problems import ExpressionProblem
from gateway.expressions.types.algebra import (
    can_equal,
    element_of,
    without_null,
)
from gateway.expressions.types.model import (
    Items,
    Type,
)
from gateway.expressions.types.words import described

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.expressions.signature import Function
    from gateway.expressions.syntax import Node
    from gateway.expressions.types.faults import On

_PAIR = 2
_BY = {
    "group_by": "makes keys of",
    "index_by": "makes keys of",
    "max_by": "orders by",
    "min_by": "orders by",
    "sort_by": "orders by",
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
    if _swapped(function, sides) and len(found) == len(nodes):
        one, two = (side.text for side in sides)
        message = f"The arguments of {function.name}() stand the other way round."
        advice = f"Write {function.name}({two}, {one})."
        return [ExpressionProblem("argument-type", message, nodes[0].start, nodes[1].end, advice)]
    if not found and function.name == "contains":
        found.extend(_search_problem(nodes[1], *sides))
    return found


def _swapped(function: Function, sides: Sequence[On]) -> bool:
    """Say whether each of two arguments fits the other's place."""
    if len(sides) != _PAIR or len(function.parameters) != _PAIR:
        return False
    return all(
        not side.type.unknown and any(_fits(without_null(side.type), word) for word in other.types)
        for side, other in zip(sides, reversed(function.parameters), strict=True)
    )


def _argument_problem(
    function: Function, index: int, node: Node, side: On
) -> ExpressionProblem | None:
    parameter = function.parameter(index)
    if "expression" in parameter.types and function.name in _BY:
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
    does = _BY[function.name]
    message = f"{function.name}() {does} numbers or texts, and this is {described(there)}."
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
