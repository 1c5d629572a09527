"""Compiled expressions do what jmespath's interpreter does, on documents without decimals."""

from __future__ import annotations

import json
from typing import cast

import jmespath
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.scope import Scope
from gateway.expressions.syntax import Node, parse

# A hundred, and a thousand in `make nightly`.
EXAMPLES = settings.default.max_examples

FIELDS = st.sampled_from(["a", "b", "c", '"d-e"'])
LITERALS = st.sampled_from(
    [
        *("'x'", "''", "'12'", "'1.5'", "`0`", "`1`", "`-2`", "`1.5`", "`true`", "`false`"),
        *("`null`", "`[]`", "`{}`", "`[1, 2]`", '`["x", "12"]`', '`{"a": 1}`', "`[[1], [true]]`"),
    ]
)
INDICES = st.sampled_from(["[0]", "[-1]", "[5]", "[1:]", "[::-1]", "[:-1:2]", "[*]", "[]"])
COMPARATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
ONE = [
    *("abs", "ceil", "floor", "keys", "length", "max", "merge", "min", "not_null", "reverse"),
    *("sort", "sum", "to_array", "to_number", "to_string", "type", "values"),
]
# merge() of two is left out: jmespath checks only the first and merges arrays of pairs, too.
TWO = ["contains", "ends_with", "join", "not_null", "starts_with"]
BY = ["max_by", "min_by", "sort_by"]


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Grow expressions; `!` is never followed by a part of it, which is refused at load."""
    atom = inner.map(lambda text: f"({text} || `null`)")
    chain = st.one_of(inner.filter(lambda text: not text.startswith("!")), atom)
    return st.one_of(
        st.builds("{}.{}".format, FIELDS, inner.filter(lambda t: t[0].isalpha() or t[0] in "[{")),
        st.builds("{}{}".format, FIELDS | atom, INDICES),
        st.builds("{}[*].{}".format, FIELDS | atom, FIELDS),
        st.builds("{}[].{}".format, FIELDS | atom, FIELDS),
        st.builds("{}.*".format, FIELDS | atom),
        st.builds("{}.*.{}".format, FIELDS | atom, FIELDS),
        st.builds("{}[?{}]".format, FIELDS | atom, inner),
        st.builds("{}[?{}].{}".format, FIELDS, inner, FIELDS),
        st.builds("{} {} {}".format, chain, COMPARATORS, chain),
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("{} | {}".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{x: {}, b: {}}}".format, inner, inner),
        st.builds("{}({})".format, st.sampled_from(ONE), inner),
        st.builds("{}({}, {})".format, st.sampled_from(TWO), inner, inner),
        st.builds("{}({}, &{})".format, st.sampled_from(BY), inner, atom),
        st.builds("map(&{}, {})".format, atom, inner),
    )


EXPRESSIONS = st.recursive(FIELDS | LITERALS | st.just("@"), _compound, max_leaves=6)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([1.5, -2.5, "", "x", "12", "1.5", 10**30]),
)
KEYS = st.sampled_from(["a", "b", "c", "d-e"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.lists(st.dictionaries(KEYS, inner, max_size=3), max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1) | VALUES
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


@settings(max_examples=20 * EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, DOCUMENTS)
def test_result_or_error_is_the_interpreters(expression: str, document: object) -> None:
    assert _ours(expression, document) == _theirs(expression, document)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(EXPRESSIONS, DOCUMENTS)
def test_what_stands_right_of_a_pipe_is_the_same_in_a_scope(
    expression: str, document: object
) -> None:
    program = compile_expression(f"document | {expression}", Scope(frozenset({"document"})))
    try:
        result: object = _plain(program(Frame({"document": document})))
    except ExpressionFailed:
        result = FAILED
    assert result == _theirs(f"@ | {expression}", document)


@settings(max_examples=3 * EXAMPLES, deadline=None)
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


@settings(max_examples=3 * EXAMPLES, deadline=None)
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
