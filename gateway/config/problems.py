"""One problem in the configuration, and the list that collects them all."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        return sorted(dict.fromkeys(self.found), key=lambda problem: (problem.place, problem.code))
