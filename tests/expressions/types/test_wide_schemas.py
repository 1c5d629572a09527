"""Schemas of very many alternatives are read soon, and nothing is said against what they hold."""

from __future__ import annotations

import pytest
import referencing
from referencing.jsonschema import DRAFT202012

from gateway.expressions.compiler import compile_expression
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.types.schema import type_of_schema


def _branch(name: str) -> dict[str, object]:
    return {"type": "object", "properties": {name: {"type": "string"}}}


PRODUCT = {"allOf": [{"oneOf": [_branch(f"p{i}_{j}") for j in range(3)]} for i in range(14)]}
"""Taken apart in full it would be five million objects."""

WIDE = {
    "type": "object",
    "properties": {"id": {"type": "string"}},
    "oneOf": [_branch(f"p{i}") for i in range(100)],
}
TUPLE = {
    "type": "array",
    "prefixItems": [{"type": "string"}, {"type": "integer"}],
    "items": False,
}


def _codes(expression: str, schema) -> list[str]:
    resolver = referencing.Registry().with_resource("", DRAFT202012.create_resource(schema))
    scope = Scope(frozenset({"body"}), {"body": type_of_schema(schema, resolver.resolver())})
    try:
        compile_expression(expression, scope)
    except ExpressionProblems as error:
        return [problem.code for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("schema", "field"), [(PRODUCT, "p0_0"), (PRODUCT, "p13_2"), (WIDE, "p0"), (WIDE, "p99")]
)
def test_a_field_of_any_alternative_is_known(schema, field: str) -> None:
    assert _codes(f"body.{field}", schema) == []


def test_what_is_no_object_is_still_none() -> None:
    assert _codes("body[0]", WIDE) == ["no-elements"]


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("body[1] > `2`", []),
        ("body[-1] > `2`", []),  # it may be shorter than its schema
        ("body[-1] == 'x'", []),
        ("body[0] > `2`", ["impossible-comparison"]),
    ],
)
def test_the_elements_of_a_tuple_have_types_of_their_own(expression: str, codes) -> None:
    assert _codes(expression, TUPLE) == codes
