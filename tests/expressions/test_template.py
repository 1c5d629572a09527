"""Texts with inserts."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.problems import ExpressionProblem, ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.template import NullInsert, compile_template

VALUES: dict[str, object] = {
    "order": {"id": "a/b", "none": None, "}": "brace", "list": [1], "object": {}, "text": "{x}"},
    "n": 5,
    "price": Decimal("1E+3"),
    "small": Decimal("1E-7"),
    "float": 0.1,
    "yes": True,
    "raw": b"x",
}
SCOPE = Scope(frozenset(VALUES))


def render(text: str) -> object:
    return compile_template(text, SCOPE).render(Frame(VALUES), str)


def problems(text: str) -> tuple[ExpressionProblem, ...]:
    with pytest.raises(ExpressionProblems) as caught:
        compile_template(text, SCOPE)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", ""),
        ("plain", "plain"),
        ("/v1/{order.id}/x", "/v1/a/b/x"),
        ("{n}{ n }", "55"),
        ("{price} {small} {float} {yes} {`1.50`}", "1000 0.0000001 0.1 true 1.50"),
        ("{{n}}".replace("n", "x"), "{x}"),
        ("{{{n}}}", "{5}"),
        ("}}{{", "}{"),
        ("{order.text}", "{x}"),
        ("""{order."}"}""", "brace"),
        ("{order.{a: id}.a}!", "a/b!"),
        ("{ {a: {b: n}}.a.b }", "5"),
        ("{order.id == '}' && 'one' || 'no {brace}'}", "no {brace}"),
        ("""{`{"a": "}"}`.a}""", "}"),
        ("{to_string(order.list)}", "[1]"),
        ("a\n{n}\nb", "a\n5\nb"),
    ],
)
def test_inserts_are_filled_in(text: str, result: str) -> None:
    if text == "{{x}}":
        assert compile_template(text, SCOPE).parts == ("{x}",)
    assert render(text) == result


def test_only_what_is_inserted_is_escaped() -> None:
    template = compile_template("/v1/{order.id}/x y/{n}", SCOPE)
    assert template.render(Frame(VALUES), lambda text: quote(text, safe="")) == "/v1/a%2Fb/x y/5"


def test_the_first_null_insert_is_named() -> None:
    found = render("{n} {order.none} {order.nope}")
    assert isinstance(found, NullInsert)
    assert found.insert.text == "order.none"


def test_an_empty_text_is_no_null() -> None:
    assert render("{''}") == ""


@pytest.mark.parametrize(
    ("insert", "reason"),
    [
        ("order.list", "gives an array, which is no text"),
        ("order.object", "gives an object, which is no text"),
        ("raw", "gives a value of an unknown type, which is no text"),
        ("abs(order.id)", "abs() takes a number, not text"),
    ],
)
def test_what_is_no_text_fails(insert: str, reason: str) -> None:
    with pytest.raises(ExpressionFailed) as caught:
        render(f"x{{{insert}}}")
    assert caught.value.expression == insert
    assert caught.value.reason == reason


def test_an_endless_number_fails() -> None:
    frame = Frame({**VALUES, "n": Decimal("1E+2000000")})
    with pytest.raises(ExpressionFailed, match="digits"):
        compile_template("{n}", SCOPE).render(frame, str)


def test_a_template_knows_what_it_reads() -> None:
    template = compile_template("a{order.list[?@ == var('n')] | [0]}b{price}", SCOPE)
    assert template.roots == {"order", "n", "price"}
    assert [part.text for part in template.parts if isinstance(part, Program)] == [
        "order.list[?@ == var('n')] | [0]",
        "price",
    ]


@pytest.mark.parametrize(
    ("text", "code", "at", "advice"),
    [
        ("a {order.id", "template-brace", "{", "twice"),
        ("a { b {order.id}", "template-brace", "{", "twice"),
        ("{", "template-brace", "{", "twice"),
        ("a } b", "template-brace", "}", "twice"),
        ("{order.id}}", "template-brace", "}", "twice"),
        ("a {} b", "template-brace", "{}", "twice"),
        ("a { } b", "template-brace", "{ }", "twice"),
        ("a {{order.id}} b", "template-doubled-braces", "{{order.id}}", "{order.id}"),
        ("a {{ n }} b", "template-doubled-braces", "{{ n }}", "{n}"),
        ("a {ordr.id} b", "unknown-name", "ordr", "order"),
        ("a {order = n} b", "expression-syntax", "=", "=="),
        ("a {order.id 'x'} b", "expression-syntax", "'x'", "operator"),
        ("a {n 'it} b", "expression-syntax", "'it} b", "'"),
        ('{"a": n}', "expression-syntax", ":", "{name: expression}"),
    ],
)
def test_a_problem_is_placed_within_the_whole_text(
    text: str, code: str, at: str, advice: str
) -> None:
    (problem,) = problems(text)
    assert problem.code == code
    assert text[problem.start : problem.end] == at
    assert advice in (problem.advice or "")


def test_all_problems_are_reported() -> None:
    text = "{ordr} {nope.x} {n = n} } {lenght(n)} {{n}} {n"
    assert [problem.code for problem in problems(text)] == [
        "unknown-name",
        "unknown-name",
        "expression-syntax",
        "template-brace",
        "unknown-function",
        "template-doubled-braces",
        "template-brace",
    ]


@given(st.lists(st.text() | st.just(5)))
def test_any_text_can_be_written_around_inserts(parts: list[object]) -> None:
    doubled = [
        "{n}" if part == 5 else str(part).replace("{", "{{").replace("}", "}}") for part in parts
    ]
    assert render("".join(doubled)) == "".join(map(str, parts))


def test_a_long_text_with_many_inserts_compiles() -> None:
    assert render("{n}" * 2_000) == "5" * 2_000
