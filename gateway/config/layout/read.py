"""A YAML text becomes a tree in which every comment and every blank line has its place."""

from __future__ import annotations

import re
from typing import Final, cast

import yaml

from gateway.config.layout.gaps import Part, parts_of
from gateway.config.layout.tree import Block, Entry, Lines, Untouched, Value, Word

_HEADER: Final = re.compile(r"[|>][-+]?([1-9]?)[-+]?")
_NOTHING: Final = Word("", "", "")


def read_tree(text: str) -> Block:
    """Read a text in which the reader of configurations finds nothing wrong."""
    root = cast("yaml.CollectionNode", yaml.compose(text, yaml.SafeLoader))
    return _Reader(text).file(root)


class _Reader:
    """Goes through the values in the order of the text, and gives away what stands between."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last: Entry | None = None
        """The entry that a comment further on the same line belongs to."""
        self._ended: list[tuple[Block, int]] = []
        """The blocks that have ended since the last entry, innermost first, with their columns."""

    def file(self, root: yaml.CollectionNode) -> Block:
        block = self._block(root)
        self._leading(self._between(len(self._text)), -1)
        return block

    def _block(self, node: yaml.CollectionNode) -> Block:
        if node.flow_style:
            self._at = node.end_mark.index
            return _flow(self._text, node)
        if isinstance(node, yaml.MappingNode):
            block = Block("mapping", flow=False, entries=[self._pair(*pair) for pair in node.value])
        else:
            block = Block("list", flow=False, entries=[self._item(item) for item in node.value])
        self._ended.append((block, node.start_mark.column))
        return block

    def _pair(self, key: yaml.ScalarNode, value: yaml.Node) -> Entry:
        column = key.start_mark.column
        before = self._leading(self._between(key.start_mark.index), column)
        self._at = key.end_mark.index
        return self._filled(Entry(_word(self._text, key), _NOTHING, before), value, column)

    def _item(self, value: yaml.Node) -> Entry:
        parts = self._between(value.start_mark.index)
        dash = next(at for at, part in enumerate(parts) if part.kind == "dash")
        column = parts[dash].column
        before = self._leading(parts[:dash], column)
        before += [part.text for part in parts[dash:] if part.kind == "comment"]
        return self._filled(Entry(None, _NOTHING, before), value, column)

    def _filled(self, entry: Entry, node: yaml.Node, column: int) -> Entry:
        self._last = entry
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            entry.value = self._block(node)
            return entry
        parts = self._between(node.start_mark.index)
        between = [part.text for part in parts if part.kind == "comment"]
        if between and entry.comment:
            self._note(entry, "")
        entry.before += between
        entry.value = self._leaf(entry, node, column)
        self._last = entry
        return entry

    def _leaf(self, entry: Entry, node: yaml.Node, column: int) -> Value:
        start, end = node.start_mark.index, node.end_mark.index
        raw, self._at = self._text[start:end], end
        if isinstance(node, yaml.CollectionNode):
            if _is_simple(self._text, node):
                return _flow(self._text, node)
            return Untouched(tuple(line.rstrip() for line in raw.split("\n")), column)
        scalar = cast("yaml.ScalarNode", node)
        if scalar.style in ("|", ">"):
            return self._literal(entry, start, raw, column)
        if "\n" not in raw:
            return _word(self._text, scalar)
        first, *rest = (line.strip() for line in raw.split("\n"))
        return Lines(first, tuple(rest), hang=2, block=False)

    def _literal(self, entry: Entry, start: int, raw: str, column: int) -> Lines:
        """Read what follows a `|` or a `>`. Blank lines at its end count only where `+` says so."""
        header = cast("re.Match[str]", _HEADER.match(raw))
        mark = header[0]
        if self._at == len(self._text) and not raw.endswith("\n"):
            mark = mark.rstrip("+-") + "-"  # a line break will be there, and must not count
        if "+" not in mark:
            raw = raw.rstrip()
            self._at = start + len(raw)
        first, *rest = raw.removesuffix("\n").split("\n")
        comment = first[header.end() :].strip()
        if comment:
            self._note(entry, comment)
        filled = next((line for line in rest if line.strip()), "")
        indent = column + int(header[1]) if header[1] else len(filled) - len(filled.lstrip(" "))
        lines = tuple(line[indent:] for line in rest)
        return Lines(mark, lines, hang=int(header[1] or 2), block=True)

    def _between(self, end: int) -> list[Part]:
        """Give what stands up to here; a comment on the last entry's line goes to that entry."""
        start, self._at = self._at, end
        line_start = self._text.rfind("\n", 0, start) + 1
        parts = parts_of(self._text[start:end], start - line_start)
        if self._last and parts and parts[0].kind == "comment" and not parts[0].alone:
            self._note(self._last, parts.pop(0).text)
        return parts

    def _note(self, entry: Entry, comment: str) -> None:
        if entry.comment:  # one at the key's line, and one at the value's
            entry.before.append(entry.comment)
        entry.comment = comment

    def _leading(self, parts: list[Part], column: int) -> list[str]:
        """Give the comments above an entry. What is indented more belongs to a block before it."""
        before: list[str] = []
        ended, self._ended = self._ended, []
        inside = bool(ended)
        for part in parts:
            if part.kind == "dash":
                continue  # of `---`, which begins a document
            inside = inside and (part.kind == "blank" or part.column > column)
            before.append(part.text)
            if inside and part.kind == "comment":
                homes = [block for block, at in ended if at <= part.column]
                (homes or [ended[-1][0]])[0].after += before
                before = []
        return before


def _word(text: str, node: yaml.ScalarNode) -> Word:
    raw = text[node.start_mark.index : node.end_mark.index]
    return Word(raw, node.value, node.style or "")


def _flow(text: str, node: yaml.CollectionNode) -> Block:
    """Make a block of what is in braces or brackets; there are only words in it."""

    def value(of: yaml.Node) -> Value:
        if isinstance(of, yaml.ScalarNode):
            return _word(text, of)
        return _flow(text, cast("yaml.CollectionNode", of))

    if isinstance(node, yaml.MappingNode):
        entries = [Entry(_word(text, key), value(each)) for key, each in node.value]
        return Block("mapping", flow=True, entries=entries)
    return Block("list", flow=True, entries=[Entry(None, value(each)) for each in node.value])


def _is_simple(text: str, node: yaml.CollectionNode) -> bool:
    """Say whether there are only words in it: no comment, nothing over several lines."""
    scalars = list(_scalars(node))
    at, between = node.start_mark.index, ""
    for scalar in scalars:
        between += text[at : scalar.start_mark.index]
        at = scalar.end_mark.index
    between += text[at : node.end_mark.index]
    raws = [_word(text, scalar).raw for scalar in scalars]
    return "#" not in between and all(raw and "\n" not in raw for raw in raws)


def _scalars(node: yaml.Node) -> list[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        return [node]
    parts = node.value
    if isinstance(node, yaml.MappingNode):
        parts = [part for pair in parts for part in pair]
    return [scalar for part in parts for scalar in _scalars(part)]
