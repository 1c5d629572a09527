"""Parsing: spans, and every syntax error in words."""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest

from gateway.errors import GatewayError
from gateway.expressions.syntax import MAX_DEPTH, MAX_LENGTH, ExpressionSyntax, parse


def _error(text: str) -> ExpressionSyntax:
    with pytest.raises(ExpressionSyntax) as caught:
        parse(text)
    assert 0 <= caught.value.start <= caught.value.end <= len(text)
    return caught.value


def test_each_node_carries_the_stretch_it_was_made_from() -> None:
    text = "a.b[?x == 'y' && (c || d)].{e: f, g: `1.50`}[0] | h(i, &j.k)"
    spans = [(node.kind, text[node.start : node.end]) for node in parse(text).walk()]
    assert spans[1:] == [
        ("index_expression", "a.b[?x == 'y' && (c || d)].{e: f, g: `1.50`}[0]"),
        ("filter_projection", "a.b[?x == 'y' && (c || d)].{e: f, g: `1.50`}"),
        ("subexpression", "a.b"),
        ("field", "a"),
        ("field", "b"),
        ("multi_select_dict", "{e: f, g: `1.50`}"),
        ("key_val_pair", "e: f"),
        ("field", "f"),
        ("key_val_pair", "g: `1.50`"),
        ("literal", "`1.50`"),
        ("and_expression", "x == 'y' && (c || d)"),
        ("comparator", "x == 'y'"),
        ("field", "x"),
        ("literal", "'y'"),
        ("or_expression", "c || d"),
        ("field", "c"),
        ("field", "d"),
        ("index", "[0]"),
        ("function_expression", "h(i, &j.k)"),
        ("field", "i"),
        ("expref", "&j.k"),
        ("subexpression", "j.k"),
        ("field", "j"),
        ("field", "k"),
    ]


def test_literals_keep_their_digits() -> None:
    assert parse("`1.10`").value == Decimal("1.10")
    assert str(parse("`1.10`").value) == "1.10"
    assert parse("`12345678901234567890123`").value == 12345678901234567890123


@pytest.mark.parametrize(
    ("text", "at", "advice"),
    [
        ("", "", "''"),
        (" \n", " \n", "''"),
        ("a = b", "=", "=="),
        ("a =", "=", "=="),
        ("status == 200", "200", "`200`"),
        ("status == -1.5e3", "-1.5e3", "`-1.5e3`"),
        ("a[?b > 5].c", "5", "`5`"),
        ("f(a, 2)", "2", "`2`"),
        ("200", "200", "`200`"),
        ("a and b", "and", "&&"),
        ("a or b", "or", "||"),
        ("not a", "not", "!"),
        ("a in b", "in", "contains("),
        ("a is `null`", "is", "=="),
        ("a if b else c", "if", "&&"),
        ("a ? b : c", "?", "&&"),
        ("body.content-type", "content-type", '"content-type"'),
        ("line-1.x", "line-1", '"line-1"'),
        ("größe.x", "größe", '"größe"'),
        ("a.größe", "größe", '"größe"'),
        ("a - b", "-", "subtract("),
        ("a + b", "+", "add("),
        ("a * b", "*", "multiply("),
        ("a / b", "/", "divide("),
        ("$.a", "$", "name of the scope"),
        ("“x”", "“", "'…'"),
        ("a[0", "[", "]"),
        ("a[?b", "[?", "]"),
        ("f(a", "(", ")"),
        ("{a: b", "{", "}"),
        ("(a]", "(", ")"),
        ("a)", ")", "open it"),
        ("a == 'b", "'b", "'"),
        ('a."b', '"b', '"'),
        ("a == `1", "`1", "`"),
        ("`abc`", "`abc`", "'abc'"),
        ("`NaN`", "`NaN`", "'NaN'"),
        ("{a: b c: d}", "c", "comma before c"),
        ("{a: b, a: c}", "a", None),
        ("{a: b, }", "}", "comma out"),
        ("{a, b}", ",", "a: a"),
        ("{'a b': c}", "'a b'", '"a b": …'),
        ("{}", "}", "`{}`"),
        ("f(a b)", "b", "comma before b"),
        ("f(a, )", ")", "comma out"),
        ("[a, ]", "]", "comma out"),
        ("a['x']", "'x'", ".x"),
        ('a["x-y"]', '"x-y"', '."x-y"'),
        ("a[x]", "x", "lookup("),
        ("a.'x'", "'x'", ".x"),
        ("a.0", "0", "[0]"),
        ("a.", ".", "name"),
        ("a ==", "==", "follow =="),
        ("a, b", ",", "[…, …]"),
        ("a: b", ":", "{name: expression}"),
        ('"f"(x)', '"f"', "f(…)"),
        ("a b", "b", "operator"),
        ("[ ]", "]", "`[]`"),
        ("== b", "==", None),
        ("a && || b", "||", None),
        ("()", ")", None),
        ("a[?]", "]", None),
        ("@(a)", "@", None),
        ("a#b", "#", None),
        ('"a\\q"', '"a\\q"', None),
        ("`1e99999`", "`1e99999`", None),
    ],
)
def test_a_syntax_error_says_where_and_what_to_type(text: str, at: str, advice: str | None) -> None:
    error = _error(text)
    assert text[error.start : error.end] == at
    assert error.message.endswith(".")
    if advice is None:
        assert error.advice is None
    else:
        assert advice in (error.advice or "")


def test_the_second_of_two_equal_keys_is_shown() -> None:
    assert _error("{a: b, a: c}").start == 7


def test_a_syntax_error_is_in_the_tree_of_errors() -> None:
    assert isinstance(_error("a ="), GatewayError)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3_000 + "a" + ")" * 3_000,
        "[" * 3_000 + "a" + "]" * 3_000,
        "!" * 3_000 + "a",
        "a" + " | [0]" * 2_000,
        "a" + " || a" * 3_000,
        "f(" * 3_000 + "a" + ")" * 3_000,
        "{a: " * 3_000 + "a" + "}" * 3_000,
        "a" + "[*].b" * 3_000,
        "a" + "[?b" * 3_000 + "]" * 3_000,
        "& " * 3_000 + "a",
    ],
)
def test_endless_nesting_is_refused(text: str) -> None:
    assert str(MAX_DEPTH) in _error(text).message


def test_endless_nesting_of_a_literal_is_refused() -> None:
    assert "deep" in _error("`" + "[" * 5_000 + "]" * 5_000 + "`").message


def test_a_caller_deep_in_the_stack_gets_a_syntax_error_too() -> None:
    def dive(levels: int) -> ExpressionSyntax:
        return dive(levels - 1) if levels else _error("(" * 100 + "a" + ")" * 100)

    frame, depth = sys._getframe(), 0
    while frame.f_back:
        frame, depth = frame.f_back, depth + 1
    assert "deep" in dive(sys.getrecursionlimit() - depth - 150).message


def test_endless_text_is_refused() -> None:
    assert str(MAX_LENGTH) in _error("a" * (MAX_LENGTH + 1)).message


def test_an_endless_number_is_refused() -> None:
    assert "digits" in _error("a[" + "1" * 5_000 + "]").message
    assert "digits" in _error("`" + "1" * 5_000 + "`").message


def test_what_nests_reasonably_parses() -> None:
    assert parse("a" + "[*].b" * 100).kind == "projection"
    assert parse("(" * 100 + "a" + ")" * 100).kind == "field"
