"""What the page on editors says to type fits the files that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
FILES = [
    ROOT / "gateway.yaml",
    *sorted((ROOT / "mappings").rglob("*.yaml")),
]

Patterns = dict[str, list[str]]


def _of_vs_code() -> Patterns:
    block = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0]
    found: Patterns = json.loads(block)["yaml.schemas"]
    return found


def _of_neovim() -> Patterns:
    block = re.findall(r"```lua\n(.*?)```", PAGE, re.DOTALL)[0]
    lines = re.findall(r"\['(\S+)'\] = \{ (.*?) \}", block)
    return {schema: re.findall(r"'(.*?)'", patterns) for schema, patterns in lines}


def _matches(path: Path, patterns: list[str]) -> bool:
    name = path.relative_to(ROOT)
    taken = any(name in _below(each) for each in patterns if each[0] != "!")
    return taken and not any(name in _below(each[1:]) for each in patterns if each[0] == "!")


def _below(pattern: str) -> set[Path]:
    return {path.relative_to(ROOT) for path in ROOT.glob(pattern)}


@pytest.mark.parametrize("patterns", [_of_vs_code(), _of_neovim()], ids=["VS Code", "Neovim"])
def test_every_shipped_file_has_the_schema_that_its_first_line_names(patterns: Patterns) -> None:
    for path in FILES:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        named = (path.parent / first.partition("$schema=")[2]).resolve()
        found = [schema for schema in patterns if _matches(path, patterns[schema])]
        assert [(ROOT / schema).resolve() for schema in found] == [named], path


def test_the_patterns_for_jetbrains_are_those_of_the_others() -> None:
    text = PAGE.partition("JetBrains")[2]
    for patterns in _of_vs_code().values():
        assert f"`{patterns[0]}`" in text
