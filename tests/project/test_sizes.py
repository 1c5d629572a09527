"""House rules of size: no module over 300 lines, no function over 40."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 40

EXCEPTIONS: dict[str, str] = {}
"""A module (`gateway/x.py`) or a function (`gateway/x.py:f`) → the reason why it may be longer."""


def _lengths(root: Path) -> Iterator[tuple[str, int, int]]:
    """Yield each module and function: its name, its lines, the most it may have."""
    for package in ("gateway", "simulators"):
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            text = path.read_text()
            yield name, len(text.splitlines()), MOST_LINES
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or 0) - node.lineno + 1
                    yield f"{name}:{node.name}", lines, MOST_LINES_OF_A_FUNCTION


def test_every_module_and_function_is_short_or_has_a_reason_not_to_be(root: Path) -> None:
    too_long = {name: lines for name, lines, most in _lengths(root) if lines > most}
    assert too_long.keys() == EXCEPTIONS.keys(), too_long
