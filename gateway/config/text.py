"""The text of a file with its lines, and bytes that are no acceptable text refused."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.problems import Place

if TYPE_CHECKING:
    from gateway.config.problems import Problems

MAX_BYTES = 1_000_000
_SHOWN = 5

# U+0085, U+2028 and U+2029 are line breaks to YAML 1.1 and letters to 1.2; a lone CR is a line
# break to both and to few editors. None is typed on purpose.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)"
)


@dataclass(frozen=True)
class SourceText:
    """A file as people see it: its name as shown, its text, and places in it.

    Offsets count characters from 0; a place counts lines and columns from 1, its end exclusive.
    """

    name: str
    text: str

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in re.finditer("\n", self.text)))

    @property
    def last_line(self) -> int:
        return len(self._starts)

    def line(self, number: int) -> str:
        """Give a line without its line break; an empty one beyond the end of the file."""
        if not 1 <= number <= self.last_line:
            return ""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : None if end < 0 else end].rstrip("\r")

    def offset(self, line: int, column: int) -> int:
        if line > self.last_line:
            return len(self.text)
        return min(self._starts[line - 1] + column - 1, len(self.text))

    def point(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def place(self, start: int, end: int) -> Place:
        return Place(self.name, *self.point(start), *self.point(max(start, end)))


@dataclass(slots=True)
class Sources:
    """The texts of all files that were read, by the name that problems show."""

    _texts: dict[str, SourceText] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> SourceText:
        """Keep a file's text; what isn't UTF-8 is replaced, so that its problem can be shown."""
        source = SourceText(name, data[:MAX_BYTES].decode(errors="replace"))
        self._texts[name] = source
        return source

    def get(self, name: str) -> SourceText | None:
        return self._texts.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._texts)


def read_text(name: str, data: bytes, problems: Problems) -> SourceText | None:
    """Decode a file, or report why it is no acceptable text (`too-large`, `not-utf8`)."""
    if len(data) > MAX_BYTES:
        problems.error(
            "too-large",
            f"The file has {len(data):,} bytes; {MAX_BYTES:,} are allowed.",
            Place(name),
            "Split it into several files.",
        )
        return None
    try:
        source = SourceText(name, data.decode())
    except UnicodeDecodeError as error:
        _refuse_bytes(name, data, error, problems)
        return None
    unwanted = list(_UNWANTED.finditer(source.text))
    for found in unwanted[:_SHOWN]:
        what, advice = _describe(found.group(), found.start())
        problems.error("not-utf8", what, source.place(found.start(), found.end()), advice)
    return None if unwanted else source


def _refuse_bytes(name: str, data: bytes, error: UnicodeDecodeError, problems: Problems) -> None:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        problems.error(
            "not-utf8", "The file is UTF-16.", Place(name), "Save it in the encoding UTF-8."
        )
        return
    before = SourceText(name, data[: error.start].decode())
    start = len(before.text)
    place = before.place(start, start)
    problems.error(
        "not-utf8",
        f"The byte 0x{data[error.start]:02X} here is not UTF-8.",
        Place(name, place.line, place.column, place.line, place.column + 1),
        "Save the file in the encoding UTF-8.",
    )


def _describe(character: str, offset: int) -> tuple[str, str]:
    if character == "\ufeff" and offset == 0:
        return (
            "The file starts with a byte order mark, an invisible character.",
            "Save it as `UTF-8`, not as `UTF-8 with BOM`.",
        )
    if character == "\r":
        return (
            "A line ends in a carriage return alone.",
            "Save the file with the line ends of Unix (LF) or of Windows (CRLF).",
        )
    code = ord(character)
    return (
        f"There is an invisible character here (U+{code:04X}).",
        f'Delete it; where it is meant, type `\\u{code:04X}` inside "…".',
    )


def shown_path(path: Path) -> str:
    """Show a path from the working directory where it lies below it."""
    # Not resolved: a link is shown as it was named, and a circle of links is no failure here.
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would
    return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else path)
