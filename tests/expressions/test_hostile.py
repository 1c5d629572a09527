"""Hostile expressions and documents end in an error: no hang, no endless result."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.template import compile_template

DOUBLING = "[@, @]" + " | [@, @]" * 100
ROWS = Scope(frozenset({"rows"}))


def fails(text: str, document: object) -> str:
    with pytest.raises(ExpressionFailed) as caught:
        compile_expression(text, None).search(document)
    return caught.value.reason


@pytest.mark.parametrize(
    "text",
    [
        DOUBLING,
        DOUBLING.replace("[@, @]", "{a: @, b: @}"),
        "[@, @][]" + " | [@, @][]" * 100,
        f"to_string({DOUBLING})",
        f"unique({DOUBLING})",
        f"[[[@, @]], {DOUBLING}] | contains([0], [1])",
        f"[{DOUBLING}, {DOUBLING}] | [0] == [1]",
        f"[{DOUBLING}, {DOUBLING}] | [0] != [1]",
        "map(&[@, @], [@])" + " | map(&[@, @], @)" * 100,
        "merge({a: @}, {b: @})" + " | merge({a: @}, {b: @})" * 100,
    ],
)
def test_what_doubles_its_input_ends(text: str) -> None:
    assert "too many steps" in fails(text, {"x": "y" * 100})


@pytest.mark.parametrize(
    "text",
    [
        "['x', 'x']" + " | [join('', @), join('', @)]" * 60 + " | join('', @)",
        "'xx'" + " | replace(@, 'x', @)" * 10,
    ],
)
def test_a_text_that_doubles_ends(text: str) -> None:
    reason = fails(text, {})
    assert "characters" in reason or "too many steps" in reason


@pytest.mark.parametrize(
    "text",
    [
        "rows[].[var('rows')[].[var('rows')[].a]]",
        "rows[?contains(var('rows')[].a, a)]",
        "map(&sort(var('rows')[].a), rows)",
        "rows[].{a: a, all: var('rows')}",
        "rows[].var('rows')[0:]",
        "rows[].length(join(',', var('rows')[].a))",
        "rows[].replace(a, 'x', var('rows')[0].long)",
        "rows[?var('rows') == var('copy')]",
    ],
)
def test_loops_within_loops_end(text: str) -> None:
    long = "y" * 100_000
    rows = [{"a": f"x{number}", "long": long} for number in range(5_000)]
    frame = Frame({"rows": rows, "copy": [dict(row) for row in rows]})
    program = compile_expression(text, Scope(frozenset({"rows", "copy"})))
    with pytest.raises(ExpressionFailed, match="too many steps"):
        program(frame)


def _nested(levels: int) -> object:
    document: object = []
    for _ in range(levels):
        document = [document]
    return document


def test_flattening_counts_before_it_copies() -> None:
    frame = Frame({"rows": [{}] * 5_000, "copy": [0] * 1_000_000})
    program = compile_expression("map(&var('copy'), rows)[]", Scope(frozenset({"rows", "copy"})))
    with pytest.raises(ExpressionFailed, match="too many steps"):
        program(frame)


def test_a_heavy_expression_for_each_element_counts_in_full() -> None:
    heavy = ", ".join(["upper(a)"] * 200)
    program = compile_expression(f"map(&[{heavy}], rows)", ROWS)
    with pytest.raises(ExpressionFailed, match="too many steps"):
        program(Frame({"rows": [{"a": "x"}] * 5_000}))


@pytest.mark.parametrize("text", ["to_string(@)", "unique(@)"])
def test_a_deep_document_ends_in_an_error(text: str) -> None:
    assert "too deep" in fails(text, _nested(200_000))


def test_deep_documents_can_be_compared() -> None:
    program = compile_expression("a == b", None)
    assert program.search({"a": _nested(200_000), "b": _nested(200_000)}) is True


def test_an_endless_chain_of_lazy_names_ends_in_an_error() -> None:
    program = compile_expression("rows", ROWS)
    frame = Frame({}, {"rows": program})
    with pytest.raises(ExpressionFailed, match="too deep"):
        program(frame)


def test_large_honest_work_is_done() -> None:
    rows = [{"sku": f"S{number % 100}", "n": str(number)} for number in range(20_000)]
    program = compile_expression(
        "rows[?sku == 'S7'].{s: upper(sku), n: to_int(n)} | sort_by(@, &n)[-1].n", ROWS
    )
    assert program(Frame({"rows": rows})) == 19_907


def test_an_index_beyond_everything_is_null() -> None:
    assert compile_expression("[99999999999999999999999]", None).search([1]) is None
    assert compile_expression("[:99999999999999999999999]", None).search([1]) == [1]


CHARACTERS = st.sampled_from("ab01.,:;[]{}()*?&|!<>='\"`@-+ \\\n\u00e9\U0001d11e")


@settings(max_examples=1_000, deadline=None)
@given(st.text(CHARACTERS | st.sampled_from("length(sumvar"), max_size=30))
def test_any_text_compiles_or_is_a_list_of_problems(text: str) -> None:
    for compile_it in (compile_expression, compile_template):
        try:
            compile_it(text, ROWS)
        except ExpressionProblems as error:
            problems = error.problems
        else:
            continue
        assert problems
        assert all(0 <= problem.start <= problem.end <= len(text) for problem in problems)
        assert all(problem.message for problem in problems)
