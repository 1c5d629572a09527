"""The steps of an expression end as the expression does."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.trace import trace
from tests.expressions.grammar import DOCUMENTS, EXPRESSIONS


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, DOCUMENTS)
def test_the_last_step_is_the_result_or_the_failure(expression: str, document: object) -> None:
    program = compile_expression(expression, None)
    steps = trace(program, document)
    try:
        result = program.search(document)
    except ExpressionFailed:
        assert steps[-1].failed
        assert isinstance(steps[-1].value, str)
        return
    assert not any(step.failed for step in steps)
    if steps:  # a literal alone has none
        assert steps[-1].value == result
        assert steps[-1].part in expression
