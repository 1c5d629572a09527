"""What an expression gives is always of the type that was inferred for it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.syntax import parse
from gateway.expressions.types.algebra import field_of, union
from gateway.expressions.types.infer import infer
from gateway.expressions.types.literal import kind_of_value, type_of_value
from gateway.expressions.types.model import Type
from gateway.expressions.values import TYPE_NAMES
from tests.expressions.grammar import DOCUMENTS, EXPRESSIONS


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


@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, DOCUMENTS, DOCUMENTS)
def test_a_result_is_of_the_inferred_type(expression, document, other):
    try:
        result = compile_expression(expression, None).search(document)
    except ExpressionFailed:
        return
    exact = type_of_value(document)
    for known in (exact, kind_of_value(document), union(exact, type_of_value(other))):
        type_, _ = infer(parse(expression), expression, {}, known)
        assert is_of(result, type_)
