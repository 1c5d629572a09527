"""Comparisons of one value that leave each other no room, or all of it: `a == 'x' && a == 'y'`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from gateway.expressions.problems import ExpressionProblem
from gateway.expressions.types.algebra import truthy
from gateway.expressions.types.literal import type_of_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.expressions.syntax import Node

_TURNED = {"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}
_DENIED = {"eq": "ne", "ne": "eq"}
_KINDS: dict[type, str] = {bool: "boolean", str: "text", int: "number", Decimal: "number"}


@dataclass(frozen=True, slots=True)
class _Claim:
    """A comparison with a literal: of which value, how, and with what."""

    node: Node
    how: str
    value: object


def contradictions(node: Node, text: str) -> Iterator[ExpressionProblem]:
    """Say of `… && …` that it can't be true, of `… || …` that it always is."""
    if node.kind == "and_expression":
        never = _never_both(node, text)
        if never is not None:
            message = "This is never true together with what stands before it."
            advice = "For one of both write || instead of &&."
            yield ExpressionProblem("always-false", message, never.start, never.end, advice)
        return
    way_out = _always_one(node, text)
    if way_out is not None:
        message = "This is always true: each value passes one side or the other."
        yield ExpressionProblem("always-true", message, node.start, node.end, way_out)


def _never_both(node: Node, text: str) -> Node | None:
    """Give the part of `… && …` that can't be true where what stands before it is."""
    left, right = node.children
    before: dict[str, list[_Claim]] = {}
    for subject, claim in _claims(left, text, "and_expression"):
        before.setdefault(subject, []).append(claim)
    for subject, claim in _claims(right, text, "and_expression"):
        if any(_excludes(claim, other) for other in before.get(subject, ())):
            return claim.node
    return None


def _always_one(node: Node, text: str) -> str | None:
    """Say what to write instead of an `… || …` that is always true; None: it isn't."""
    left, right = node.children
    last = left.children[-1] if left.kind == "or_expression" else left
    if right.kind == "literal" and last.kind == "comparator":
        if not truthy(type_of_value(right.value)).kinds:
            return None
        compared, value = text[last.start : last.end], text[right.start : right.end]
        sign = text[last.children[0].end : last.children[1].start].strip()
        return f"Write {compared} || {text[last.start : last.children[0].end]} {sign} {value}."
    claims = dict(_claims(left, text, "or_expression"))
    for subject, claim in _claims(right, text, "or_expression"):
        other = claims.get(subject)
        if other is not None and _covers(claim, other):
            return "For neither of both write && instead of ||."
    return None


def _claims(node: Node, text: str, joined: str) -> Iterator[tuple[str, _Claim]]:
    """Give each comparison with a literal that `&&` or `||` joins, with the value's text."""
    left_over = [node]
    while left_over:
        part = left_over.pop()
        if part.kind == joined:
            left_over.extend(reversed(part.children))
        elif part.kind == "comparator":
            yield from _claim(part, text)


def _claim(node: Node, text: str) -> Iterator[tuple[str, _Claim]]:
    how = cast("str", node.value)
    first, second = node.children
    if first.kind == "literal":
        first, second, how = second, first, _TURNED.get(how, how)
    if second.kind == "literal" and first.kind != "literal" and type(second.value) in _KINDS:
        yield text[first.start : first.end], _Claim(node, how, second.value)


def _excludes(one: _Claim, other: _Claim) -> bool:
    """Say whether a value can't satisfy both."""
    if _KINDS[type(one.value)] != _KINDS[type(other.value)]:
        return "ne" not in (one.how, other.how)
    if "ne" in (one.how, other.how):
        return {one.how, other.how} == {"eq", "ne"} and one.value == other.value
    for upper, lower in ((one, other), (other, one)):
        if upper.how in ("lt", "lte", "eq") and lower.how in ("gt", "gte", "eq"):
            if upper.value < lower.value:  # type: ignore[operator] # of one kind
                return True
            if upper.value == lower.value and {"lt", "gt"} & {upper.how, lower.how}:
                return True
    return False


def _covers(one: _Claim, other: _Claim) -> bool:
    """Say whether each value satisfies one of them: neither denial leaves the other room."""
    if one.how not in _DENIED or other.how not in _DENIED:
        return False
    return _excludes(
        _Claim(one.node, _DENIED[one.how], one.value),
        _Claim(other.node, _DENIED[other.how], other.value),
    )
