"""What the generated functions may name: nothing else is within their reach."""

from __future__ import annotations

import operator
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from gateway.expressions import exact
from gateway.expressions.values import (
    NUMBERS,
    Misfit,
    Run,
    a_type,
    equal,
    spend_for,
    spend_for_comparing,
    spend_for_texts,
    spend_in_full,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.expressions.exact import Number

    Compare = Callable[..., bool]
    Ordering = Callable[[object, object, Run], bool | None]

_STRINGS = frozenset({str})
_ORDERED = NUMBERS | _STRINGS


def flatten(value: object, run: Run) -> list[object] | None:
    """Merge the arrays within an array into it, one level deep; null of what is no array."""
    if not isinstance(value, list):
        return None
    run.spend(len(value))
    if list not in map(type, value):
        return value
    run.spend(sum(len(element) for element in value if isinstance(element, list)))
    merged: list[object] = []
    for element in value:
        if isinstance(element, list):
            merged.extend(element)
        else:
            merged.append(element)
    return merged


def without_nulls(elements: Iterable[object]) -> list[object]:
    return [element for element in elements if element is not None]


def _ordering(symbol: str, compare: Compare) -> Ordering:
    """Make an ordering: null unless both sides are numbers or strings, an error if mixed."""

    def ordered(left: object, right: object, run: Run) -> bool | None:
        kind = type(left)
        if kind not in _ORDERED or type(right) not in _ORDERED:
            return None
        if isinstance(left, str) and isinstance(right, str):
            spend_for_comparing(left, run)
            return compare(left, right)
        if str in (kind, type(right)):
            raise Misfit(f"`{symbol}` can't compare {a_type(left)} with {a_type(right)}")
        return compare(*exact.comparable(cast("Number", left), cast("Number", right)))

    return ordered


def wrong_type(function: str, wanted: str, value: object) -> Misfit:
    return Misfit(f"{function}() takes {wanted}, not {a_type(value)}")


def wrong_element(
    function: str, wanted: str, known: frozenset[type], array: list[object]
) -> Misfit:
    strange = [each for each in array if type(each) not in known]
    what = f"{a_type(strange[0])} in it" if strange else "both"
    return Misfit(f"{function}() takes {wanted}, not one with {what}")


NAMES: Mapping[str, object] = MappingProxyType(
    {
        "__builtins__": {},
        "EMPTY": MappingProxyType({}),
        "NUMBERS": NUMBERS,
        "Run": Run,
        "STRINGS": _STRINGS,
        "at_least": _ordering(">=", operator.ge),
        "at_most": _ordering("<=", operator.le),
        "bool": bool,
        "dict": dict,
        "equal": equal,
        "flatten": flatten,
        "isinstance": isinstance,
        "len": len,
        "less": _ordering("<", operator.lt),
        "list": list,
        "map": map,
        "more": _ordering(">", operator.gt),
        "spend_for": spend_for,
        "spend_for_texts": spend_for_texts,
        "spend_in_full": spend_in_full,
        "str": str,
        "type": type,
        "without_nulls": without_nulls,
        "wrong_element": wrong_element,
        "wrong_type": wrong_type,
    }
)
