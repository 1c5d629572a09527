"""The lines of a file around a problem, with the stretch underlined."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.config.problems import Place
    from gateway.config.text import SourceText

_TAB = "    "
_WIDEST = 100
_BEFORE = 30
_MOST_LINES = 4


def frame(place: Place, source: SourceText) -> list[tuple[str, bool]]:
    """Give the lines of a code frame, each with whether it is an underline.

    Of a long stretch the first lines are shown. Underlines sit right below tabs, wide (East Asian,
    emoji) and combining characters in a terminal that gives them two, and no, columns.
    """
    last = min(place.end_line, source.last_line)
    if last > place.line and place.end_line == last and place.end_column == 1:
        last -= 1
    gutter = len(str(place.end_line))
    lines = [(f"{' ' * gutter} |", False)]
    for number in range(place.line, min(last, place.line + _MOST_LINES - 1) + 1):
        text = source.line(number)
        start = place.column if number == place.line else 1 + len(text) - len(text.lstrip())
        end = place.end_column if number == place.end_line else len(text) + 1
        shown, underline = _window(text, start - 1, max(end - 1, start))
        lines.append((f"{number:>{gutter}} | {shown}".rstrip(), False))
        if text.strip() or number == place.line:
            lines.append((f"{' ' * gutter} | {underline}", True))
    if last >= place.line + _MOST_LINES:
        lines.append((f"{' ' * gutter} | …", False))
    return lines


def clean(text: str) -> str:
    """Make every character visible: a terminal must not obey what a file says."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t":
        return _TAB
    category = unicodedata.category(character)
    if (
        category in {"Cc", "Cs", "Co", "Zl", "Zp"}
        or character in "\u061c\u200e\u200f"
        or ("\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069")
    ):
        return "\ufffd"
    return character


def _width(character: str) -> int:
    if character == "\t":
        return len(_TAB)
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return len(_visible(character)) if _visible(character) != character else 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _window(text: str, start: int, end: int) -> tuple[str, str]:
    """Cut a long line around the stretch; give it and the underline, both as wide as shown."""
    first = 0
    if _columns(text) > _WIDEST and _columns(text[:start]) > _BEFORE:
        first = start
        while first and _columns(text[first - 1 : start]) <= _BEFORE:
            first -= 1
    last = first
    taken = 0
    while last < len(text) and taken + _width(text[last]) <= _WIDEST:
        taken += _width(text[last])
        last += 1
    left, right = "…" if first else "", "…" if last < len(text) else ""
    shown = left + clean(text[first:last]) + right
    blank = len(left) + _columns(text[first:start])
    marks = max(_columns(text[start : min(end, last)]), 1)
    return shown, " " * blank + "^" * marks


def _columns(text: str) -> int:
    return sum(_width(character) for character in text)
