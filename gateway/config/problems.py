"""One problem in the configuration, and the list that collects them all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of a file: lines and columns from 1, the end exclusive."""

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file, said once: where, what, and what to type instead.

    `code` is stable (see docs/errors/); `advice` is the way out, one sentence or the corrected
    line.
    """

    code: str
    message: str
    place: Place
    advice: str | None = None
    severity: Severity = "error"
    hidden: bool = False
    """True where the line may hold a secret: its text is never shown."""


@dataclass(slots=True)
class Problems:
    """Collects problems while files are read and plans are built; nothing stops at the first."""

    found: list[Problem] = field(default_factory=list)

    def error(self, code: str, message: str, place: Place, advice: str | None = None) -> None:
        self.found.append(Problem(code, message, place, advice))

    def warning(self, code: str, message: str, place: Place, advice: str | None = None) -> None:
        self.found.append(Problem(code, message, place, advice, "warning"))

    def secret_literal(self, place: Place, advice: str | None = None) -> None:
        """Report a secret written into the file, without showing it."""
        self.found.append(
            Problem(
                "secret-literal",
                "A secret can't be written into this file.",
                place,
                advice
                or "Put it into an environment variable, {env: NAME}, or a file, {file: PATH}.",
                hidden=True,
            )
        )

    @property
    def fatal(self) -> bool:
        return any(problem.severity == "error" for problem in self.found)

    def sorted(self) -> list[Problem]:
        """Give each problem once, by place."""
        found = dict.fromkeys(self.found)
        halves = {problem.place for problem in found if problem.code == "yaml-quote"}
        told = [each for each in found if each.code not in _OF_HALVES or each.place not in halves]
        return _by_cause(sorted(told, key=lambda problem: (problem.place, problem.code)))


_OF_HALVES = frozenset({"unknown-key", "yaml-key"})
"""What YAML's cutting of an unquoted value, as in `{statuses: 200,201}`, leads to besides."""

_ONE_CAUSE = frozenset({"unknown-function", "unknown-name"})


def _by_cause(found: list[Problem]) -> list[Problem]:
    """Tell a name that isn't there once for each file, with the lines that repeat it."""
    causes: dict[object, list[Problem]] = {}
    for at, each in enumerate(found):
        apart: object = at
        if each.code in _ONE_CAUSE:
            apart = (each.place.file, each.message, each.advice)
        causes.setdefault(apart, []).append(each)
    return [_with_repeats(first, again) for first, *again in causes.values()]


def _with_repeats(problem: Problem, again: list[Problem]) -> Problem:
    if not again:
        return problem
    times = "once more" if len(again) == 1 else f"{len(again)} more times"
    lines = list(dict.fromkeys(str(each.place.line) for each in again))
    where = f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"
    return replace(problem, message=f"{problem.message} The same {times}, in {where}.")
