"""The functions of the JMESPath specification that put things in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import TYPE_NAMES, Misfit, a_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.exact import Number

    By = Callable[[object], object]
    Ordered = list[str] | list[Number]


def _max(array: Ordered) -> object:
    return max(array, default=None)


def _min(array: Ordered) -> object:
    return min(array, default=None)


def _sort(array: Ordered) -> object:
    return sorted(array)


def _keys(name: str, array: list[object], by: By) -> list[object]:
    """Evaluate the sort key of each element: all numbers or all strings."""
    keys = [by(element) for element in array]
    kinds = {TYPE_NAMES.get(type(key), "unknown") for key in keys}
    for key in keys:
        if TYPE_NAMES.get(type(key)) not in ("number", "string"):
            raise Misfit(f"{name}() orders by numbers or strings, not by {a_type(key)}")
    if len(kinds) > 1:
        raise Misfit(f"{name}() orders by numbers or by strings, not by both")
    return keys


def _sort_by(array: list[object], by: By) -> list[object]:
    keys = _keys("sort_by", array, by)
    order = sorted(range(len(array)), key=keys.__getitem__)  # type: ignore[arg-type] # checked above
    return [array[index] for index in order]


def _max_by(array: list[object], by: By) -> object:
    keys = _keys("max_by", array, by)
    if not keys:
        return None
    return array[max(range(len(array)), key=keys.__getitem__)]  # type: ignore[arg-type] # checked


def _min_by(array: list[object], by: By) -> object:
    keys = _keys("min_by", array, by)
    if not keys:
        return None
    return array[min(range(len(array)), key=keys.__getitem__)]  # type: ignore[arg-type] # checked


_SORTED = 8  # steps for each element: it is compared with several others
_ORDERED = takes("array", "array[number]", "array[string]")
_ARRAY = takes("array", "array")
_BY = takes("expression", "expression")
_STOCK = """`[{"n": "a", "q": 2}, {"n": "b", "q": 1}]`"""

ORDERING: tuple[Function, ...] = (
    Function(
        "max",
        (_ORDERED,),
        "any",
        "refused",
        "Gives the greatest number or text; null of an empty array.",
        Example("max(`[1, 3, 2]`)", 3),
        _max,
    ),
    Function(
        "max_by",
        (_ARRAY, _BY),
        "any",
        "refused",
        "Gives the element for which the expression is greatest; null of an empty array.",
        Example(f"max_by({_STOCK}, &q).n", "a"),
        _max_by,
    ),
    Function(
        "min",
        (_ORDERED,),
        "any",
        "refused",
        "Gives the least number or text; null of an empty array.",
        Example("min(['b', 'a'])", "a"),
        _min,
    ),
    Function(
        "min_by",
        (_ARRAY, _BY),
        "any",
        "refused",
        "Gives the element for which the expression is least; null of an empty array.",
        Example(f"min_by({_STOCK}, &q).n", "b"),
        _min_by,
    ),
    Function(
        "sort",
        (takes("array", "array[number]", "array[string]", steps=_SORTED),),
        "array",
        "refused",
        "Sorts numbers or texts, the least first.",
        Example("sort(`[2, 1]`)", [1, 2]),
        _sort,
    ),
    Function(
        "sort_by",
        (takes("array", "array", steps=_SORTED), _BY),
        "array",
        "refused",
        "Sorts the elements by what the expression gives: all numbers or all texts.",
        Example(f"sort_by({_STOCK}, &q)[].n", ["b", "a"]),
        _sort_by,
    ),
)
