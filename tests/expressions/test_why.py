"""Why an expression is null or fails: the part that vanished is named, and how."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.inside import why_null_inside
from gateway.expressions.mishap import why_failed
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.shown import part
from gateway.expressions.why import MAX_LENGTH, why_null
from tests.expressions.grammar import DOCUMENTS, EXPRESSIONS

ORDER = {"id": 1, "billing_address": {"city": None}, "tags": [], "email": "a@b.example"}
COUNTS = [
    {"state": "IN_STOCK", "quantity": number, "loc": f"L{number % 5}"} for number in range(14)
]
DATA = {
    "order": ORDER,
    "lines": [{"sku": "A"}, {"sku": "B"}],
    "body": {"counts": COUNTS, "word": "x", "none": {}},
}
SCOPE = Scope(frozenset(DATA))


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        (
            "body.counts[?state=='IN_STOK'] | [0]",
            "`body.counts[?state=='IN_STOK']` matched 0 of 14 rows: `state` was `IN_STOCK` in all",
        ),
        (
            "body.counts[?loc=='L9'].quantity | [0]",
            (
                "`body.counts[?loc=='L9']` matched 0 of 14 rows: "
                "`loc` was `L0` in 3, `L1` in 3, `L2` in 3, others in 5"
            ),
        ),
        (
            "max(body.counts[?loc == 'L9'].quantity)",
            (
                "`max(body.counts[?loc == 'L9'].quantity)` is null: `body.counts[?loc == 'L9']` "
                "matched 0 of 14 rows: `loc` was `L0` in 3, `L1` in 3, `L2` in 3, others in 5"
            ),
        ),
        (
            "lines[?sku == var('order').id] | [0].name",
            (
                "`lines[?sku == var('order').id]` matched 0 of 2 rows: "
                "`sku` was `A` in 1, `B` in 1, text, which never equals a number"
            ),
        ),
        (
            "body.counts[?stat == 'x'] | [0]",
            (
                "`body.counts[?stat == 'x']` matched 0 of 14 rows: "
                "`stat` was missing in all; the rows have `state`, `loc`, `quantity`"
            ),
        ),
        (
            "body.counts[?loc == 'L1' && state == 'x'] | [0]",
            (
                "`body.counts[?loc == 'L1' && state == 'x']` matched 0 of 14 rows: "
                "`state` was `IN_STOCK` in all"
            ),
        ),
        (
            "body.counts[?loc == 'L1' && quantity == `2`] | [0]",
            (
                "`body.counts[?loc == 'L1' && quantity == `2`]` matched 0 of 14 rows: "
                "no row fulfils all: `loc == 'L1'` in 3, `quantity == `2`` in 1"
            ),
        ),
        (
            "body.counts[?state == 'IN_STOCK'].qty | [0]",
            (
                "`body.counts[?state == 'IN_STOCK']` matched 14 of 14 rows; `qty` is null in all "
                "14 rows: `qty` is missing: the first of them has `loc`, `quantity`, `state`"
            ),
        ),
        (
            "order.shipping_address.city",
            (
                "`order.shipping_address` is missing: "
                "`order` has `billing_address`, `email`, `id`, `tags`"
            ),
        ),
        ("order.billing_address.city.x", "`order.billing_address.city` is null"),
        ("body.none.x", "`body.none.x` is missing: `body.none` has nothing"),
        ("body.counts.x", "`body.counts.x`: `body.counts` is a list, not an object"),
        ("body.word[0]", "`body.word[0]`: `body.word` is text, not a list"),
        ("body.word[*].x", "`body.word` is text, not a list"),
        ("lines.*", "`lines` is a list, not an object"),
        ("lines[3].sku", "`lines[3]`: the list has 2 elements"),
        ("lines[-3]", "`lines[-3]`: the list has 2 elements"),
        ("order.tags[0]", "`order.tags` is an empty list"),
        ("order.tags[].x | [0]", "`order.tags` is an empty list"),
        (
            "order.a || order.tags[0]",
            (
                "`order.a` is missing: `order` has `billing_address`, `email`, `id`, `tags`; "
                "and `order.tags` is an empty list"
            ),
        ),
        ("(order.id && order.billing_address).city", "`(order.id && order.billing_address).city`"),
        (
            "upper(order.mail)",
            "`order.mail` is missing: `order` has `email`, `billing_address`, `id`, `tags`",
        ),
        (
            "lookup(order, 'idd')",
            (
                "`lookup(order, 'idd')` is null: "
                "`order` has `billing_address`, `email`, `id`, `tags`"
            ),
        ),
        ("order.id < order.email || order.id", None),
        ("order.tags < `1`", "`order.tags < `1`` is null: it can't order a list and a number"),
        ("var('order').none.x", "`var('order').none` is missing"),
        ("lines[].nix | [0]", "`nix` is null in all 2 elements of `lines[]`: `nix` is missing"),
        ("`null`", "`" + "`null`" + "` is null"),
    ],
)
def test_the_part_that_vanished_is_named_and_how(expression: str, told: str | None) -> None:
    program = compile_expression(expression, SCOPE)
    frame = Frame(DATA)
    if told is None:
        with pytest.raises(ExpressionFailed):
            program(frame)
        return
    assert why_null(program, frame).startswith(told)


def test_of_a_document_fields_are_told_the_same_way() -> None:
    program = compile_expression("a.b", None)
    assert why_null(program, {"b": 1}) == "`a` is missing: the document has `b`"
    assert why_null(program, [1]) == "`a`: the document is a list, not an object"


def test_long_texts_are_not_quoted_and_control_characters_never() -> None:
    rows = [{"s": "x" * 41}, {"s": "\x1b[31m`"}]
    program = compile_expression("rows[?s == 'a'] | [0]", Scope(frozenset({"rows"})))
    told = why_null(program, Frame({"rows": rows}))
    assert told.endswith("`s` was a text of 41 characters in 1, `\ufffd[31m'` in 1")


def test_of_rows_only_the_compared_field_is_quoted() -> None:
    rows = [{"state": "A", "name": "Ada"}]
    program = compile_expression("rows[?state == 'B'] | [0].name", Scope(frozenset({"rows"})))
    assert "Ada" not in why_null(program, Frame({"rows": rows}))


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("to_int(order.email)", None),
        ("lines[].to_int(sku)", "in `to_int(sku)` of element 0"),
        ("lines[?to_int(sku) > `1`].x", "in `to_int(sku)` of element 0"),
        ("lines[?sku == 'B'].{n: to_int(sku)}", "in `to_int(sku)` of element 1"),
        ("sort_by(lines, &to_int(sku))", "in `to_int(sku)` of element 0"),
        ("{a: order.email, b: [to_int(order.email)]}", "in `to_int(order.email)`"),
        ("order.none && to_int(order.none) || to_int(order.email)", "in `to_int(order.email)`"),
        ("order.email | to_int(@)", "in `to_int(@)`"),
        ("sum(order.tags[0])", "`order.tags` is an empty list"),
    ],
)
def test_the_part_that_fails_is_named(expression: str, told: str | None) -> None:
    program = compile_expression(expression, SCOPE)
    with pytest.raises(ExpressionFailed):
        program(Frame(DATA))
    assert why_failed(program, Frame(DATA)) == told


def test_an_expression_that_takes_too_many_steps_ends_its_explanation_too() -> None:
    doubling = "[@, @]" + " | [@, @]" * 100
    program = compile_expression(f"lines | {doubling} | to_string(@)", SCOPE)
    assert why_failed(program, Frame(DATA)) is None


@pytest.mark.parametrize(
    ("expression", "path", "told"),
    [
        ("{a: order.x}", ["a"], "`order.x` is missing: `order` has"),
        ("lines[].{a: sku, b: nix}", ["1", "b"], "`nix` is missing: element 1 has `sku`"),
        ("order.none || [order.id, order.no]", ["1"], "`order.no` is missing"),
        ("order | {a: nix}", ["a"], "`nix` is missing: `order` has"),
        ("order", ["billing_address", "city"], None),
        ("{a: order.id}", ["a"], None),
    ],
)
def test_a_null_within_a_value_is_explained_where_the_expression_makes_it(
    expression: str, path: list[str], told: str | None
) -> None:
    found = why_null_inside(compile_expression(expression, SCOPE), Frame(DATA), path)
    assert (found is None) == (told is None)
    assert (found or "").startswith(told or "")


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, DOCUMENTS)
def test_every_null_and_failure_has_a_short_explanation_that_quotes_a_part(
    expression: str, document: object
) -> None:
    try:
        program = compile_expression(f"d | {expression}", Scope(frozenset({"d"})))
    except ExpressionProblems:  # its types can't be right
        reject()
    frame = Frame({"d": document})
    try:
        result = program(frame)
    except ExpressionFailed:
        told = why_failed(program, frame)
        assert told is None or len(told) <= MAX_LENGTH
        return
    assume(result is None or result == [])
    told = why_null(program, frame)
    assert len(told) <= MAX_LENGTH
    nodes = list(program.ast.walk())
    ends = {node.end for node in nodes} | {node.end + 1 for node in nodes}
    parts = {part(program.text[node.start : end]) for node in nodes for end in ends}
    assert any(each in told for each in parts - {part("")})
