"""Expressions become Python; nothing of their text runs as such, be it odd, deep or wide."""

from __future__ import annotations

import copy
import json

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ExpressionFailed
from gateway.expressions.codegen.generator import generate, generate_part
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.scope import Scope
from gateway.expressions.syntax import parse
from gateway.expressions.values import Run
from tests.expressions.grammar import DOCUMENTS, EXPRESSIONS

ODD = [
    *("'", '"', '"""', "\\", "\\'", "\n", "\r", "\x00", "\u2028", "\ud800", "\U0001d11e", "é"),
    *("'); raise SystemExit  # ", "{root}", "{}", "%s", "__import__('os')", "None", "root", "run"),
]


@pytest.mark.parametrize("text", ODD)
def test_odd_text_is_text_wherever_it_stands(text: str) -> None:
    name, document = json.dumps(text), {text: text}
    for expression, result in [
        (name, text),
        (f"{{{name}: {name}}}", {text: text}),
        (f"@ | [{name} == `{name}`, {name} != `{name}`]", [True, False]),
        (f"`{name}`", text),
        (f"[?{name} == `{name}`].{name}", None),
        (f"values(@)[?@ == `{name}`]", [text]),
    ]:
        program = compile_expression(expression.replace("\\`", "`"), None)
        assert program.search(document) == result
        assert program.source.isascii()


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text_is_text(text: str) -> None:
    name = json.dumps(text)
    assert compile_expression(f"{{{name}: {name}}}", None).search({text: 1}) == {text: 1}


def test_any_name_of_the_scope_is_a_name() -> None:
    scope = Scope(frozenset(ODD))
    for text in ODD:
        program = compile_expression(json.dumps(text), scope)
        assert program(Frame({text: 1})) == 1


def test_the_source_reaches_no_more_than_it_is_given() -> None:
    evaluate = generate(parse("sort_by(a[?b].{c: d}, &c)"), "element").evaluate
    names = evaluate.__globals__  # type: ignore[attr-defined] # it is a function
    assert names["__builtins__"] == {}
    assert not {"__import__", "open", "eval", "exec", "getattr"} & names.keys()


def _nested(levels: int) -> object:
    document: object = {"n": 1}
    for level in range(levels):
        document = {"a": [document, {"n": level}], "n": level}
    return document


@pytest.mark.parametrize(
    "expression",
    [
        "a[*]." * 50 + "n",
        "a[]." * 50 + "n",
        "a[?n]." * 50 + "n",
        "a[?a" * 10 + "]" * 10,
        "*." * 60 + "n",
        "a[0]." * 60 + "n",
        "x || (" * 50 + "n" + ")" * 50,
        "n && (" * 50 + "a" + ")" * 50,
        "!(" * 50 + "n" + ")" * 50,
        "[" * 50 + "n" + "]" * 50,
        "{n: " * 50 + "n" + "}" * 50,
        "a[*].[" * 25 + "n" + "]" * 25,
        "to_array(" * 50 + "n" + ")" * 50,
        "map(&not_null(" * 30 + "n" + ", `1`), not_null(a, `[]`))" * 30,
        "sort_by(not_null(a, `[]`), &length(" * 20 + "to_string(n)" + "))" * 20,
        "n | " * 100 + "@",
    ],
)
def test_what_is_deep_does_the_same(expression: str) -> None:
    document = _nested(8)
    program = compile_expression(expression, None)
    assert program.search(document) == jmespath.search(expression, document)


@pytest.mark.parametrize(
    ("part", "joint", "around"),
    [
        ("a", ",", "[{}]"),
        ("a[]", ",", "[{}]"),
        ("a[*].n", ",", "[{}]"),
        ("a[?n > `3`]", ",", "[{}]"),
        ("length(a)", ",", "[{}]"),
        ("map(&n, a)", ",", "[{}]"),
        ("a || n", ",", "[{}]"),
        ("a", ",", "not_null({})"),
        ("'1'", ",", "sort([{}])"),
    ],
)
def test_what_is_wide_does_the_same(part: str, joint: str, around: str) -> None:
    count = 15_900 // (len(part) + len(joint))
    expression = around.format(joint.join([part] * count))
    document = {"a": [{"n": 1}, {"n": 5}, None], "n": 2}
    program = compile_expression(expression, None)
    assert program.search(document) == jmespath.search(expression, document)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, DOCUMENTS)
def test_no_document_is_changed(expression: str, document: object) -> None:
    before = copy.deepcopy(document)
    program = compile_expression(expression, None)
    for _ in range(2):  # nor what is kept from one evaluation to the next
        try:
            program.search(document)
        except ExpressionFailed:
            continue
    assert document == before


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, DOCUMENTS)
def test_a_part_by_itself_gives_what_the_whole_expression_does(
    expression: str, document: object
) -> None:
    try:
        result = compile_expression(expression, None).search(document)
    except ExpressionFailed:
        return
    part = generate_part(parse(expression), "element")
    assert part(document, Frame({}), Run()) == result


def test_a_part_reads_the_scope_besides_its_value() -> None:
    part = generate_part(parse("[a, var('b')]"), "element")
    assert part({"a": 1}, Frame({"b": 2}), Run()) == [1, 2]
