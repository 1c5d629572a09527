"""How much larger than its input a result can be, told from the expression alone.

Parts are shared in memory, so `[@, @] | [@, @] | …` costs nothing to compute and is endless once
written out. Where the expression can repeat its input often, the program counts the result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gateway.expressions.context import is_var

if TYPE_CHECKING:
    from gateway.expressions.syntax import Node

_MANY = 64
_CONSTANT = frozenset({"literal", "comparator", "not_expression"})
_CHAINS = frozenset({"subexpression", "pipe", "index_expression"})
_SUMS = frozenset({"multi_select_list", "multi_select_dict", "function_expression"})


def repeats_its_input(root: Node) -> bool:
    """Tell whether the result may hold the input more than a few dozen times."""
    return _copies(root, looped=False) > _MANY


def _copies(node: Node, *, looped: bool) -> float:
    """Bound how often the current value, or a scope name's, can occur in the node's result.

    `looped` says that the node runs for each element: what it reads from the scope occurs as often.
    """
    if node.kind in _CONSTANT:
        return 0
    if is_var(node):
        return math.inf if looped else 1
    children = node.children
    if node.kind in _CHAINS:
        return math.prod(max(1, _copies(child, looped=looped)) for child in children)
    if node.kind in {"projection", "value_projection", "filter_projection"}:
        left = max(1, _copies(children[0], looped=looped))
        return left * max(1, _copies(children[1], looped=True))
    if node.kind in _SUMS:
        return _sum(node, looped=looped)
    return max((_copies(child, looped=looped) for child in children), default=1)


def _sum(node: Node, *, looped: bool) -> float:
    bodies = [_copies(child, looped=True) for child in node.children if child.kind == "expref"]
    plain = [_copies(child, looped=looped) for child in node.children if child.kind != "expref"]
    return sum(plain) * math.prod(max(1, body) for body in bodies)
