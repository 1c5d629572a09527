"""The seam: names of the scope, problems at load, exact numbers and errors while running."""

from __future__ import annotations

import sys
from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from gateway.errors import ExpressionFailed, GatewayError
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.problems import ExpressionProblem, ExpressionProblems
from gateway.expressions.scope import Scope

VALUES: dict[str, object] = {
    "order": {"id": "o1", "total": Decimal("19.90"), "customer": None},
    "lines": [
        {"id": "l1", "sku": "A", "quantity": 2},
        {"id": "l2", "sku": "B", "quantity": 0},
    ],
    "stock": [{"sku": "A", "n": "7"}, {"sku": "B", "n": "1"}],
    "body": {"content-type": "x", "errors": []},
    "status": 200,
}
SCOPE = Scope(frozenset(VALUES))


def evaluate(text: str) -> object:
    return compile_expression(text, SCOPE)(Frame(VALUES))


def search(text: str, document: object = None) -> object:
    return compile_expression(text, None).search(document)


def problems(text: str, scope: Scope | None = SCOPE) -> tuple[ExpressionProblem, ...]:
    with pytest.raises(ExpressionProblems) as caught:
        compile_expression(text, scope)
    assert isinstance(caught.value, GatewayError)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("order.id", "o1"),
        ('"order".id', "o1"),
        ("(order).id", "o1"),
        ("status == `200` && order.id", "o1"),
        ("order.customer || status", 200),
        ("lines[0].sku", "A"),
        ("lines[-1:].sku | [0]", "B"),
        ("lines[].sku", ["A", "B"]),
        ("lines[*].[sku, quantity]", [["A", 2], ["B", 0]]),
        ("order.*", ["o1", Decimal("19.90")]),
        ("[status, order.id]", [200, "o1"]),
        ("{status: status, id: order.id}", {"status": 200, "id": "o1"}),
        ("lines[?sku == 'B'].id | [0]", "l2"),
        ("lines | [?quantity].id", ["l1", "l2"]),
        ("lines | @[0].id", "l1"),
        ("sum(lines[].quantity)", 2),
        ("stock[].to_int(n)", [7, 1]),
        ("map(&sku, lines)", ["A", "B"]),
        ("sort_by(lines, &quantity)[0].id", "l2"),
        ("lines[?sku == var('stock')[1].sku].id", ["l2"]),
        ("lines[].{s: sku, o: var('order').id}", [{"s": "A", "o": "o1"}, {"s": "B", "o": "o1"}]),
        ("map(&var('status'), lines)", [200, 200]),
        ("order | var('status')", 200),
        ("var('order').id", "o1"),
        ("'text'", "text"),
        ("`[1]`[0]", 1),
        ("""body."content-type" """, "x"),
    ],
)
def test_bare_names_are_the_scopes_and_fields_the_elements(text: str, result: object) -> None:
    assert evaluate(text) == result


def test_a_program_knows_what_it_reads() -> None:
    program = compile_expression("lines[?id == var('order').id].status || body.order", SCOPE)
    assert program.roots == {"lines", "order", "body"}
    assert program.ast.kind == "or_expression"
    assert program.text == "lines[?id == var('order').id].status || body.order"


def test_a_program_is_frozen() -> None:
    program = compile_expression("order", SCOPE)
    with pytest.raises(FrozenInstanceError):
        program.text = "x"  # type: ignore[misc] # that is the test


def test_a_lazy_name_that_isnt_reached_isnt_computed() -> None:
    def fail(_frame: Frame) -> object:
        raise AssertionError

    program = compile_expression("order || lines", SCOPE)
    assert program(Frame({"order": 1}, {"lines": fail})) == 1


