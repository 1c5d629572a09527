"""The JMESPath compliance suite, through the compiled form."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.problems import ExpressionProblems

SUITE = Path(__file__).resolve().parents[3] / "shared" / "jmespath-compliance"


def _cases() -> list[object]:
    cases: list[object] = []
    for path in sorted(SUITE.glob("*.json")):
        for group in json.loads(path.read_bytes()):
            cases += [
                pytest.param(group["given"], case, id=f"{path.stem}-{len(cases) + number}")
                for number, case in enumerate(group["cases"])
            ]
    skip = pytest.mark.skip(reason="the compliance suite isn't beside this repository")
    return cases or [pytest.param(None, None, marks=skip)]


def _written(value: object) -> str:
    """Write as JSON: tells true from 1, whatever Python thinks."""
    return json.dumps(value, default=float)


@pytest.mark.parametrize("fraction", [float, Decimal])
@pytest.mark.parametrize(("given", "case"), _cases())
def test_case(given: object, case: dict[str, object], fraction: type) -> None:
    expression = str(case["expression"])
    document = json.loads(json.dumps(given), parse_float=fraction)
    if "error" in case:
        with pytest.raises((ExpressionProblems, ExpressionFailed)):
            compile_expression(expression, None).search(document)
        return
    result = compile_expression(expression, None).search(document)
    if "result" in case:
        assert _written(result) == _written(case["result"])


def test_the_whole_suite_was_read() -> None:
    if not SUITE.exists():
        pytest.skip("the compliance suite isn't beside this repository")
    assert len(_cases()) == 908
