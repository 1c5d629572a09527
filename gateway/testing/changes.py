"""An expression changed a little: one field, operator, literal, index or function at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from gateway.expressions.context import Where, where_of_child
from gateway.expressions.syntax import Node, parse
from gateway.lossless import Json, dumps

Beside = Callable[[str], Iterable[str]]
"""Gives the fields that stand beside one of this name, the likeliest mistakes first."""

_OPERATORS = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OPERATOR = re.compile(r"[=!<>]=|[<>]")
_INTEGER = re.compile(r"-?[0-9]+")

_FUNCTIONS = {
    "add": "subtract",
    "avg": "max",
    "ceil": "floor",
    "ceil_to": "floor",
    "divide": "subtract",  # not "multiply", which is the same by 1 and by -1
    "ends_with": "starts_with",
    "floor": "ceil",
    "lower": "upper",
    "max": "min",
    "max_by": "min_by",
    "min": "max",
    "min_by": "max_by",
    "multiply": "add",
    "starts_with": "ends_with",
    "subtract": "add",
    "sum": "max",
    "upper": "lower",
}


@dataclass(frozen=True, slots=True)
class Change:
    """An expression as it became; from `start` to `end` it had what it now has `new` for.

    `new` is empty where that was left out.
    """

    became: str
    start: int
    end: int
    new: str


def changes_of(text: str, beside: Beside) -> list[Change]:
    """Give the changes of an expression that parses."""
    tree = parse(text)
    found = [each for node, where in _walk(tree) for each in _of_node(node, where, text, beside)]
    return [_instead(text, tree, "`null`")] if tree.kind == "field" else found


def changes_of_literal(text: str) -> list[Change]:
    """Give the changes of a number or a boolean that stands in a tree."""
    other = {"true": "false", "false": "true"}.get(text) or str(Decimal(text) + 1)
    return [Change(other, 0, len(text), other)]


def _walk(node: Node, where: Where = "root") -> Iterator[tuple[Node, Where]]:
    yield node, where
    for index, child in enumerate(node.children):
        yield from _walk(child, where_of_child(node, index, where))


def _of_node(node: Node, where: Where, text: str, beside: Beside) -> Iterator[Change]:
    match node.kind:
        case "field" if where == "element":
            yield from _of_field(node, text, beside)
        case "comparator":
            yield from _of_operator(node, text)
        case "or_expression" | "and_expression":
            yield from _of_either(node, text)
        case "not_expression":
            yield _edit(text, node.start, node.start + 1, "")
        case "literal":
            yield from _of_literal(node, text)
        case "index":
            yield from _of_index(node, text)
        case "function_expression" if node.value in _FUNCTIONS:
            name = str(node.value)
            yield _edit(text, node.start, node.start + len(name), _FUNCTIONS[name])


def _of_field(node: Node, text: str, beside: Beside) -> Iterator[Change]:
    """Read the field beside it instead."""
    name = str(node.value)
    if text[node.start : node.end] == name:  # one in quotes is left alone
        yield _instead(text, node, next(iter(beside(name)), f"{name}_"))


def _of_operator(node: Node, text: str) -> Iterator[Change]:
    left, right = node.children
    found = _OPERATOR.search(text, left.end, right.start)
    if found:
        yield _edit(text, found.start(), found.end(), _OPERATORS[found[0]])


def _of_either(node: Node, text: str) -> Iterator[Change]:
    """Leave out one of the two."""
    left, right = node.children
    for gone, kept in ((right, left), (left, right)):
        became = _instead(text, node, text[kept.start : kept.end]).became
        yield Change(became, gone.start, gone.end, "")


def _of_literal(node: Node, text: str) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool | int | Decimal) or (isinstance(value, str) and value):
        raw = text[node.start] == "'"
        other = f"{text[node.start : node.end - 1]}_'" if raw else f"`{_other(value)}`"
        yield _instead(text, node, other)


def _other(value: Json) -> str:
    if isinstance(value, bool):
        return dumps(not value).decode()
    return dumps(f"{value}_" if isinstance(value, str) else value + 1).decode()  # type: ignore[operator] # a number


def _of_index(node: Node, text: str) -> Iterator[Change]:
    """Take the last instead of the first, and the other way round; else the next one."""
    found = _INTEGER.search(text, node.start, node.end)
    if found:
        other = {0: -1, -1: 0}.get(int(found[0]), int(found[0]) + 1)
        yield _edit(text, found.start(), found.end(), str(other))


def _instead(text: str, node: Node, new: str) -> Change:
    return _edit(text, node.start, node.end, new)


def _edit(text: str, start: int, end: int, new: str) -> Change:
    return Change(f"{text[:start]}{new}{text[end:]}", start, end, new)
