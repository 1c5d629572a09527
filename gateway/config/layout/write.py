"""The tree becomes text: two spaces a level, comments in line, short braces on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from gateway.config.layout.quotes import written
from gateway.config.layout.tree import Block, Entry, Lines, Untouched, Value, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WIDTH: Final = 100
"""Braces and brackets that need more become blocks."""

_COMMENTS: Final = 52
"""The column, from 0, of comments that stand at the end of a line."""


def write_tree(header: list[str], block: Block) -> str:
    """Write a file; `header` are the comments at its top, which stay there."""
    _hoist(block)
    first = block.entries[0]
    if header and first.before:
        header = [*header, ""]  # of which one is written
    first.before = header + first.before
    return "\n".join(_block(block, 0)) + "\n"


def _hoist(block: Block) -> None:
    """Put comments above an element's first key above its dash."""
    for entry in block.entries:
        if isinstance(entry.value, Block):
            _hoist(entry.value)
            if entry.key is None and entry.value.entries:
                first = entry.value.entries[0]
                entry.before, first.before = entry.before + first.before, []


def _block(block: Block, indent: int) -> Iterator[str]:
    for at, entry in enumerate(block.entries):
        yield from _above(entry.before, indent, first=at == 0)
        yield from _entry(entry, indent)
    yield from _above(block.after, indent)


def _above(comments: Iterable[str], indent: int, *, first: bool = False) -> Iterator[str]:
    """Write comments, and no two blank lines in a row, nor one where a block begins."""
    blank = first
    for comment in comments:
        if comment or not blank:
            yield f"{' ' * indent}{comment}" if comment else ""
        blank = not comment


def _entry(entry: Entry, indent: int) -> Iterator[str]:
    lines = list(_lines(entry, indent))
    if entry.comment:
        below = isinstance(entry.value, Block) or (
            isinstance(entry.value, Lines) and entry.value.block
        )
        at = 0 if below else -1
        line = lines[at]
        lines[at] = f"{line}{' ' * max(_COMMENTS - len(line), 2)}{entry.comment}"
    yield from lines


def _lines(entry: Entry, indent: int) -> Iterator[str]:
    mark = f"{written(entry.key, flow=False)}:" if entry.key else "-"
    head = f"{' ' * indent}{mark}"
    match entry.value:
        case Word() as word:
            yield f"{head} {written(word, flow=False)}".rstrip()
        case Lines(first, rest, hang):
            yield f"{head} {first}"
            yield from (f"{' ' * (indent + hang)}{line}" if line else "" for line in rest)
        case Untouched((first, *rest), column):
            yield f"{head} {first}"
            yield from (_shifted(line, indent - column) for line in rest)
        case Block() as block:
            yield from _nested(head, entry, block, indent)


def _nested(head: str, entry: Entry, block: Block, indent: int) -> Iterator[str]:
    short = f"{head} {_inline(block)}" if block.flow else ""
    if block.flow and (len(short) <= _WIDTH or not block.entries):
        yield short
    elif entry.key:
        yield head
        yield from _block(block, indent + 2)
    else:
        first, *rest = _block(block, indent + 2)
        yield f"{head} {first[indent + 2 :]}"
        yield from rest


def _inline(value: Value) -> str:
    """Write what is in braces or brackets on one line."""
    if isinstance(value, Word):
        return written(value, flow=True)
    block = cast("Block", value)  # there is nothing else in braces and brackets
    parts = []
    for each in block.entries:
        name = f"{written(each.key, flow=True)}: " if each.key else ""
        parts.append(name + _inline(each.value))
    inner = ", ".join(parts)
    return f"{{{inner}}}" if block.kind == "mapping" else f"[{inner}]"


def _shifted(line: str, by: int) -> str:
    text = line.lstrip(" ")
    return f"{' ' * max(len(line) - len(text) + by, 0)}{text}" if text else ""
