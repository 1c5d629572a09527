"""Steps that evaluate something for each element and leave nulls out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.values import is_true

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.expressions.paths import Step
    from gateway.expressions.syntax import Node
    from gateway.expressions.values import Run

# By time and by memory: an object takes several times the space of a list.
_WEIGHTS = {"function_expression": 10, "multi_select_dict": 4, "multi_select_list": 2}


def weight(node: Node) -> int:
    """Count the steps that evaluating the node once takes, loops within it aside."""
    return sum(_WEIGHTS.get(part.kind, 1) for part in node.walk())


def build_projection(node: Node, left: Step, right: Step) -> Step:
    each = weight(node.children[1])
    collect = _collector(node.children[1], right)

    def project(value: object, run: Run) -> object:
        base = left(value, run)
        if not isinstance(base, list):
            return None
        run.spend(len(base) * each)
        return collect(base, run)

    return project


def build_values(node: Node, left: Step, right: Step) -> Step:
    each = weight(node.children[1])
    collect = _collector(node.children[1], right)

    def project(value: object, run: Run) -> object:
        base = left(value, run)
        if not isinstance(base, dict):
            return None
        run.spend(len(base) * each)
        return collect(base.values(), run)

    return project


def build_filter(node: Node, left: Step, right: Step, condition: Step) -> Step:
    each = weight(node.children[1]) + weight(node.children[2])
    collect = _collector(node.children[1], right)

    def sift(value: object, run: Run) -> object:
        base = left(value, run)
        if not isinstance(base, list):
            return None
        run.spend(len(base) * each)
        return collect((element for element in base if is_true(condition(element, run))), run)

    return sift


def _collector(node: Node, right: Step) -> Callable[[Iterable[object], Run], list[object]]:
    if node.kind == "identity":
        return lambda elements, _run: [element for element in elements if element is not None]

    def collect(elements: Iterable[object], run: Run) -> list[object]:
        return [result for element in elements if (result := right(element, run)) is not None]

    return collect
