"""The benchmarks run, compare equal answers, and write their page."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bench import __main__ as bench
from bench import expressions, measure, orders
from bench.sections import SECTIONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def page(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(measure, "_SLICE", 1e-6)
    monkeypatch.setattr(measure, "ROUNDS", 1)
    monkeypatch.setattr(expressions, "SIZES", (3,))
    monkeypatch.setattr(expressions, "COUNTS", (10,))
    monkeypatch.setattr(orders, "_ORDERS", 4)
    monkeypatch.setattr(orders, "_ROUNDS", 1)
    monkeypatch.setattr(orders, "_STORED", 10)
    copied = tmp_path / "performance.md"
    shutil.copy(root / "docs" / "performance.md", copied)
    monkeypatch.setattr(bench, "_PAGE", copied)
    return copied


def test_each_section_has_its_blocks_in_the_page_and_only_they_are_written(root: Path) -> None:
    text = (root / "docs" / "performance.md").read_text()
    several = {"expressions": ["gains", "by-hand", "compiling", "checking"]}
    expected = [block for name in SECTIONS for block in several.get(name, [name])]
    assert re.findall(r"<!-- ([a-z-]+): written by", text) == expected


def test_the_figures_are_printed_and_written(page: Path) -> None:
    before = page.read_text()
    done = CliRunner().invoke(bench.main, ["expressions", "orders", "--write"])
    assert done.exit_code == 0, done.output
    after = page.read_text()
    blocks = re.findall(r"<!-- ([a-z-]+): written by.*?-->\n(.*?)<!-- end -->", after, re.DOTALL)
    measured = {"gains", "by-hand", "compiling", "checking", "orders"}
    text = "".join(block for name, block in blocks if name in measured)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert tables
    assert all(line in done.output for line in tables)
    assert "| 10 | " in after
    assert "with `python -m bench orders` on" in after
    assert [line for line in after.splitlines() if line.startswith("#")] == [
        line for line in before.splitlines() if line.startswith("#")
    ]


def test_an_answer_that_differs_is_not_timed(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "by_hand", lambda _: [])
    before = page.read_text()
    done = CliRunner().invoke(bench.main, ["expressions", "orders", "--write"])
    assert done.exit_code == 1
    assert "Not the same answer" in done.output
    assert page.read_text() == before
