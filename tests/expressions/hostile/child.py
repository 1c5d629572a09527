"""Run one hostile expression and tell, on stdout, how it ended and what it took.

The limits begin where the document is ready: what is measured is the expression, not the document.
"""

from __future__ import annotations

import gc
import json
import math
import resource
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope

MEMORY = 256 * 2**20
SECONDS = 2


def _nested(levels: int) -> object:
    document: object = []
    for _ in range(levels):
        document = [document]
    return document


def _shuffled(count: int) -> list[int]:
    return [number * 7_919 % 1_000_003 for number in range(count)]


# Each about as large as an answer that is read (10 MB), or larger.
DOCUMENTS: dict[str, Callable[[], object]] = {
    "small": lambda: {"x": "y" * 100},
    "rows": lambda: [
        {"a": f"x{number}", "b": number, "c": {"d": [number]}} for number in range(5_000)
    ],
    "many rows": lambda: [{"a": f"x{number}", "b": number} for number in range(100_000)],
    "integers": lambda: _shuffled(400_000),
    "decimals": lambda: [Decimal(number) / 8 for number in _shuffled(300_000)],
    "both": lambda: [
        Decimal(number) / 8 if number % 2 else number for number in _shuffled(200_000)
    ],
    "long numbers": lambda: [Decimal("9" * 200 + "." + "7" * 90 + str(i)) for i in range(30_000)],
    "long integers": lambda: [10**298 + number for number in range(30_000)],
    "texts": lambda: [f"s{number}" for number in _shuffled(400_000)],
    "alike": lambda: ["y" * 2_000 + str(number) for number in _shuffled(5_000)],
    "alike rows": lambda: [{"a": "y" * 1_000_000 + str(number)} for number in range(9)],
    "long text": lambda: "abc" * 3_000_000,
    "wide": lambda: {f"k{number}": number for number in range(300_000)},
    "wide rows": lambda: [{f"k{key}": key for key in range(100)} for _ in range(3_000)],
    "lists": lambda: [[[number] for number in range(300)] for _ in range(1_000)],
    "deep": lambda: _nested(200_000),
}


def main() -> None:
    case = json.load(sys.stdin)
    document = DOCUMENTS[case["document"]]()
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    space = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    before = time.process_time()
    seconds = math.ceil(before) + SECONDS + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    outcome = _run(case["expression"], document)
    print(json.dumps({"outcome": outcome, "cpu": time.process_time() - before}))  # noqa: T201


def _run(expression: str, document: object) -> str:
    scope = Scope(frozenset({"rows"}))
    try:
        compile_expression(expression, scope)(Frame({"rows": document}))
    except ExpressionProblems as error:
        return error.problems[0].code
    except ExpressionFailed as error:
        return error.reason
    return "a value"


if __name__ == "__main__":
    main()
