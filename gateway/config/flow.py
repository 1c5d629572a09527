"""Flow style: what `{…}` and `[…]` hold when an expression is typed inside without quotes."""

from __future__ import annotations

import re

from gateway.config import brackets
from gateway.config.repair import (
    INDICATORS,
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

_MAX_DEPTH = 20
_CROWDED_ENTRY = re.compile(
    r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\w$.-]+\??):(?=[^\s:])(?!//)"""
)


def flow_repair(text: str, spot: int) -> Repair | None:
    """Quote what needs it inside the `{…}` or `[…]` that holds `spot`, or the whole of it."""
    start, end = line_bounds(text, spot)
    for _ in range(MAX_LINES):
        found = LINE.match(text, start, end) if end - start < MAX_WIDTH else None
        if found is not None and found["value"][0] in "{[":
            begin = found.start("value")
            region = brackets.blank_comments(text[begin : begin + brackets.LONGEST])
            close = brackets.bracket_end(region, 0)
            if close is not None and begin <= spot < begin + close:
                value = without_comment(found["value"])
                if "\n" not in region[:close] and close < len(value):
                    edit = Edit(begin, begin + len(value), quoted(value))
                    return Repair("yaml-quote", why(value), (edit,))
                return _flow_problem(region, _flow_edits(region, 0, close, 0), begin)
        if start == 0:
            break
        start, end = line_bounds(text, start - 1)
    return None


def _flow_problem(region: str, found: list[Edit] | None, begin: int) -> Repair | None:
    if not found:
        return None
    edits = [Edit(begin + edit.start, begin + edit.end, edit.new) for edit in found]
    if all(edit.new == " " for edit in edits):
        return Repair("yaml-space", "A space is missing after the colon.", tuple(edits))
    value = next(region[edit.start : edit.end] for edit in found if edit.new != " ")
    if value[0] in INDICATORS or value[0] in "'\"":
        return Repair("yaml-quote", why(value), tuple(edits))
    sign = next((sign for sign in ",?[]{}" if sign in value), ": ")
    message = (
        f"Inside `{{…}}` and `[…]` YAML takes the `{sign}` in `{value}` for its own: "
        "it has to be quoted there."
    )
    return Repair("yaml-quote", message, tuple(edits))


def _flow_edits(text: str, start: int, end: int, depth: int) -> list[Edit] | None:
    """Give the edits inside one pair of brackets; None where the meaning isn't sure."""
    if depth > _MAX_DEPTH:
        return None
    edits: list[Edit] = []
    parts = brackets.split(text, start + 1, end - 1)
    for begin, stop in parts:
        if text[start] == "[":
            more = _leaf_edits(text, begin, stop, depth)
        else:
            more = _entry_edits(text, begin, stop, depth)
        if more is None:
            whole = text[start:end]
            single = len(parts) == 1 and "\n" not in whole
            return [Edit(start, end, as_value(whole))] if single else None
        edits += more
    return edits


def _entry_edits(text: str, start: int, end: int, depth: int) -> list[Edit] | None:
    colon = next(
        (
            at
            for at in brackets.skim(text, start, end)
            if text[at] == ":"
            and (at + 1 == end or text[at + 1].isspace() or text[at - 1] in "'\"")
        ),
        None,
    )
    if colon is None:
        crowded = _CROWDED_ENTRY.match(text, start, end)
        if crowded is None:
            return None
        value = _leaf_edits(text, crowded.end(), end, depth)
        return None if value is None else [Edit(crowded.end(), crowded.end(), " "), *value]
    key = _leaf_edits(text, start, start + len(text[start:colon].rstrip()), _MAX_DEPTH)
    stretch = brackets.strip(text, colon + 1, end)
    value = _leaf_edits(text, *stretch, depth) if stretch else []
    return None if key is None or value is None else key + value


def _leaf_edits(text: str, start: int, end: int, depth: int) -> list[Edit] | None:
    value = text[start:end]
    if value and value[0] in "{[" and brackets.bracket_end(text, start) == end:
        return _flow_edits(text, start, end, depth + 1)
    if reads_as_one(value, flow=True):
        return []
    if not value or "\n" in value or not brackets.balanced(value):
        return None
    return [Edit(start, end, quoted(value))]