@pytest.mark.parametrize(
    ("text", "code", "at", "advice"),
    [
        ("ordr.id", "unknown-name", "ordr", "order"),
        ("IN_STOCK", "unknown-name", "IN_STOCK", "\"'IN_STOCK'\""),
        ('"IN_STOCK"', "unknown-name", '"IN_STOCK"', "'IN_STOCK'"),
        ("xyz.id", "unknown-name", "xyz", "body, lines, order"),
        ("true", "unknown-name", "true", "`true`"),
        ("lines[?id == var('ordr').id]", "unknown-name", "'ordr'", "order"),
        ("lines[].var(id)", "var-name", "var(id)", "var('name')"),
        ("lines[].var()", "var-name", "var()", "var('name')"),
        ("lines[].var('order', 'x')", "var-name", "var('order', 'x')", "var('name')"),
        ("@", "no-current-value", "@", "order"),
        ("to_string(@)", "no-current-value", "@", "order"),
        ("[0]", "no-current-value", "[0]", "order"),
        ("*", "no-current-value", "*", "order"),
        ("[?id]", "no-current-value", "[?id]", "order"),
        ("lenght(lines)", "unknown-function", "lenght", "length(subject)"),
        ("len(lines)", "unknown-function", "len", "length(subject)"),
        ("not(order)", "unknown-function", "not", "!(…)"),
        ("qwertz(order)", "unknown-function", "qwertz", None),
        ("to_int(order, status)", "argument-count", "to_int(order, status)", "to_int(value)"),
        ("lines[?contains(id)]", "argument-count", "contains(id)", "contains(subject, search)"),
        ("not_null()", "argument-count", "not_null()", "not_null(value, …)"),
        ("sort_by(lines, quantity)", "argument-type", "quantity", "&quantity"),
        ("&order", "misplaced-expression", "&order", "&"),
        ("&nope", "misplaced-expression", "&nope", "&"),
        ("to_string(&order)", "misplaced-expression", "&order", "&"),
        ("!body.errors", "negation-first", "!body.errors", "!(body.errors)"),
        ("(!body).errors", "negation-first", "!body).errors", None),
        ("!body[?x]", "negation-first", "!body[?x]", "!(body[?x])"),
        ("!body.*", "negation-first", "!body.*", "!(body.*)"),
        ("!body[]", "negation-first", "!body[]", "!(body[])"),
        ('lines[?sku == "A"]', "double-quotes", '"A"', "'A'"),
        ("lines[?sku == true]", "literal-word", "true", "`true`"),
        ("lines[?null != sku]", "literal-word", "null", "`null`"),
        ("lines[::0]", "slice-step", "[::0]", "1"),
        ("order = lines", "expression-syntax", "=", "=="),
    ],
)
def test_a_problem_says_where_and_what_to_type(
    text: str, code: str, at: str, advice: str | None
) -> None:
    (problem,) = problems(text)
    assert problem.code == code
    assert text[problem.start : problem.end] == at
    if advice is None:
        assert problem.advice is None
    else:
        assert advice in (problem.advice or "")


def test_all_problems_are_reported_in_the_order_of_the_text() -> None:
    found = problems("[ordr, lenght(lines), sum(), lines[?a == \"b\"], qq(&var('xyz'))]")
    assert [problem.code for problem in found] == [
        "unknown-name",
        "unknown-function",
        "argument-count",
        "double-quotes",
        "unknown-function",
        "unknown-name",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "!(body.errors)",
        "!body == `false`",
        "!lines[0]",
        "!length(lines)",
        "lines[?\"content-type\" == 'x']",
        'lines[?a == "content-type"]',
        "lines[?a == b]",
        'lines[?"a" == b]',
        'lines[].{true: id, "null": sku}',
        "lines[].true",
        'lines[?a == "true-ish"]',
        'order == "body"',
        "lines[?a].b[0]",
    ],
)
def test_what_may_be_right_is_let_pass(text: str) -> None:
    compile_expression(text, SCOPE)


def test_var_needs_a_scope() -> None:
    (problem,) = problems("a[].var('b')", None)
    assert problem.code == "no-scope"


def test_without_a_scope_names_are_the_documents_fields() -> None:
    assert search("a.b", {"a": {"b": 1}}) == 1
    assert search("@", 5) == 5


