"""The corpus: its cases, how the checker is asked, and the error rates in the summary."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import pytest
import referencing
import yaml
from referencing.jsonschema import DRAFT202012

from gateway.expressions.compiler import compile_expression
from gateway.expressions.problems import ExpressionProblem, ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.types.model import Type
from gateway.expressions.types.schema import type_of_schema
from gateway.lossless import Json

FOLDER = Path(__file__).parent
SCHEMAS = FOLDER.parents[2] / "schemas"
BASE = "https://schemas.invalid/"
RATES = pytest.StashKey[str]()

Schema = dict[str, Json]


@dataclass(frozen=True)
class Ill:
    """An ill-typed expression: the codes expected, the place of the first, a part of its advice."""

    expression: str
    codes: tuple[str, ...]
    start: int
    end: int
    advice: str


@dataclass(frozen=True)
class Theme:
    """One file of the corpus."""

    name: str
    scope: Mapping[str, Schema]
    well: tuple[str, ...]
    ill: tuple[Ill, ...]


@pytest.fixture(scope="session")
def corpus() -> list[Theme]:
    return [_theme(path) for path in sorted(FOLDER.glob("*.yaml"))]


@pytest.fixture(scope="session")
def problems() -> Callable[[str, Mapping[str, Schema]], list[ExpressionProblem]]:
    """Give a function: an expression and the schemas of its scope → what is reported."""

    def ask(text: str, schemas: Mapping[str, Schema]) -> list[ExpressionProblem]:
        known = {name: _type(schema) for name, schema in schemas.items()}
        scope = Scope(names=frozenset(known), types=known)
        try:
            compile_expression(text, scope)
        except ExpressionProblems as error:
            return list(error.problems)
        return []

    return ask


@pytest.fixture
def tell_rates(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Give a function that has a line shown when all tests have run."""

    def tell(line: str) -> None:
        request.config.stash[RATES] = line

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rates = terminalreporter.config.stash.get(RATES, None)
    if rates is not None:
        terminalreporter.write_sep("-", "type checker")
        terminalreporter.write_line(rates)


def _type(schema: Schema) -> Type:
    """Give the type of a schema, inline or one of those that are shipped."""
    name = schema.get("schema")
    uri = f"{BASE}{name}" if isinstance(name, str) else "https://inline.invalid/"
    registry = _shipped().with_resource(uri, DRAFT202012.create_resource(schema))
    if isinstance(name, str):
        registry, schema = _shipped(), cast("Schema", _shipped().contents(uri))
    return type_of_schema(schema, registry.resolver(uri))


@cache
def _shipped() -> referencing.Registry[Json]:
    files = {f"{BASE}{path.relative_to(SCHEMAS)}": path for path in SCHEMAS.rglob("*.json")}
    resources = (
        (uri, DRAFT202012.create_resource(json.loads(path.read_bytes())))
        for uri, path in files.items()
    )
    return referencing.Registry[Json]().with_resources(resources)


def _theme(path: Path) -> Theme:
    text = yaml.safe_load(path.read_text())
    return Theme(
        path.stem, text["scope"], tuple(text["well"]), tuple(_ill(**case) for case in text["ill"])
    )


def _ill(
    *,
    expression: str,
    code: str,
    at: str,
    nth: int = 0,
    advice: str = "",
    also: tuple[str, ...] = (),
) -> Ill:
    places = list(_places(expression, at))
    assert len(places) == 1 or nth, f"{expression}: say which `{at}` is meant"
    start = places[max(nth, 1) - 1]
    return Ill(expression, (code, *also), start, start + len(at), advice)


def _places(text: str, part: str) -> Iterator[int]:
    """Find the part in the text, names in full only."""
    before = r"(?<!\w)" if re.match(r"\w", part) else ""
    after = r"(?!\w)" if re.search(r"\w$", part) else ""
    for match in re.finditer(before + re.escape(part) + after, text):
        yield match.start()
