"""From an offset in a scalar's text to its place in the file, whatever the scalar's style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.config.nodes import Scalar
    from gateway.config.problems import Place
    from gateway.config.text import SourceText

# A character of the scalar's text, and from where to where it stands in the file.
_Piece = tuple[str, int, int]

_FOLD = re.compile(r"[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*")
_HEX = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "\\": "\\",
    "/": "/",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}


def place_inside(scalar: Scalar, start: int, end: int, source: SourceText) -> Place:
    """Give the place of the characters from `start` to `end` (exclusive) of a scalar's text.

    Where the text can't be followed in the file (a value that was corrected while it was read),
    the place is the whole scalar's.
    """
    pieces = _pieces(scalar, source)
    if pieces is None:
        return scalar.place
    begin = pieces[start][1] if start < len(pieces) else _after(pieces, scalar, source)
    stop = pieces[min(end, len(pieces)) - 1][2] if start < end and pieces else begin
    return source.place(begin, max(begin, stop))


def _after(pieces: list[_Piece], scalar: Scalar, source: SourceText) -> int:
    return pieces[-1][2] if pieces else source.offset(scalar.place.line, scalar.place.column)


def _pieces(scalar: Scalar, source: SourceText) -> list[_Piece] | None:
    place = scalar.place
    begin = source.offset(place.line, place.column)
    end = source.offset(place.end_line, place.end_column)
    for pieces in _readings(scalar, source.text, begin, end):
        if "".join(piece[0] for piece in pieces) == scalar.text:
            return pieces
    return None


def _readings(scalar: Scalar, text: str, begin: int, end: int) -> Iterator[list[_Piece]]:
    """Give the ways to read the stretch; only a block scalar's indentation leaves a choice."""
    if scalar.style == "plain":
        yield list(_plain(text, begin, end))
    elif scalar.style in {"single", "double"}:
        reader = _single if scalar.style == "single" else _double
        yield list(reader(text, begin + 1, end - 1))
    else:
        lines = _lines(text, begin, end)[1:]
        first = next((text[a:b] for a, b in lines if text[a:b].strip(" ")), "")
        for indent in range(len(first) - len(first.lstrip(" ")), 0, -1):
            reading = list(_block(text, lines, indent, folded=scalar.style == "folded"))
            yield list(_chomped(reading, scalar.text, end))
        yield list(_chomped([], scalar.text, end))


def _folded(found: re.Match[str]) -> Iterator[_Piece]:
    """Give what a break in a flow scalar becomes: a space, or a line break for each empty line."""
    breaks = found.group().count("\n")
    for character in " " if breaks == 1 else "\n" * (breaks - 1):
        yield character, found.start(), found.end()


def _plain(text: str, begin: int, end: int) -> Iterator[_Piece]:
    at = begin
    while at < end:
        fold = _FOLD.match(text, at, end) if text[at] in " \t\r\n" else None
        if fold is not None:
            yield from _folded(fold)
            at = fold.end()
        else:
            yield text[at], at, at + 1
            at += 1


def _single(text: str, begin: int, end: int) -> Iterator[_Piece]:
    skip = False
    for character, start, stop in _plain(text, begin, end):
        if character == "'" and not skip:
            skip = True
            yield character, start, stop + 1
        elif character == "'":
            skip = False
        else:
            yield character, start, stop


def _double(text: str, begin: int, end: int) -> Iterator[_Piece]:
    at = begin
    while at < end:
        fold = _FOLD.match(text, at, end) if text[at] in " \t\r\n" else None
        if fold is not None:
            yield from _folded(fold)
            at = fold.end()
        elif text[at] != "\\":
            yield text[at], at, at + 1
            at += 1
        else:
            escaped, stop = _escape(text, at, end)
            yield from ((character, at, stop) for character in escaped)
            at = stop


def _escape(text: str, at: int, end: int) -> tuple[str, int]:
    """Read an escape; before a line break a backslash swallows it, but no empty line after it."""
    fold = _FOLD.match(text, at + 1, end) if text[at + 1] in "\r\n" else None
    if fold is not None:
        return "\n" * (fold.group().count("\n") - 1), fold.end()
    digits = _HEX.get(text[at + 1])
    if digits is None:
        return _ESCAPES[text[at + 1]], at + 2
    return chr(int(text[at + 2 : at + 2 + digits], 16)), at + 2 + digits


def _lines(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    lines, at = [], begin
    while at <= end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        lines.append((at, stop - 1 if text[stop - 1 : stop] == "\r" and stop < end else stop))
        at = stop + 1
    return lines


def _block(
    text: str, lines: Iterable[tuple[int, int]], indent: int, *, folded: bool
) -> Iterator[_Piece]:
    """Give the content of a block scalar, without the line break at its end."""
    breaks: list[_Piece] = []
    previous: str | None = None
    last_break = 0
    for start, stop in lines:
        content = text[start + indent : stop]
        if start + indent >= stop:
            breaks.append(("\n", stop, stop + 1))
            continue
        if previous is not None:
            joins = folded and previous not in " \t" and content[0] not in " \t"
            if not joins:
                yield "\n", last_break, last_break + 1
            elif not breaks:
                yield " ", last_break, start + indent
        yield from breaks
        breaks = []
        yield from ((text[at], at, at + 1) for at in range(start + indent, stop))
        previous, last_break = content[0], stop


def _chomped(pieces: list[_Piece], text: str, end: int) -> Iterator[_Piece]:
    """Add the line breaks that the style keeps at the end, all placed there."""
    yield from pieces
    rest = text[len(pieces) :]
    if not rest.strip("\n"):
        yield from ((character, end, end) for character in rest)
