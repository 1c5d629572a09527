"""The text of a file of tests: a case is written and added to it, and all else stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from gateway.config.kinds import BAD, Context
from gateway.config.problems import Problems
from gateway.config.source import read_yaml
from gateway.testing.case_spec import TESTS_FILE, CaseSpec
from gateway.testing.yaml_text import entry

if TYPE_CHECKING:
    from gateway.lossless import Json

_INDENT = 2


class Unwritable(Exception):
    """A text can't become the file of tests that is meant; `str()` says why."""


def case_text(case: dict[str, Json], indent: int = _INDENT) -> str:
    """Write a case as an item of `cases`; `indent` is the column of its dash."""
    inner = indent + 2
    parts: list[str] = []
    for key, value in case.items():
        if key != "vendor":
            parts.append(entry(key, value, inner))
            continue
        exchanges = [
            _exchange_text(each, inner + 2) for each in cast("list[dict[str, Json]]", value)
        ]
        parts.append("\n".join(["vendor:", *exchanges]))
    return " " * indent + "- " + f"\n{' ' * inner}".join(parts) + "\n"


def _exchange_text(exchange: dict[str, Json], indent: int) -> str:
    inner = indent + 2
    parts = [entry(key, value, inner) for key, value in exchange.items()]
    return " " * indent + "- " + f"\n{' ' * inner}".join(parts)


def case_of(case: dict[str, Json]) -> CaseSpec:
    """Read a case as it would be read from its file. Raises Unwritable where that says no."""
    return cases_in(f"cases:\n{case_text(case)}")[0]


def with_case(text: str, case: dict[str, Json]) -> str:
    """Add a case at the end. Raises Unwritable where the file doesn't end with its cases."""
    before, name = cases_in(text) if text.strip() else (), case["name"]
    indent = before[-1].place.column - 3 if before else _INDENT
    start = f"{text.rstrip()}\n\n" if before else "cases:\n"
    made = start + case_text(case, indent)
    if [each.name.text for each in cases_in(made)] != [*(each.name.text for each in before), name]:
        raise Unwritable("the file doesn't end with its cases, one below the other")
    return made


def cases_in(text: str) -> tuple[CaseSpec, ...]:
    """Read the cases of a text. Raises Unwritable with the first problem."""
    problems, data = Problems(), text.encode()
    node = read_yaml("cases", data, problems)
    tests = TESTS_FILE.read(node, Context(problems, {}, Path())) if node is not None else BAD
    if tests is BAD or problems.fatal:
        raise Unwritable(problems.sorted()[0].message)
    return tests.cases
