"""Steps that compare."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, cast

from gateway.expressions import exact
from gateway.expressions.values import NUMBERS, Misfit, a_type, equal, spend_for_comparing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.exact import Number
    from gateway.expressions.paths import Step
    from gateway.expressions.syntax import Node
    from gateway.expressions.values import Run

    Compare = Callable[..., bool]

_ORDERINGS: dict[object, tuple[str, Compare]] = {
    "lt": ("<", operator.lt),
    "lte": ("<=", operator.le),
    "gt": (">", operator.gt),
    "gte": (">=", operator.ge),
}


def build_comparison(node: Node, left: Step, right: Step) -> Step:
    if node.value in _ORDERINGS:
        return _ordering(*_ORDERINGS[node.value], left, right)
    literal = node.children[1]
    if literal.kind == "literal" and isinstance(literal.value, str):
        return _text_equality(left, literal.value, negated=node.value == "ne")
    if node.value == "ne":
        return lambda value, run: not equal(left(value, run), right(value, run), run)
    return lambda value, run: equal(left(value, run), right(value, run), run)


def _text_equality(left: Step, text: str, *, negated: bool) -> Step:
    # By far the commonest comparison; a text has no special cases.
    if negated:
        return lambda value, run: left(value, run) != text
    return lambda value, run: left(value, run) == text


def _ordering(symbol: str, compare: Compare, left: Step, right: Step) -> Step:
    """Compile an ordering: null unless both sides are numbers or strings, an error if mixed."""

    def ordered(value: object, run: Run) -> object:
        a, b = left(value, run), right(value, run)
        a_number, b_number = type(a) in NUMBERS, type(b) in NUMBERS
        if a_number and b_number:
            return compare(*exact.comparable(cast("Number", a), cast("Number", b)))
        if isinstance(a, str) and isinstance(b, str):
            spend_for_comparing(a, run)
            return compare(a, b)
        if (a_number or isinstance(a, str)) and (b_number or isinstance(b, str)):
            raise Misfit(f"`{symbol}` can't compare {a_type(a)} with {a_type(b)}")
        return None

    return ordered
