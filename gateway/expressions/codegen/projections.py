"""Nodes that evaluate something for each element and leave nulls out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.codegen.writer import Spot

if TYPE_CHECKING:
    from gateway.expressions.codegen.writer import Writer
    from gateway.expressions.syntax import Node

# By time and by memory: an object takes several times the space of a list.
_WEIGHTS = {"function_expression": 10, "multi_select_dict": 4, "multi_select_list": 2}


def weight(node: Node) -> int:
    """Count the steps that evaluating the node once takes, loops within it aside."""
    return sum(_WEIGHTS.get(part.kind, 1) for part in node.walk())


def emit_projection(node: Node, at: Spot, out: Writer) -> str:
    return _projected(node, "list", "", at, out)


def emit_filter(node: Node, at: Spot, out: Writer) -> str:
    return _projected(node, "list", "", at, out)


def emit_values(node: Node, at: Spot, out: Writer) -> str:
    return _projected(node, "dict", ".values()", at, out)


def _projected(node: Node, kind: str, elements: str, at: Spot, out: Writer) -> str:
    """Write a projection of an array's elements, those that pass its condition if it has one."""
    left, right, *conditions = node.children
    base = out.emit(left, at, out)
    result = out.let("array", "None")
    each = weight(right) + sum(map(weight, conditions))
    with out.block(f"if isinstance({base}, {kind}):"):
        out.spend(f"{each} * len({base})")
        if right.kind == "identity" and not conditions:
            out.line(f"{result} = without_nulls({base}{elements})")
            return result
        element = out.name("element")
        out.line(f"{result} = []")
        with out.block(f"for {element} in {base}{elements}:"):
            _collect(right, conditions, Spot("element", element), result, out)
    return result


def _collect(right: Node, conditions: list[Node], at: Spot, result: str, out: Writer) -> None:
    for condition in conditions:
        with out.block(f"if not {out.test(out.emit(condition, at, out))}:"):
            out.line("continue")
    value = out.emit(right, at, out)
    with out.block(f"if {value} is not None:"):
        out.line(f"{result}.append({value})")
