"""What a file consists of, for its layout: entries with their comments, values as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Word:
    """A scalar on one line: as it stands in the file, and what it says.

    `quote` is its quotation mark, empty where it has none.
    """

    raw: str
    text: str
    quote: str


@dataclass(frozen=True, slots=True)
class Lines:
    """A scalar over several lines; those after the first are without their indentation.

    `hang` is how far they are indented beyond the key. `block` says that it is one with `|` or `>`,
    whose comment follows the first line, not the last.
    """

    first: str
    rest: tuple[str, ...]
    hang: int
    block: bool


@dataclass(frozen=True, slots=True)
class Untouched:
    """A `{…}` or `[…]` with comments in it, say: only its indentation changes.

    `column` is where the entry that it belongs to began.
    """

    lines: tuple[str, ...]
    column: int


@dataclass(slots=True)
class Entry:
    """A key with its value, or an element of a list, whose key is None.

    `before` are the comments above it, and blank lines as empty ones; `comment` is the one at the
    end of its line.
    """

    key: Word | None
    value: Value
    before: list[str] = field(default_factory=list)
    comment: str = ""


@dataclass(slots=True)
class Block:
    """A mapping or a list; `flow` is one in braces or brackets. `after` are comments at its end."""

    kind: Literal["mapping", "list"]
    flow: bool
    entries: list[Entry]
    after: list[str] = field(default_factory=list)


Value = Word | Lines | Untouched | Block
