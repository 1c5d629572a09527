"""Problems as people, scripts and GitHub read them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.config.codes import CODES
from gateway.config.frame import clean, frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.config.problems import Problem
    from gateway.config.text import Sources

_RESET = "\x1b[0m"
_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "place": "\x1b[1m", "help": "\x1b[36m"}


def render_text(problems: Sequence[Problem], sources: Sources, *, colour: bool) -> str:
    """Write problems for a terminal: place, code and message, the lines, help; then a summary.

    Lines that may hold a secret aren't shown. A file without text (it doesn't exist) has none.
    """
    blocks = [_block(problem, sources, colour=colour) for problem in _without_secrets(problems)]
    return "\n\n".join([*blocks, summary(problems)]) + "\n"


def render_json(problems: Iterable[Problem]) -> str:
    """Write problems as one JSON document, `{"problems": […]}`; columns count characters from 1."""
    listed = [
        {
            "file": problem.place.file,
            "line": problem.place.line,
            "column": problem.place.column,
            "end_line": problem.place.end_line,
            "end_column": problem.place.end_column,
            "code": problem.code,
            "severity": problem.severity,
            "message": problem.message,
            "advice": problem.advice,
        }
        for problem in _without_secrets(problems)
    ]
    return json.dumps({"problems": listed}, ensure_ascii=False, indent=2) + "\n"


def render_github(problems: Iterable[Problem]) -> str:
    """Write problems as workflow commands of GitHub Actions, which become notes on the lines.

    Columns are given for problems within one line, the only ones that GitHub takes. Source:
    GitHub's documentation, "Workflow commands for GitHub Actions".
    """
    return "".join(f"{_annotation(problem)}\n" for problem in _without_secrets(problems))


def summary(problems: Sequence[Problem]) -> str:
    """Count problems in one line: `2 errors, 1 warning in 3 files`."""
    errors = sum(problem.severity == "error" for problem in problems)
    counts = [(errors, "error"), (len(problems) - errors, "warning")]
    said = ", ".join(_plural(count, noun) for count, noun in counts if count)
    files = len({problem.place.file for problem in problems})
    return f"{said} in {_plural(files, 'file')}" if said else "no problems"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _block(problem: Problem, sources: Sources, *, colour: bool) -> str:
    def painted(text: str, name: str) -> str:
        return f"{_COLOURS[name]}{text}{_RESET}" if colour else text

    place = problem.place
    where = painted(f"{clean(place.file)}:{place.line}:{place.column}:", "place")
    kind = painted(f"{problem.severity}[{problem.code}]", problem.severity)
    source = None if problem.hidden else sources.get(place.file)
    shown = frame(place, source) if source is not None else []
    margin = " " * (len(str(place.end_line)) + 1)
    lines = [f"{where} {kind} {clean(problem.message)}"]
    for text, is_underline in shown:
        lines.append(painted(text, problem.severity) if is_underline else text)
    for number, advice in enumerate((problem.advice or "").splitlines()):
        label = painted("help:", "help") if number == 0 else "     "
        lines.append(
            f"{margin}= {label} {clean(advice)}"
            if number == 0
            else f"{margin}  {label} {clean(advice)}"
        )
    lines.append(f"{margin}= docs: docs/errors/{problem.code}.md")
    return "\n".join(lines)


def _annotation(problem: Problem) -> str:
    place = problem.place
    fields = {"file": place.file, "line": str(place.line)}
    if place.line == place.end_line:
        fields["col"] = str(place.column)
    fields["endLine"] = str(place.end_line)
    if place.line == place.end_line:
        fields["endColumn"] = str(place.end_column)
    fields["title"] = problem.code
    said = problem.message + (f"\nhelp: {problem.advice}" if problem.advice else "")
    listed = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    return f"::{problem.severity} {listed}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _without_secrets(problems: Iterable[Problem]) -> list[Problem]:
    """Say of a line that may hold a secret only what can't quote it, whichever problem it has."""
    listed = list(problems)
    secret = {
        (problem.place.file, line)
        for problem in listed
        if problem.hidden
        for line in range(problem.place.line, problem.place.end_line + 1)
    }
    return [
        replace(problem, message=CODES[problem.code].title, advice=None, hidden=True)
        if not problem.hidden
        and any(
            (problem.place.file, line) in secret
            for line in range(problem.place.line, problem.place.end_line + 1)
        )
        else problem
        for problem in listed
    ]
