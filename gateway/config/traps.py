"""What people mean where YAML reads something else: the corrected text, tried before it is shown.

An expression that is typed without quotes can look like YAML's own signs. Each function here
gives the edits that make YAML read what was meant, or None where that isn't sure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.config import brackets
from gateway.config.flow import flow_repair
from gateway.config.repair import (
    LINE,
    MAX_LINES,
    MAX_WIDTH,
    Edit,
    Repair,
    as_value,
    line_bounds,
    quoted,
    reads_as_one,
    why,
    without_comment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_CROWDED = re.compile(
    r"""(?P<lead>[ ]*(?:-[ ]+)*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\w$.-]+\??):)
        (?=[^\s:])(?!//)""",
    re.VERBOSE,
)
_CUT = re.compile(r"[ \t]+#")


def repairs(text: str, spots: Sequence[int]) -> Iterator[Repair]:
    """Give what may have been meant where the parser stopped, the likeliest first.

    `spots` are offsets that the parser named: where it stopped and what it was reading.
    """
    for spot in spots:
        if (repair := flow_repair(text, spot)) is not None:
            yield repair
    for spot in spots:
        if (repair := _crowded_repair(text, spot)) is not None:
            yield repair
        if (repair := value_repair(text, spot)) is not None:
            yield repair
    above = text.rfind("\n", 0, spots[0])
    if above > 0 and (repair := _crowded_repair(text, above - 1)) is not None:
        yield repair  # `key:value` goes on as one text until the next line shows that it isn't
    yield from _shifted_repairs(text, spots[0])


def value_repair(text: str, spot: int) -> Repair | None:
    """Quote the value of the line that holds `spot`."""
    start, end = line_bounds(text, spot)
    found = LINE.match(text, start, end) if end - start < MAX_WIDTH else None
    if found is None or (found["key"] is None and "-" not in found["lead"]):
        return None
    value = without_comment(found["value"])
    begin = found.start("value")
    if value.startswith("- ") or value.endswith(":") or not brackets.balanced(value):
        return None
    if reads_as_one(value, flow=False):
        return None
    edit = Edit(begin, begin + len(value), as_value(value))
    if value[0] == '"' and brackets.quote_end(value, 0, len(value)) == len(value):
        return _escape_repair(value, begin)
    return Repair("yaml-quote", why(value), (edit,))


def _escape_repair(value: str, begin: int) -> Repair | None:
    """Write a text in double quotes anew, its backslashes meant as they stand."""
    if "\\\\" in value:
        return None
    edit = Edit(begin, begin + len(value), quoted(value[1:-1].replace('\\"', '"')))
    message = 'Inside "…" a backslash starts an escape, and YAML doesn\'t know this one.'
    return Repair("yaml-quote", message, (edit,))


def item_repair(text: str, spot: int) -> Repair | None:
    """Quote everything from `spot` to the end of its line: what YAML took for a key and a value."""
    rest = text[spot : line_bounds(text, spot)[1]]
    value = without_comment(rest) if len(rest) < MAX_WIDTH else ""
    if not value or not brackets.balanced(value):
        return None
    message = "`: ` inside an expression makes YAML read a key and a value."
    return Repair("yaml-quote", message, (Edit(spot, spot + len(value), quoted(value)),))


def comment_repair(text: str, start: int, end: int) -> Repair | None:
    """Quote a plain scalar together with the ` #…` that cut it, if the two belong together."""
    line_end = line_bounds(text, end)[1]
    rest = without_comment(text[start:line_end]) if line_end - start < MAX_WIDTH else ""
    if (
        not _CUT.match(text, end)
        or not rest
        or "\n" in rest
        or brackets.balanced(text[start:end])
        or not brackets.balanced(rest)
    ):
        return None
    message = "` #` starts a comment: YAML reads this value only up to there."
    return Repair("yaml-comment", message, (Edit(start, start + len(rest), quoted(rest)),))


def tab_repair(text: str, spot: int) -> Repair | None:
    """Put a space where a tab stands between the parts of a line."""
    start, end = line_bounds(text, spot)
    stop = spot
    while stop < end and text[stop] in " \t":
        stop += 1
    if text[spot : spot + 1] != "\t" or not text[start:spot].strip():
        return None
    message = "A tab stands here; outside of quotes YAML takes spaces only."
    return Repair("yaml-tab", message, (Edit(spot, stop, " "),))


def spaced(text: str, start: int, end: int) -> Repair | None:
    """Put the missing space behind the colon of each line from `start` to `end`."""
    edits = []
    while start < end:
        found = _CROWDED.match(text, start)
        if found is None:
            return None
        edits.append(Edit(found.end(), found.end(), " "))
        start = text.find("\n", start) + 1 or end
    return Repair("yaml-space", "A space is missing after the colon.", tuple(edits))


def _crowded_repair(text: str, spot: int) -> Repair | None:
    start, end = line_bounds(text, spot)
    found = _CROWDED.match(text, start, end)
    if found is None:
        return None
    edit = Edit(found.end(), found.end(), " ")
    return Repair("yaml-space", "A space is missing after the colon.", (edit,))


def _shifted_repairs(text: str, spot: int) -> Iterator[Repair]:
    """Move the line to where a line above begins, the nearest first."""
    start, end = line_bounds(text, spot)
    indent = len(text[start:end]) - len(text[start:end].lstrip(" "))
    levels: list[int] = []
    at = start
    for _ in range(MAX_LINES):
        if at == 0:
            break
        at, stop = line_bounds(text, at - 1)
        line = text[at:stop]
        if line.strip() and not line.lstrip().startswith("#"):
            dashes = re.match(r" *(?:- +)*", line)
            levels += [dashes.end() if dashes else 0, len(line) - len(line.lstrip(" "))]
    for level in sorted(dict.fromkeys(levels), key=lambda level: abs(level - indent)):
        if level != indent:
            edit = Edit(start, start + indent, " " * level)
            message = "This line's indentation doesn't fit the lines above."
            advice = f"Begin it with {level} spaces, not {indent}."
            yield Repair("yaml-indent", message, (edit,), advice)