BIG = Decimal("12345678901234567890123456789012345.67")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a == `1.1`", True),
        ("a != `1.1`", False),
        ("a == `1.10`", True),
        ("a > `1.09999999999999999999999999999999999`", True),
        ("a < `2`", True),
        ("a == 'x'", False),
        ("one == `true`", False),
        ("one == `1`", True),
        ("type(a)", "number"),
        ("to_string(a)", "1.1"),
        ("to_string(big)", "12345678901234567890123456789012345.67"),
        ("to_string([big])", "[12345678901234567890123456789012345.67]"),
        ("to_string(thousand)", "1000"),
        ("to_number(a)", Decimal("1.1")),
        ("to_number('12345678901234567.89')", Decimal("12345678901234567.89")),
        ("to_number(' 7 ')", 7),
        ("to_number('1_000')", None),
        ("to_number('NaN')", None),
        ("to_number('Infinity')", None),
        ("to_number('')", None),
        ("abs(small)", BIG),
        ("sum([big, `0.001`])", Decimal("12345678901234567890123456789012345.671")),
        ("sum(list)", Decimal("0.6")),
        ("avg(list)", Decimal("0.2")),
        ("avg(`[1, 2]`)", Decimal("1.5")),
        ("avg(`[]`)", None),
        ("max(list)", Decimal("0.3")),
        ("min(list)", Decimal("0.1")),
        ("sort(list)", [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]),
        ("sort_by(rows, &n)[].n", [Decimal("0.5"), 1]),
        ("max_by(rows, &n).n", 1),
        ("min_by(rows, &n).n", Decimal("0.5")),
        ("ceil(a)", 2),
        ("floor(small)", -12345678901234567890123456789012346),
        ("contains(list, `0.3`)", True),
        ("!zero", False),
        ("zero || 'x'", Decimal(0)),
    ],
)
def test_decimals_are_numbers_and_exact(text: str, result: object) -> None:
    document = {
        "a": Decimal("1.1"),
        "one": Decimal(1),
        "zero": Decimal(0),
        "big": BIG,
        "small": BIG.copy_negate(),  # a minus sign would round
        "thousand": Decimal("1E+3"),
        "list": [Decimal("0.3"), Decimal("0.1"), Decimal("0.2")],
        "rows": [{"n": 1}, {"n": Decimal("0.5")}],
    }
    found = search(text, document)
    assert found == result
    assert isinstance(found, bool) == isinstance(result, bool)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a > '4'", "`>` can't compare a number with text"),
        ("'4' <= a", "`<=` can't compare text with a number"),
        ("abs(s)", "abs() takes a number, not text"),
        ("abs(t)", "abs() takes a number, not a boolean"),
        ("abs(nope)", "abs() takes a number, not null"),
        ("length(a)", "length() takes text or an array or an object, not a number"),
        ("sum(mixed)", "sum() takes an array of numbers, not one with text in it"),
        ("sum([t])", "sum() takes an array of numbers, not one with a boolean in it"),
        ("max(mixed)", "max() takes an array of numbers or an array of texts, not one with both"),
        ("join(',', [a])", "join() takes an array of texts, not one with a number in it"),
        ("contains(s, a)", "contains() looks for text in text, not for a number"),
        ("sort_by(rows, &x)", "sort_by() orders by numbers or by strings, not by both"),
        ("max_by(rows, &y)", "max_by() orders by numbers or strings, not by null"),
        ("min_by(rows, &@)", "min_by() orders by numbers or strings, not by an object"),
        ("merge(o, s)", "merge() takes an object, not text"),
        ("merge(o, `[]`)", "merge() takes an object, not an array"),
        ("to_int(s)", "to_int() got text that is no number"),
        ("to_int(t)", "to_int() takes text or a number, not a boolean"),
        ("decimal(s)", "decimal() got text that is no number"),
        ("divide(a, `0`)", "divide() can't divide by zero"),
        ("money(a, s)", "money() takes a currency code of three letters"),
        ("from_minor(`1.5`, 'USD')", "from_minor() takes a whole number of minor units"),
        ("split(s, '')", "split() needs a separator that isn't empty"),
        ("replace(s, '', 'x')", "replace() needs something to replace that isn't empty"),
        ("url_encode(surrogate)", "can't work with this value (UnicodeEncodeError)"),
        (
            "to_string(surrogate_in)",
            "to_string() got a value that is no JSON: half a surrogate pair can't be written",
        ),
    ],
)
def test_an_error_names_types_and_never_values(text: str, reason: str) -> None:
    document = {
        "a": 5,
        "s": "sEcReT",
        "t": True,
        "o": {"k": "sEcReT"},
        "mixed": [1, "sEcReT"],
        "rows": [{"x": 1}, {"x": "sEcReT"}],
        "surrogate": "sEcReT\ud800",
        "surrogate_in": ["sEcReT\ud800"],
    }
    program = compile_expression(text, None)
    with pytest.raises(ExpressionFailed) as caught:
        program.search(document)
    assert caught.value.expression == text
    assert caught.value.reason == reason
    assert "sEcReT" not in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_name_missing_from_the_frame_fails_as_an_expression() -> None:
    with pytest.raises(ExpressionFailed):
        compile_expression("order", SCOPE)(Frame({}))


def test_a_failure_in_a_lazy_name_keeps_its_own_expression() -> None:
    inner = compile_expression("abs(order)", SCOPE)
    frame = Frame({"order": "x"}, {"status": inner})
    with pytest.raises(ExpressionFailed) as caught:
        compile_expression("status", SCOPE)(frame)
    assert caught.value.expression == "abs(order)"


def test_documents_and_literals_are_left_as_they_were() -> None:
    document = {"a": [3, 1, 2], "b": {"x": 1}}
    program = compile_expression('[sort(a), reverse(a), merge(b, `{"x": 2}`), `[2, 1]`]', None)
    assert program.search(document) == program.search(document)
    assert document == {"a": [3, 1, 2], "b": {"x": 1}}


@pytest.mark.parametrize("text", ["lines" + "[*].b" * 100, "!lines" + " || !lines" * 100])
def test_a_caller_deep_in_the_stack_never_gets_a_recursion_error(text: str) -> None:
    def dive(levels: int) -> str:
        if levels:
            return dive(levels - 1)
        try:
            compile_expression(text, SCOPE)(Frame(VALUES))
        except (ExpressionProblems, ExpressionFailed) as error:
            return str(error)
        return ""

    frame, depth = sys._getframe(), 0
    while frame.f_back:
        frame, depth = frame.f_back, depth + 1
    room = range(80, sys.getrecursionlimit() - depth - 20, 20)
    found = [dive(sys.getrecursionlimit() - depth - free) for free in room]
    assert "deep" in found[0]
    assert not found[-1]
