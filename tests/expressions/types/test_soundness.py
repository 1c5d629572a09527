"""What an expression gives is always of the type that was inferred for it, and of no wider one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.syntax import parse
from gateway.expressions.types.algebra import element_of, field_of, union
from gateway.expressions.types.infer import infer
from gateway.expressions.types.literal import kind_of_value, type_of_value
from gateway.expressions.types.model import Type
from gateway.expressions.types.words import describe
from gateway.expressions.values import TYPE_NAMES
from tests.expressions.grammar import DOCUMENTS, EXPRESSIONS, WITH_OWN_FUNCTIONS


def is_of(value: object, type_: Type) -> bool:
    if type_.unknown:
        return True
    if isinstance(value, list):
        return any(
            all(is_of(each, _at(part, index)) for index, each in enumerate(value))
            for part in type_.arrays
        )
    if isinstance(value, dict):
        return any(_is_shaped(value, shape) for shape in type_.objects)
    kind = TYPE_NAMES[type(value)]
    values = type_.scalars.get(kind, frozenset())
    return values is None or value in values


def _at(part, index):
    if index < len(part.first):
        return part.first[index].get()
    return part.rest.get() if part.rest is not None else Type()


def _is_shaped(value, shape):
    if not shape.required <= value.keys():
        return False
    fields = {name: field_of(shape, name) for name in value}
    return all(type_ is not None and is_of(value[name], type_) for name, type_ in fields.items())


def check(expression, document, other):
    try:
        result = compile_expression(expression, None).search(document)
    except (ExpressionProblems, ExpressionFailed):
        return
    exact = type_of_value(document)
    for known in (exact, kind_of_value(document), union(exact, type_of_value(other))):
        type_, _ = infer(parse(expression), expression, {}, known)
        assert is_of(result, type_)


SOUND = settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SOUND
@given(EXPRESSIONS, DOCUMENTS, DOCUMENTS)
def test_a_result_is_of_the_inferred_type(expression, document, other):
    check(expression, document, other)


@SOUND
@given(WITH_OWN_FUNCTIONS, DOCUMENTS, DOCUMENTS)
def test_a_result_of_the_languages_own_functions_is_of_the_inferred_type(
    expression, document, other
):
    check(expression, document, other)


OWN_FUNCTIONS = [
    (function.example.expression, function.example.result) for function in FUNCTIONS.values()
]


@pytest.mark.parametrize(("expression", "result"), OWN_FUNCTIONS)
def test_the_example_of_each_function_is_of_the_inferred_type(expression, result):
    type_, problems = infer(parse(expression), expression, {}, kind_of_value(None))
    assert not problems
    assert is_of(result, type_)


DOCUMENT = {"rows": [{"n": "a", "q": 1}, {"n": "b"}], "nested": [[1, ["x"]]], "text": "a-b"}
PRECISE = {
    "unique_by(rows, &n)[].n": "array of texts",
    "compact(map(&q, rows))": "array of numbers",
    "chunk(rows, `2`)[0][0].n": "text or null",
    "items(rows[0])[].value": "array of (text or number) or null",
    "from_items(items(rows[0])).x": "text or number or null",
    "index_by(rows, &n).a": "object or null",
    "index_by(rows, &n).a.q": "number or null",
    "group_by(rows, &n).a[].q": "array of numbers or null",
    "flatten_deep(nested)": "array of (number or text)",
    "regex_match(text, 'a(b)')[0]": "text or null",
    "split(text, '-')[0]": "text",
    "link(text, 'next')": "text or null",
}


@pytest.mark.parametrize("expression", PRECISE)
def test_a_type_is_as_precise_as_what_the_function_promises(expression):
    type_, problems = infer(parse(expression), expression, {}, kind_of_value(DOCUMENT))
    assert not problems
    assert describe(type_) == PRECISE[expression]


def test_no_element_is_null_after_compact():
    for expression, nullable in (("map(&q, rows)", True), ("compact(map(&q, rows))", False)):
        type_, _ = infer(parse(expression), expression, {}, kind_of_value(DOCUMENT))
        assert element_of(type_).nullable is nullable


def test_a_field_that_no_row_has_is_noticed_after_a_function():
    for expression in (
        "index_by(rows, &n).*.z",
        "group_by(rows, &n).a[].z",
        "chunk(rows, n)[][].z",
    ):
        _, problems = infer(parse(expression), expression, {}, kind_of_value(DOCUMENT))
        assert "unknown-field" in {problem.code for problem in problems}
