"""Where a part of an expression is evaluated: against the scope, or against an element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gateway.expressions.syntax import Node

Where = Literal["root", "element"]

_LEFT_ONLY = frozenset({"subexpression", "pipe", "index_expression", "projection"}) | {
    "value_projection",
    "filter_projection",
}


def where_of_child(node: Node, index: int, where: Where) -> Where:
    """Say where a node's child is evaluated, given where the node is."""
    if node.kind == "expref" or (index > 0 and node.kind in _LEFT_ONLY):
        return "element"
    return where


def is_var(node: Node) -> bool:
    """Tell `var('name')`, which is no function: it reads the scope from anywhere."""
    return node.kind == "function_expression" and node.value == "var"


def var_name(node: Node) -> str | None:
    """Give the name that a `var('name')` reads; None where its argument isn't one literal text."""
    if len(node.children) != 1:
        return None
    name = node.children[0]
    return name.value if name.kind == "literal" and isinstance(name.value, str) else None
