"""Nodes that compare: in place what needs no care, with a function of `support` what does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.codegen.paths import literal

if TYPE_CHECKING:
    from gateway.expressions.codegen.writer import Spot, Writer
    from gateway.expressions.syntax import Node

_SHORT = 1000  # characters that are compared within the steps of the node itself
_ORDERINGS: dict[object, tuple[str, str]] = {
    "lt": ("<", "less"),
    "lte": ("<=", "at_most"),
    "gt": (">", "more"),
    "gte": (">=", "at_least"),
}


def emit_comparison(node: Node, at: Spot, out: Writer) -> str:
    if node.value in _ORDERINGS:
        return _ordering(*_ORDERINGS[node.value], node, at, out)
    equal = _equality(node, at, out)
    return out.truth(equal if node.value == "eq" else f"not ({equal})")


def _equality(node: Node, at: Spot, out: Writer) -> str:
    left, right = node.children
    a = out.emit(left, at, out)
    if right.kind == "literal" and _is_simple(right.value):
        return _equals_simple(a, right.value, out)
    b = out.emit(right, at, out)
    out.uses_run = True
    short = f"type({a}) is str and len({a}) < {_SHORT}"
    return f"{a} == {b} if {short} else equal({a}, {b}, run)"


def _is_simple(value: object) -> bool:
    return value is None or isinstance(value, (bool, str, int))


def _equals_simple(a: str, value: object, out: Writer) -> str:
    """Write `==` with a literal. To Python true is 1 and false is 0, to JMESPath they aren't."""
    if value is None or isinstance(value, bool):
        return f"{a} is {value}"
    code = f"{a} == {literal(value, out)}"
    return f"{code} and type({a}) is not bool" if value in (0, 1) else code


def _ordering(symbol: str, function: str, node: Node, at: Spot, out: Writer) -> str:
    """Write `<` and the like: numbers next to a whole number need no care."""
    left, right = node.children
    a, b = out.emit(left, at, out), out.emit(right, at, out)
    out.uses_run = True
    call = f"{function}({a}, {b}, run)"
    if right.kind == "literal" and type(right.value) is int:
        return out.truth(f"{a} {symbol} {b} if type({a}) in NUMBERS else {call}")
    return out.truth(call)
