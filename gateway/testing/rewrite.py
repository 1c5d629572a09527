"""Other values for a part of a YAML file: what stays the same stays as it is written."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.nodes import Mapping, Node, Scalar, Sequence
from gateway.config.repair import Edit, line_bounds
from gateway.config.text import SourceText
from gateway.expressions.equality import identity
from gateway.lossless import Json
from gateway.testing.yaml_text import WIDTH, after_key, entry, item, on_one_line


def plain(node: Node) -> Json:
    """Give the value of a node."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {name.text: plain(child) for name, child in node.entries}


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Writes another value into the text of a file.

    Comments stay, but for those inside a part that has to be written anew as a whole.
    """

    source: SourceText

    def with_value(self, node: Mapping, value: dict[str, Json]) -> str:
        """Give the text with another value for an object that goes on having some of its keys."""
        text = self.source.text
        for edit in sorted(self._within(node, value) or [], key=lambda each: -each.start):
            text = text[: edit.start] + edit.new + text[edit.end :]
        return text

    def _entry(self, name: Scalar, child: Node, value: Json) -> list[Edit]:
        """Change what stands behind a key of a block."""
        start = self.source.text.index(":", self._end(name)) + 1
        column = name.place.column - 1
        used = start - line_bounds(self.source.text, start)[0]
        inner = self._within(child, value)
        if inner is not None and not (inner and self._outgrows(child, value, used)):
            return inner
        return [Edit(start, self._end(child), after_key(value, column + 2, used))]

    def _within(self, node: Node, value: Json) -> list[Edit] | None:
        """Change what differs inside a node; None where the whole of it has to be written anew."""
        if identity(plain(node)) == identity(value):
            return []
        if isinstance(node, Mapping) and isinstance(value, dict):
            return (
                self._flow_mapping(node, value) if self._flows(node) else self._block(node, value)
            )
        if isinstance(node, Sequence) and isinstance(value, list):
            return self._flow_list(node, value) if self._flows(node) else self._list(node, value)
        if isinstance(node, Scalar) and node.text and not isinstance(value, dict | list):
            return [Edit(self._start(node), self._end(node), on_one_line(value))]
        return None

    def _outgrows(self, node: Node, value: Json, used: int) -> bool:
        """Tell what stands on one line now and will be too long for it."""
        one = self._flows(node) and node.place.line == node.place.end_line
        return one and used + 1 + len(on_one_line(value)) > WIDTH

    def _flow_mapping(self, node: Mapping, value: dict[str, Json]) -> list[Edit] | None:
        if {name.text for name, _ in node.entries} != value.keys():
            return None
        return self._in_flow([(child, value[name.text]) for name, child in node.entries])

    def _flow_list(self, node: Sequence, value: list[Json]) -> list[Edit] | None:
        if len(node.items) != len(value):
            return None
        return self._in_flow(list(zip(node.items, value, strict=True)))

    def _in_flow(self, pairs: list[tuple[Node, Json]]) -> list[Edit]:
        edits: list[Edit] = []
        for child, value in pairs:
            inner = self._within(child, value)
            whole = Edit(self._start(child), self._end(child), on_one_line(value))
            edits += [whole] if inner is None else inner
        return edits

    def _block(self, node: Mapping, value: dict[str, Json]) -> list[Edit] | None:
        kept = [(name, child) for name, child in node.entries if name.text in value]
        if not kept:
            return None
        edits: list[Edit] = []
        for at, (name, child) in enumerate(node.entries):
            if name.text in value:
                edits += self._entry(name, child, value[name.text])
            else:
                after = node.entries[at + 1][0] if at + 1 < len(node.entries) else None
                edits.append(self._removal(self._start(name), child, after))
        column = kept[-1][0].place.column - 1
        known = {name.text for name, _ in node.entries}
        added = [entry(key, each, column) for key, each in value.items() if key not in known]
        return [*edits, *self._addition(kept[-1][1], column, added)]

    def _list(self, node: Sequence, value: list[Json]) -> list[Edit] | None:
        if not value:
            return None
        column, count = node.place.column - 1, min(len(node.items), len(value))
        edits: list[Edit] = []
        for child, each in zip(node.items, value, strict=False):
            inner = self._within(child, each)
            dash = self.source.offset(child.place.line, node.place.column)
            edits += [Edit(dash, self._end(child), item(each, column))] if inner is None else inner
        for child in node.items[count:]:
            dash = self.source.offset(child.place.line, node.place.column)
            edits.append(self._removal(dash, child, None))
        added = [item(each, column) for each in value[count:]]
        return [*edits, *self._addition(node.items[count - 1], column, added)]

    def _removal(self, start: int, last: Node, after: Scalar | None) -> Edit:
        """Take out whole lines; behind a dash, all up to the next key."""
        first, end = (
            line_bounds(self.source.text, start)[0],
            line_bounds(self.source.text, self._end(last))[1],
        )
        if self.source.text[first:start].strip() and after is not None:
            return Edit(start, self._start(after), "")
        return Edit(first, self.source.text.find("\n", end) + 1 or len(self.source.text), "")

    def _addition(self, last: Node, column: int, parts: list[str]) -> list[Edit]:
        end = line_bounds(self.source.text, self._end(last))[1]
        return (
            [Edit(end, end, "".join(f"\n{' ' * column}{part}" for part in parts))] if parts else []
        )

    def _flows(self, node: Node) -> bool:
        return self.source.text.startswith(("{", "["), self._start(node))

    def _start(self, node: Node) -> int:
        return self.source.offset(node.place.line, node.place.column)

    def _end(self, node: Node) -> int:
        return self.source.offset(node.place.end_line, node.place.end_column)
