"""The table of differences from jmespath tells what each of the two really does."""

from __future__ import annotations

import re
from pathlib import Path

import jmespath
import pytest
from jmespath.exceptions import JMESPathError

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.lossless import Json, dumps, loads

PAGE = Path(__file__).parents[2] / "docs" / "mapping-language.md"
ROW = re.compile(r"^\| `` (.+) `` \| `(.+)` \| (`.+`|error) \| (`.+`|error) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text().partition("## Differences from")[2].partition("\n## ")[0])


def _shown(value: Json) -> str:
    return f"`{dumps(value).decode()}`"


def _same(shown: str, written: str) -> bool:
    if "error" in (shown, written):
        return shown == written
    return repr(loads(shown.strip("`").encode())) == repr(loads(written.strip("`").encode()))


def test_the_table_is_read_in_full() -> None:
    assert len(ROWS) == PAGE.read_text().count("\n| `` ")
    assert len(ROWS) > 10


@pytest.mark.parametrize(("expression", "document", "theirs", "ours"), ROWS)
def test_a_difference_is_as_the_page_says(
    expression: str, document: str, theirs: str, ours: str
) -> None:
    given = loads(document.encode())
    try:
        interpreted = _shown(jmespath.search(expression, given))
    except JMESPathError:
        interpreted = "error"
    try:
        compiled = _shown(compile_expression(expression, None).search(given))  # type: ignore[arg-type] # JSON gives JSON
    except ExpressionFailed:
        compiled = "error"
    assert _same(interpreted, theirs)
    assert _same(compiled, ours)
    assert interpreted != compiled
