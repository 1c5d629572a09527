"""Compiled expressions do what jmespath's interpreter does, on documents without decimals."""

from __future__ import annotations

import json
from typing import cast

import jmespath
from hypothesis import HealthCheck, assume, given, settings
from jmespath.exceptions import JMESPathError

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.syntax import Node, parse
from tests.expressions.grammar import DOCUMENTS, EXPRESSIONS

FAILED = "failed"


def _ours(expression: str, document: object) -> object:
    program = compile_expression(expression, None)
    try:
        return _plain(program.search(document))
    except ExpressionFailed:
        return FAILED


def _theirs(expression: str, document: object) -> object:
    try:
        return _plain(jmespath.search(expression, document))
    except (JMESPathError, TypeError):
        return FAILED


def _plain(value: object) -> str:
    """Write as JSON: tells true from 1 and keeps the order of keys."""
    return json.dumps(value, default=float)


@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, DOCUMENTS)
def test_result_or_error_is_the_interpreters(expression: str, document: object) -> None:
    assert _ours(expression, document) == _theirs(expression, document)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, DOCUMENTS)
def test_what_stands_right_of_a_pipe_is_the_same_in_a_scope(
    expression: str, document: object
) -> None:
    try:
        program = compile_expression(f"document | {expression}", Scope(frozenset({"document"})))
    except ExpressionProblems:  # literals that can't fit each other
        assume(condition=False)
    try:
        result: object = _plain(program(Frame({"document": document})))
    except ExpressionFailed:
        result = FAILED
    assert result == _theirs(f"@ | {expression}", document)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_the_tree_is_jmespaths_own(expression: str) -> None:
    assert _shape(parse(expression)) == _their_shape(
        cast("dict[str, object]", jmespath.compile(expression).parsed)
    )


def _shape(node: Node) -> object:
    if node.kind == "slice":
        return ("slice", *node.value)  # type: ignore[misc] # a slice's value is a tuple
    value = float(str(node.value)) if _is_fraction(node.value) else node.value
    return (node.kind, repr(value), *map(_shape, node.children))


def _is_fraction(value: object) -> bool:
    return type(value).__name__ == "Decimal"


def _their_shape(tree: dict[str, object]) -> object:
    children = tree["children"]
    assert isinstance(children, list)
    if tree["type"] == "slice":
        return ("slice", *children)
    return (tree["type"], repr(tree.get("value")), *map(_their_shape, children))


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_each_node_stands_within_its_parent_and_reads_as_itself(expression: str) -> None:
    for node in parse(expression).walk():
        assert 0 <= node.start < node.end <= len(expression)
        written = expression[node.start : node.end]
        assert written == written.strip()
        if node.kind in {"field", "literal", "comparator", "function_expression"}:
            assert _shape(parse(written)) == _shape(node)
        for child in node.children:
            assert node.start <= child.start
            assert child.end <= node.end
