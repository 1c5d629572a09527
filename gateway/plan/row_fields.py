"""What a matched line gets, computed no more often than its values differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.lossless import Json, dumps
from gateway.plan import faults
from gateway.plan.exchange import Line
from gateway.plan.names import fields_read
from gateway.plan.reply import refuse_bytes
from gateway.plan.tree import Block

MOST_AGAIN = 100_000
"""How many rows may be gone through again, in one join, for further lines of the same keys."""

_Same: TypeAlias = str | tuple[str | bytes, ...]
"""What lines agree in: their key, and what is read of them."""


@dataclass(frozen=True, slots=True)
class RowFields:
    """The `set` of a join, and the fields of `line` that it reads: None where it may read all."""

    block: Block
    reads: tuple[str, ...] | None
    vendor: str

    def fresh(self) -> Rendering:
        return Rendering(self)


@dataclass(slots=True)
class Rendering:
    """One exchange's: lines of one key that agree in what is read of them are rendered once."""

    fields: RowFields
    known: dict[_Same, dict[str, Json]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    again: int = 0

    def render(self, key: str, rows: list[Json], line: Line, frame: Frame) -> dict[str, Json]:
        """Give the fields. Raises Refusal where too many different lines want too many rows."""
        same: _Same = key if self.fields.reads == () else (key, *self._read(line))
        known = self.known.get(same)
        if known is None:
            self._count(key, rows)
            inner = Frame({"line": line, "row": rows[0], "rows": rows}, parent=frame)
            known = self.known[same] = self.fields.block.render(inner)
            refuse_bytes(known)
        return dict(known)

    def _read(self, line: Line) -> Iterable[bytes]:
        if self.fields.reads is None:
            return (dumps(line),)
        return [dumps(line.get(name)) for name in self.fields.reads]

    def _count(self, key: str, rows: list[Json]) -> None:
        if key in self.keys:
            self.again += len(rows)
        self.keys.add(key)
        if self.again > MOST_AGAIN:
            what = f"{len(rows)} rows of one key for lines that all differ are too many to join"
            raise faults.of_nonsense(self.fields.vendor, what)


def line_fields_read(programs: Iterable[Program]) -> tuple[str, ...] | None:
    """Name the fields of `line` that any of the expressions reads; None where one may read all."""
    found: frozenset[str] = frozenset()
    for program in programs:
        fields = fields_read(program, "line")
        if fields is None:
            return None
        found |= fields
    return tuple(sorted(found))
