"""Quotes and brackets of expressions: where each closes, whatever YAML makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOSING = {"(": ")", "[": "]", "{": "}"}
_ANY = re.compile(r"[()\[\]{}'\"`]")
LONGEST = 4000


def skim(text: str, start: int, end: int) -> Iterator[int]:
    """Give the offsets of the characters that stand outside of quotes.

    A quote that doesn't close on its line is a character like others, and so is an apostrophe
    inside or after a word.
    """
    at = start
    while at < end:
        closing = quote_end(text, at, end)
        if closing is None:
            yield at
            at += 1
        else:
            at = closing


def quote_end(text: str, start: int, end: int) -> int | None:
    """Give the offset behind the quote that opens at `start`; None if none opens or it stays open.

    Knows YAML's and JMESPath's `'…'`, `"…"` and JMESPath's literals in backticks.
    """
    quote = text[start]
    if quote not in "'\"`" or (quote != "`" and start and text[start - 1].isalnum()):
        return None
    at = start + 1
    while at < end and text[at] != "\n":
        if text[at] == "\\":
            at += 1
        elif text[at] == quote:
            return at + 1
        at += 1
    return None


def bracket_end(text: str, start: int) -> int | None:
    """Give the offset behind the bracket that closes the one at `start`; None if none does."""
    open_brackets: list[str] = []
    end = min(len(text), start + LONGEST)
    for at in skim(text, start, end):
        character = text[at]
        if character in CLOSING:
            open_brackets.append(CLOSING[character])
        elif character in ")]}":
            if not open_brackets or open_brackets.pop() != character:
                return None
            if not open_brackets:
                return at + 1
    return None


def balanced(text: str) -> bool:
    """Say whether each quote and each bracket has its other half; a very long text is trusted."""
    if len(text) > LONGEST or not _ANY.search(text):
        return True
    open_brackets: list[str] = []
    for at in skim(text, 0, len(text)):
        character = text[at]
        if character in CLOSING:
            open_brackets.append(CLOSING[character])
        elif character in ")]}":
            if not open_brackets or open_brackets.pop() != character:
                return False
        elif character in '"`' or (character == "'" and not (at and text[at - 1].isalnum())):
            return False
    return not open_brackets


def split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Give the stripped stretches between the commas that stand outside of quotes and brackets."""
    parts, depth, begin = [], 0, start
    for at in skim(text, start, end):
        if text[at] in CLOSING:
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        elif text[at] == "," and depth == 0:
            parts.append((begin, at))
            begin = at + 1
    parts.append((begin, end))
    return [stripped for part in parts if (stripped := strip(text, *part))]


def blank_comments(text: str) -> str:
    """Put spaces in the place of the comments that end in a line break, outside of quotes."""
    outside = set(skim(text, 0, len(text)))
    for found in re.finditer(r"(?<=[ \t\n])#[^\n]*(?=\n)", text):
        if found.start() in outside:
            blank = " " * len(found.group())
            text = text[: found.start()] + blank + text[found.end() :]
    return text


def strip(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Leave out white space at both ends; None if nothing remains."""
    inner = text[start:end]
    begin = start + len(inner) - len(inner.lstrip())
    return (begin, begin + len(inner.strip())) if inner.strip() else None
