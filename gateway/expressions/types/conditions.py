"""Conditions that can never be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.types.algebra import falsy, truthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.syntax import Node
    from gateway.expressions.types.model import Type


def never_true(node: Node, type_of: Callable[[Node], Type]) -> list[Node]:
    """Find the parts of a condition for which it can never be true."""
    if node.kind == "and_expression":
        return [part for child in node.children for part in never_true(child, type_of)]
    if node.kind == "or_expression":
        parts = [never_true(child, type_of) for child in node.children]
        return parts[0] if all(parts) else []
    if node.kind == "not_expression":
        possible = falsy(type_of(node.children[0]))
    else:
        possible = truthy(type_of(node))
    return [] if possible.unknown or possible.kinds else [node]
