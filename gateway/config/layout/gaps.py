"""What stands between the values of a file: comments, blank lines, and the dashes of lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_PARTS = re.compile(r"(?P<comment>#[^\n]*)|(?P<end>\n)|(?P<mark>[^\s#])")


@dataclass(frozen=True, slots=True)
class Part:
    """A comment, a blank line or a dash.

    `column` counts from 0; `alone` says that nothing is before it on its line.
    """

    kind: Literal["comment", "blank", "dash"]
    text: str
    column: int
    alone: bool


def parts_of(gap: str, column: int) -> list[Part]:
    """Split what stands between two values; `column` is where it begins on its line."""
    found: list[Part] = []
    line_start, empty = -column, column == 0
    for match in _PARTS.finditer(gap):
        at = match.start() - line_start
        if match["comment"] is not None:
            found.append(Part("comment", match["comment"].rstrip(), at, empty))
        elif match["mark"] == "-":
            found.append(Part("dash", "-", at, empty))
        elif match["end"] is not None and empty:
            found.append(Part("blank", "", 0, alone=True))
        empty = match["end"] is not None
        if empty:
            line_start = match.end()
    return found
