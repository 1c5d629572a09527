"""Functions on arrays beyond the standard's."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions import exact
from gateway.expressions.equality import identity
from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import NUMBERS, Misfit, a_type
from gateway.expressions.whole import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.exact import Number

    By = Callable[[object], object]


def _unique(array: list[object]) -> list[object]:
    first: dict[object, object] = {}
    for element in array:
        first.setdefault(identity(element), element)
    return list(first.values())


def _unique_by(array: list[object], by: By) -> list[object]:
    first: dict[object, object] = {}
    for element in array:
        first.setdefault(identity(by(element)), element)
    return list(first.values())


def _chunk(array: list[object], size: Number) -> list[object]:
    length = whole("chunk", "size", size)
    if length < 1:
        raise Misfit("chunk() takes a size of at least 1")
    return [array[start : start + length] for start in range(0, len(array), length)]


def _allocate(quantity: Number, array: list[object], by: By) -> list[object]:
    taken: list[Number] = []
    left = quantity
    for element in array:
        there = by(element)
        if type(there) not in NUMBERS:
            raise Misfit(f"allocate() takes from numbers, not from {a_type(there)}")
        taken.append(max(0, min(cast("Number", there), left)))
        left = exact.subtract(left, taken[-1])
    if left and not array:
        raise Misfit("allocate() got nothing to take from")
    if left:
        taken[0] = exact.add(taken[0], left)
    return [
        {"quantity": part, "from": element}
        for part, element in zip(taken, array, strict=True)
        if part
    ]


def _compact(array: list[object]) -> list[object]:
    return [element for element in array if element is not None]


def _flatten_deep(array: list[object]) -> list[object]:
    flat: list[object] = []
    pending: list[object] = [array]
    while pending:
        element = pending.pop()
        if isinstance(element, list):
            pending.extend(reversed(element))
        else:
            flat.append(element)
    return flat


def _exists(value: object) -> bool:
    return value is not None


_ARRAY = takes("array", "array")

LISTS: tuple[Function, ...] = (
    Function(
        "allocate",
        (takes("quantity", "number"), _ARRAY, takes("expression", "expression")),
        "array",
        "null",
        "Takes a quantity from the elements in their order, from each at most what the expression "
        "gives: stock from the first location, say, and the rest from the next. What is beyond all "
        "of them is taken from the first. Elements of which nothing is taken are left out.",
        Example(
            """allocate(`4`, `[{"n": "a", "q": 3}, {"n": "b", "q": 5}]`, &q)[].quantity""",
            [3, 1],
        ),
        _allocate,
    ),
    Function(
        "chunk",
        (_ARRAY, takes("size", "number")),
        "array",
        "null",
        "Cuts the array into arrays of so many elements; the last one holds the rest.",
        Example("chunk(['a', 'b', 'c'], `2`)", [["a", "b"], ["c"]]),
        _chunk,
    ),
    Function(
        "compact",
        (_ARRAY,),
        "array",
        "null",
        "Leaves out the elements that are null.",
        Example("compact(['a', `null`, 'b'])", ["a", "b"]),
        _compact,
    ),
    Function(
        "exists",
        (takes("value", "any"),),
        "boolean",
        "value",
        "Tells whether the value is anything but null; false, 0 and what is empty exist.",
        Example("exists('')", result=True),
        _exists,
    ),
    Function(
        "flatten_deep",
        (takes("array", "array", deep=True),),
        "array",
        "null",
        "Gives the elements of all arrays within the array, however deep, as one array.",
        Example("flatten_deep(`[1, [2, [3]]]`)", [1, 2, 3]),
        _flatten_deep,
    ),
    Function(
        "unique",
        (takes("array", "array", deep=True, steps=3),),
        "array",
        "null",
        "Gives each element once, in the order of the first occurrences.",
        Example("unique(['a', 'b', 'a'])", ["a", "b"]),
        _unique,
    ),
    Function(
        "unique_by",
        (takes("array", "array", deep=True, steps=3), takes("expression", "expression")),
        "array",
        "null",
        "Gives the first of the elements for which the expression gives the same value.",
        Example("""unique_by(`[{"n": "a"}, {"n": "b"}, {"n": "a"}]`, &n)[].n""", ["a", "b"]),
        _unique_by,
    ),
)
