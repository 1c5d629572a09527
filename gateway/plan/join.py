"""The keyed join: the vendor's rows become fields of the lines."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.exchange import Exchange, Line
from gateway.plan.missing import Blame
from gateway.plan.stock import STOCK, Shelf, quantity_of, refuse_lines
from gateway.plan.tree import Block


@dataclass(frozen=True, slots=True)
class Keyed:
    """An expression that gives a key; a text and a whole number of the same digits are one key."""

    program: Program
    blame: Blame

    def key(self, frame: Frame) -> str | None:
        try:
            key = self.program(frame)
        except ExpressionFailed as error:
            raise self.blame.failed(error, frame) from error
        if key is None or isinstance(key, str):
            return key
        if isinstance(key, bool) or not isinstance(key, int):
            raise self.blame.unfit(self.program.text, "is no text and no whole number")
        return str(key)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which lines a join is about: all of them where no expression says otherwise."""

    program: Program | None
    blame: Blame

    def lines(self, exchange: Exchange) -> list[Line]:
        if self.program is None:
            return exchange.lines
        try:
            lines = self.program(exchange.frame)
        except ExpressionFailed as error:
            raise self.blame.failed(error, exchange.frame) from error
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise self.blame.unfit(self.program.text, "is no list of lines")
        own = {id(line) for line in exchange.lines}
        if any(id(line) not in own for line in lines):
            raise self.blame.unfit(self.program.text, "gives copies, not lines as they came")
        return lines


@dataclass(frozen=True, slots=True)
class JoinStep:
    """Joins one call's rows to the lines.

    `unmatched` None leaves a line without a row as it came, or refuses it where `refuse_unmatched`.
    `writes` is false where the order goes back as it came and only its stock is checked.
    """

    name: str
    of: Chosen
    call: str
    vendor: str
    rows: Program
    row: Keyed
    line: Keyed
    set: Block
    unmatched: Block | None
    refuse_unmatched: bool
    writes: bool
    reject: bool
    per_line: bool
    """Whether `set` reads the line; otherwise it is rendered once for a key."""

    async def run(self, exchange: Exchange) -> None:
        groups = self._groups(exchange)
        shelf = Shelf(self.vendor)
        unknown: list[Line] = []
        known: dict[str, dict[str, Json]] = {}
        for line in self.of.lines(exchange):
            frame = Frame({"line": line}, parent=exchange.frame)
            key = self.line.key(frame)
            if key is None:
                raise self.line.blame.absent(self.line.program, frame)
            rows = groups.get(key)
            if rows is not None:
                if self.per_line or key not in known:
                    known[key] = self.set.render(
                        Frame({"row": rows[0], "rows": rows}, parent=frame)
                    )
                values = dict(known[key])
            elif self.unmatched is not None:
                values = self.unmatched.render(frame)
            else:
                unknown.append(line)
                continue
            self._settle(exchange, line, values, shelf, key)
        if unknown and self.refuse_unmatched:
            raise refuse_lines("unmatched", "The vendor doesn't know some of the items", unknown)

    def _groups(self, exchange: Exchange) -> dict[str, list[Json]]:
        """Group the rows by key; a row without one (Square's `{}`) belongs to no line."""
        frame = Frame(exchange.answers[self.call], parent=exchange.frame)
        try:
            rows = self.rows(frame)
        except ExpressionFailed as error:
            raise faults.of_nonsense(self.vendor, str(error)) from error
        if rows is not None and not isinstance(rows, list):
            raise faults.of_nonsense(self.vendor, f"`{self.rows.text}` is no list")
        groups: dict[str, list[Json]] = {}
        for row in rows or []:
            key = self.row.key(Frame({"row": row}, parent=frame))
            if key is not None:
                groups.setdefault(key, []).append(row)
        if not groups and any(rows or []):
            raise faults.of_nonsense(self.vendor, f"no row has a key, `{self.row.program.text}`")
        return groups

    def _settle(
        self, exchange: Exchange, line: Line, values: dict[str, Json], shelf: Shelf, key: str
    ) -> None:
        if STOCK in values:
            available = shelf.take(key, values[STOCK], line)
            values[STOCK] = available
            if self.reject and available < quantity_of(line):
                exchange.short.append({**line, STOCK: available})
        if self.writes:
            line.update(values)
