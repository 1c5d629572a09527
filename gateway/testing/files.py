"""The files of tests: `stock.test.yaml` beside the mapping `stock.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.config import source
from gateway.config.kinds import BAD, Context
from gateway.config.problems import Place, Problems
from gateway.config.source import read_yaml
from gateway.config.text import Sources, shown_path
from gateway.plan.exchange import Plan
from gateway.testing.case_spec import TESTS_FILE, CaseSpec

_MARK = ".test"


@dataclass(frozen=True, slots=True)
class Suite:
    """A mapping's cases; none where it has no file of tests."""

    plan: Plan
    path: Path
    cases: tuple[CaseSpec, ...]

    @property
    def file(self) -> str:
        return shown_path(self.path)


def read_suites(
    plans: Iterable[Plan], wanted: Iterable[Plan], problems: Problems, sources: Sources
) -> list[Suite]:
    """Read the tests of the wanted mappings, in their order.

    Problems are collected, not raised. One of them is a file of tests whose mapping is gone: nobody
    would notice that it never runs.
    """
    for path in _strays({Path(plan.file).parent for plan in plans}):
        mapping = path.with_name(path.name.replace(f"{_MARK}.", "."))
        problems.error(
            "missing-file",
            f"There is no mapping {mapping.name} beside this file of tests.",
            Place(shown_path(path)),
            "Name the file after its mapping, or delete it.",
        )
    return [_read(plan, problems, sources) for plan in wanted]


def tests_of(plan: Plan) -> Path:
    """Give where a mapping's tests are, if it has any."""
    return tests_beside(Path(plan.file))


def tests_beside(mapping: Path) -> Path:
    """Give where the tests of a mapping's file are, if it has any."""
    return mapping.with_name(f"{mapping.stem}{_MARK}{mapping.suffix}")


def _read(plan: Plan, problems: Problems, sources: Sources) -> Suite:
    path = tests_of(plan)
    if not path.exists():
        return Suite(plan, path, ())
    shown = shown_path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{shown} can't be read: {error.strerror}."
        advice = "Check who owns the file and who may read it."
        problems.error("unreadable-file", message, Place(shown), advice)
        return Suite(plan, path, ())
    sources.add(shown, data)
    node = read_yaml(shown, data, problems)
    if isinstance(node, source.Mapping) and node.get("mapping") is not None:
        message = "This is a mapping file, and a file of tests is expected."
        advice = "Let the names of mapping files not end in .test.yaml."
        problems.error("wrong-file", message, Place(shown), advice)
        return Suite(plan, path, ())
    context = Context(problems, {}, path.parent)
    tests = TESTS_FILE.read(node, context) if node is not None else BAD
    return Suite(plan, path, () if tests is BAD else tests.cases)


def _strays(folders: set[Path]) -> Iterator[Path]:
    for folder in sorted(folders):
        for path in sorted(folder.glob(f"*{_MARK}.y*ml")):
            if not path.with_name(path.name.replace(f"{_MARK}.", ".")).exists():
                yield path
