"""A vendor's rows by their key, those of an `each` call together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.syntax import Node
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.exchange import Exchange
from gateway.plan.missing import Blame
from gateway.plan.names import INDEX

Answer = dict[str, object]


@dataclass(frozen=True, slots=True)
class Keyed:
    """An expression that gives a key; a text and a whole number of the same digits are one key.

    `name` is what it calls that whose key it is, such as `row`. Where it is a plain path from
    there, `path` has the rest of it: that needs no scope, and there are many rows and lines.
    """

    program: Program
    blame: Blame
    name: str
    path: tuple[str, ...] | None

    def key(self, value: Json, parent: Frame, index: int | None = None) -> str | None:
        """Give the key of a value; its `index`, if any, is in reach of the expression."""
        if self.path is None:
            more = {} if index is None else {INDEX: index}
            key = self._computed(Frame({self.name: value, **more}, parent=parent))
        else:
            key = value
            for step in self.path:
                key = key.get(step) if isinstance(key, dict) else None
        if key is None or isinstance(key, str):
            return key
        if isinstance(key, bool) or not isinstance(key, int):
            raise self.blame.unfit(self.program.text, "is no text and no whole number")
        return str(key)

    def _computed(self, frame: Frame) -> object:
        try:
            return self.program(frame)
        except ExpressionFailed as error:
            raise self.blame.failed(error, frame) from error

    def absent(self, value: Json, parent: Frame) -> Refusal:
        """Word the refusal for a value without a key."""
        return self.blame.absent(self.program, Frame({self.name: value}, parent=parent))


def plain_path(node: Node, name: str) -> tuple[str, ...] | None:
    """Give the fields of a plain path such as `row.item.id`, without the name it begins with."""
    parts = node.children if node.kind == "subexpression" else (node,)
    fields = [str(part.value) for part in parts if part.kind == "field"]
    return tuple(fields[1:]) if len(fields) == len(parts) and fields[0] == name else None


@dataclass(frozen=True, slots=True)
class RowGroups:
    """The rows of one call's answer; `element` is the name of an `each` call's elements."""

    call: str
    vendor: str
    element: str | None
    rows: Program
    row: Keyed

    def of(self, exchange: Exchange) -> dict[str, list[Json]]:
        """Group the rows by key; a row without one (Square's `{}`) belongs to no line."""
        groups: dict[str, list[Json]] = {}
        stray = False
        for frame in self._frames(exchange, "done"):
            for row in self._rows(frame):
                key = self.row.key(row, frame)
                if key is not None:
                    groups.setdefault(key, []).append(row)
                stray = stray or bool(row)
        if not groups and stray:
            raise faults.of_nonsense(self.vendor, f"no row has a key, `{self.row.program.text}`")
        return groups

    def failed(self, exchange: Exchange) -> frozenset[str]:
        """Give the keys of the elements that brought no answer."""
        frames = self._frames(exchange, "failed")
        keys = (self.row.key(None, frame) for frame in frames)
        return frozenset(key for key in keys if key is not None)

    def _frames(self, exchange: Exchange, outcome: str) -> Iterator[Frame]:
        answer = exchange.answers[self.call]
        if self.element is None:
            if outcome == "done":
                yield Frame(cast("Answer", answer), parent=exchange.frame)
            return
        for each in cast("list[Answer]", answer):
            if each["outcome"] == outcome:
                named = {**each, self.element: each["item"], INDEX: each["index"]}
                yield Frame(named, parent=exchange.frame)

    def _rows(self, frame: Frame) -> list[Json]:
        try:
            rows = self.rows(frame)
        except ExpressionFailed as error:
            raise faults.of_nonsense(self.vendor, str(error)) from error
        if rows is not None and not isinstance(rows, list):
            raise faults.of_nonsense(self.vendor, f"`{self.rows.text}` is no list")
        return rows or []
