"""Where the parts of an expression stand that its tree has no nodes for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.expressions.syntax import Node


def end_of_bracket(node: Node, text: str) -> int:
    """Find the end of the bracket of a `flatten` or of a slice."""
    if node.kind == "index_expression":
        return node.children[-1].end
    inner = node.children[0]
    start = node.start if inner.kind == "identity" else inner.end
    return text.find("]", start) + 1


def bracket_of(node: Node, text: str) -> tuple[int, int]:
    """Find the bracket of a projection, a filter or a `flatten`."""
    inner = node.children[0]
    start = node.start if inner.kind == "identity" else text.find("[", inner.end)
    after = node.children[2].end if node.kind == "filter_projection" else start
    return start, text.find("]", after) + 1
