"""Edits to a text and the problem that they solve; how a text is quoted."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from gateway.config import brackets

MAX_LINES = 20
MAX_WIDTH = 2000
INDICATORS = "{[*&!%@`|>,]}"

# A line of a block: dashes, perhaps a key, and the value, perhaps with a comment.
LINE = re.compile(
    r"""(?P<lead>[ ]*(?:-[ ]+)*)
        (?:(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'\[\]{}#&*!|>%@`,][^\n]*?)[ ]*:[ \t]+)?
        (?P<value>[^\s#][^\n]*)""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"[ \t]#")


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `new` in the place of the characters from `start` to `end`, all on one line."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Repair:
    """Edits from left to right, with the problem that they solve.

    `advice` is None where the corrected lines say it all.
    """

    code: str
    message: str
    edits: tuple[Edit, ...]
    advice: str | None = None

    def apply(self, text: str) -> str:
        for edit in reversed(self.edits):
            text = text[: edit.start] + edit.new + text[edit.end :]
        return text


def quoted(text: str) -> str:
    """Quote a text so that YAML reads exactly it, with as few escapes as possible."""
    if "'" not in text and ('"' in text or "\\" in text):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


_DOUBLED = re.compile(r"\{\{\s*(.+?)\s*\}\}")


def as_value(value: str) -> str:
    """Write a value so that YAML reads it: quoted, and without braces that are doubled."""
    found = _DOUBLED.fullmatch(value)
    if found is None:
        return quoted(value)
    return found[1] if reads_as_one(found[1], flow=True) else quoted(found[1])


def reads_as_one(text: str, *, flow: bool) -> bool:
    """Say whether YAML reads the text as one scalar, quoted or with exactly this content."""
    before = "[" if flow else "k: "
    try:
        events = [
            event
            for event in yaml.parse(before + text + ("]" if flow else ""), Loader=yaml.SafeLoader)
            if isinstance(event, yaml.NodeEvent)
        ]
    except (yaml.YAMLError, ValueError, OverflowError):
        return False
    last = events[-1]
    return (
        len(events) == (2 if flow else 3)
        and isinstance(last, yaml.ScalarEvent)
        and last.tag is None
        and last.anchor is None
        and (last.value == text or (last.style is not None and last.style in "'\""))
        and last.end_mark is not None
        and last.end_mark.index == len(before) + len(text)
    )


def line_bounds(text: str, spot: int) -> tuple[int, int]:
    """Give where the line of an offset starts and ends, its line break left out."""
    start = text.rfind("\n", 0, spot) + 1
    end = text.find("\n", spot)
    end = len(text) if end < 0 else end
    return start, end - 1 if end > start and text[end - 1] == "\r" else end


def why(value: str) -> str:
    """Say why YAML can't read a value unless it is quoted."""
    if value[0] in "'\"":
        return (
            "The value goes on after a closing quote: to YAML it ends there, "
            "so the whole of it has to be quoted."
        )
    if _DOUBLED.fullmatch(value):
        return "An expression stands without braces; other template languages double them."
    if value[0] in INDICATORS:
        sign = "a backtick" if value[0] == "`" else f"`{value[0]}`"
        return f"A value that starts with {sign} is YAML's own, so it has to be quoted."
    if ": " in value:
        return "`: ` inside a value that isn't quoted starts a new key to YAML."
    return "YAML can't read this value unless it is quoted."


def without_comment(value: str) -> str:
    """Leave a comment away, unless the quotes and brackets before it are still open."""
    for found in _COMMENT.finditer(value):
        if brackets.balanced(value[: found.start()]):
            return value[: found.start()].rstrip()
    return value.rstrip()
