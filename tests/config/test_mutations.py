"""Whatever is done to the shipped files, problems are told, at places that exist."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.draft import Draft
from gateway.config.load import Configuration, load
from gateway.config.problems import Problem, Problems
from gateway.config.quick import read_quickly
from gateway.config.render import render_github, render_json, render_text
from gateway.config.source import read_yaml
from gateway.config.text import read_text
from gateway.plan.build import build

ROOT = Path(__file__).parents[2]
MAPPINGS = [p for p in (ROOT / "mappings").rglob("*.yaml") if ".test" not in p.suffixes]
FILES = ["gateway.yaml", *(str(path.relative_to(ROOT)) for path in MAPPINGS)]
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in sorted(FILES)}
_KEY = re.compile(r"^(?P<lead>[ -]*)(?P<key>[\w$-]+\??):", re.MULTILINE)
_SCALAR = re.compile(r"(?<=: )[^\n#]+")
_ODD = [*"{}[]()&*!|>'\"`%@,?:#-=$\\~<.", ": ", " #", "- ", "\t", "\r", "\x00", "é", "🛒", "\n"]
_VALUES = [
    *("", "null", "5", "-1", "1.10", "NO", "true", "[]", "{}", "[1, [2]]", "{a: b}", "{env: X}"),
    *("body", "lines[", "f(x, y)", "'text'", '"text"', "$each", "| \n", "2xx", "call", "keys"),
    *("rows[0].id", "calls.counts.body", "{a: {b: {c: d}}}", "!x", "&a", "*a", "[?a == 'b #c']"),
]

Mutation = Callable[[str, int, str], str]


def _nth(pattern: re.Pattern[str], text: str, number: int) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return found[number % len(found)] if found else None


def _cut_key(text: str, number: int, _value: str) -> str:
    found = _nth(_KEY, text, number)
    return text[: found.start("key")] + text[found.end() :] if found else text


def _rename_key(text: str, number: int, value: str) -> str:
    found = _nth(_KEY, text, number)
    key = found["key"][1:] + value[:2] if found else ""
    return text[: found.start("key")] + key + text[found.end("key") :] if found else text


def _change_scalar(text: str, number: int, value: str) -> str:
    found = _nth(_SCALAR, text, number)
    return text[: found.start()] + value + text[found.end() :] if found else text


def _on_line(change: Callable[[list[str], int, str], None]) -> Mutation:
    def mutate(text: str, number: int, value: str) -> str:
        lines = text.split("\n")
        change(lines, number % len(lines), value)
        return "\n".join(lines)

    return mutate


def _drop(lines: list[str], at: int, _value: str) -> None:
    del lines[at]


def _double(lines: list[str], at: int, _value: str) -> None:
    lines.insert(at, lines[at])


def _swap(lines: list[str], at: int, _value: str) -> None:
    lines[at], lines[at - 1] = lines[at - 1], lines[at]


def _shift(lines: list[str], at: int, value: str) -> None:
    lines[at] = " " * (len(value) % 4 + 1) + lines[at]


def _unshift(lines: list[str], at: int, value: str) -> None:
    lines[at] = lines[at][len(value) % 3 + 1 :]


def _truncate(lines: list[str], at: int, _value: str) -> None:
    del lines[at:]


def _insert(text: str, number: int, value: str) -> str:
    at = number % (len(text) + 1)
    return text[:at] + value + text[at:]


MUTATIONS: list[Mutation] = [
    *(_cut_key, _rename_key, _change_scalar, _insert),
    *map(_on_line, (_drop, _double, _swap, _shift, _unshift, _truncate)),
]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(sorted(TEXTS)),
        st.sampled_from(MUTATIONS),
        st.integers(0, 5000),
        st.sampled_from(_ODD) | st.sampled_from(_VALUES),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("mutated")
    (folder / "schemas").mkdir()
    yield folder
    shutil.rmtree(folder)


def _load(folder: Path, texts: dict[str, str]) -> Configuration:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    configuration = load(folder / "gateway.yaml", None)
    plans = build(configuration)
    assert (plans is None) == configuration.problems.fatal
    return configuration


def _stands_in_its_file(problem: Problem, configuration: Configuration) -> None:
    place = problem.place
    source = configuration.sources.get(place.file)
    assert source is not None, problem
    assert 1 <= place.line <= place.end_line <= source.last_line, problem
    assert 1 <= place.column <= len(source.line(place.line)) + 2, problem
    assert place.end_column <= len(source.line(place.end_line)) + 2, problem
    assert (place.line, place.column) <= (place.end_line, place.end_column), problem


@settings(max_examples=150, deadline=None)
@given(EDITS)
def test_no_edit_breaks_the_reader(
    folder: Path, edits: list[tuple[str, Mutation, int, str]]
) -> None:
    """Hypothesis writes over the same files again and again: each example writes all of them."""
    texts = dict(TEXTS)
    for name, mutate, number, value in edits:
        texts[name] = mutate(texts[name], number, value)
    configuration = _load(folder, texts)
    problems = configuration.problems.sorted()
    for problem in problems:
        _stands_in_its_file(problem, configuration)
        assert problem.message[-1] in ".?", problem
        assert problem.message[0] in "`{" or not problem.message[0].islower(), problem
    assert render_text(problems, configuration.sources, colour=True)
    assert len(json.loads(render_json(problems))["problems"]) == len(problems)
    assert render_github(problems).count("\n") == len(problems)


def _read_both_ways(name: str, text: str) -> tuple[object, object]:
    """Give what both readers make of a text: nodes and problems."""
    made = []
    for quickly in (True, False):
        problems = Problems()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml, "__with_libyaml__", quickly)
            node = read_yaml(name, text.encode("utf-8", "surrogatepass"), problems)
        made.append((node, problems.found))
    return made[0], made[1]


@settings(max_examples=500, deadline=None)
@given(EDITS)
def test_the_quick_reader_reads_what_the_careful_one_does_and_leaves_it_the_rest(
    edits: list[tuple[str, Mutation, int, str]],
) -> None:
    name = edits[0][0]
    text = TEXTS[name]
    for _, mutate, number, value in edits:
        text = mutate(text, number, value)
    quick, careful = _read_both_ways(name, text)
    assert quick == careful


@pytest.mark.parametrize(
    "text",
    [
        "a: {b?: 1}\n",
        "a: {b?c: 1}\n",
        "a: {b: , c: 1}\n",
        "a: [b\t]\n",
        "a: b\t\n",
        "a: ># b\n  c\n",
    ],
)
def test_where_the_two_parsers_differ_the_careful_one_reads(text: str) -> None:
    quick, careful = _read_both_ways("f.yaml", text)
    assert quick == careful


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_quick_reader_reads_every_shipped_file(name: str) -> None:
    source = read_text(name, TEXTS[name].encode(), Problems())
    assert source is not None
    assert read_quickly(Draft(source, source, Problems())) is not None
