"""Tree to closures: each node becomes one function of the current value and the run.

What a node does is jmespath's; its errors come as Misfit or as Python's own, for the program to
turn into ExpressionFailed. The tree must have passed `checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.calls import build_call
from gateway.expressions.comparisons import build_comparison
from gateway.expressions.context import is_var, var_name, where_of_child
from gateway.expressions.paths import (
    build_fields,
    build_flatten,
    build_index,
    build_literal,
    build_root,
    build_slice,
    chain,
    current,
)
from gateway.expressions.projections import build_filter, build_projection, build_values
from gateway.expressions.values import is_true

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.context import Where
    from gateway.expressions.paths import Step
    from gateway.expressions.syntax import Node
    from gateway.expressions.values import Run


def build(node: Node, where: Where) -> Step:
    """Compile a node that is evaluated against the scope's root or against an element."""
    if is_var(node):
        return build_root(cast("str", var_name(node)))
    return _BUILDERS[node.kind](node, where)


def _children(node: Node, where: Where) -> list[Step]:
    return [
        build(child, where_of_child(node, index, where))
        for index, child in enumerate(node.children)
    ]


def _field(node: Node, where: Where) -> Step:
    name = cast("str", node.value)
    return build_root(name) if where == "root" else build_fields((name,))


def _chain(node: Node, where: Where) -> Step:
    """Compile what feeds one part's value to the next, runs of plain fields as one step."""
    steps: list[Step] = []
    names: list[str] = []
    for index, child in enumerate(node.children):
        inner = where_of_child(node, index, where)
        if child.kind == "field" and inner == "element":
            names.append(cast("str", child.value))
            continue
        if names:
            steps.append(build_fields(tuple(names)))
            names = []
        if child.kind != "identity":
            steps.append(build(child, inner))
    if names:
        steps.append(build_fields(tuple(names)))
    return chain(steps)


def _index(node: Node, _where: Where) -> Step:
    return build_index(cast("int", node.value))


def _slice(node: Node, _where: Where) -> Step:
    return build_slice(slice(*cast("tuple[int | None, int | None, int | None]", node.value)))


def _literal(node: Node, _where: Where) -> Step:
    return build_literal(node.value)


def _current(_node: Node, _where: Where) -> Step:
    return current


def _flatten(node: Node, where: Where) -> Step:
    return build_flatten(*_children(node, where))


def _comparator(node: Node, where: Where) -> Step:
    left, right = _children(node, where)
    return build_comparison(node, left, right)


def _or(node: Node, where: Where) -> Step:
    left, right = _children(node, where)

    def either(value: object, run: Run) -> object:
        result = left(value, run)
        return result if is_true(result) else right(value, run)

    return either


def _and(node: Node, where: Where) -> Step:
    left, right = _children(node, where)

    def both(value: object, run: Run) -> object:
        result = left(value, run)
        return right(value, run) if is_true(result) else result

    return both


def _not(node: Node, where: Where) -> Step:
    (inner,) = _children(node, where)
    return lambda value, run: not is_true(inner(value, run))


def _list(node: Node, where: Where) -> Step:
    steps = tuple(_children(node, where))

    def select(value: object, run: Run) -> object:
        if value is None:
            return None
        return [step(value, run) for step in steps]

    return select


def _dict(node: Node, where: Where) -> Step:
    pairs = tuple(
        (cast("str", pair.value), build(pair.children[0], where)) for pair in node.children
    )

    def select(value: object, run: Run) -> object:
        if value is None:
            return None
        return {key: step(value, run) for key, step in pairs}

    return select


def _projection(node: Node, where: Where) -> Step:
    left, right = _children(node, where)
    return build_projection(node, left, right)


def _value_projection(node: Node, where: Where) -> Step:
    left, right = _children(node, where)
    return build_values(node, left, right)


def _filter(node: Node, where: Where) -> Step:
    left, right, condition = _children(node, where)
    return build_filter(node, left, right, condition)


def _call(node: Node, where: Where) -> Step:
    return build_call(
        node,
        [
            build(child.children[0], "element") if child.kind == "expref" else build(child, where)
            for child in node.children
        ],
    )


_BUILDERS: dict[str, Callable[[Node, Where], Step]] = {
    "and_expression": _and,
    "comparator": _comparator,
    "current": _current,
    "field": _field,
    "filter_projection": _filter,
    "flatten": _flatten,
    "function_expression": _call,
    "identity": _current,
    "index": _index,
    "index_expression": _chain,
    "literal": _literal,
    "multi_select_dict": _dict,
    "multi_select_list": _list,
    "not_expression": _not,
    "or_expression": _or,
    "pipe": _chain,
    "projection": _projection,
    "slice": _slice,
    "subexpression": _chain,
    "value_projection": _value_projection,
}
