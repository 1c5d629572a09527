"""The keyed join: the vendor's rows become fields of the lines."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.plan.exchange import STRETCH, Exchange, Line
from gateway.plan.missing import Blame
from gateway.plan.reply import refuse_bytes
from gateway.plan.row_fields import RowFields
from gateway.plan.row_groups import Keyed, RowGroups
from gateway.plan.stock import STOCK, Shelf, quantity_of, refuse_lines
from gateway.plan.tree import Block


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
    """Joins one call's rows to the lines. Where the call was skipped, they stay as they came.

    `unmatched` None leaves a line without a row as it came, or refuses it where `refuse_unmatched`.
    `on_fault` is what lines get whose rows a failed read owes; without it the failure is raised.
    `writes` is false where the order goes back as it came and only its stock is checked.
    """

    name: str
    of: Chosen
    groups: RowGroups
    line: Keyed
    set: RowFields
    unmatched: Block | None
    refuse_unmatched: bool
    on_fault: Block | None
    writes: bool
    reject: bool

    async def run(self, exchange: Exchange) -> None:
        if self.groups.call in exchange.skipped:
            return
        failure = exchange.failure(self.groups.call)
        if failure is None:
            await self._join(exchange)
            return
        if self.on_fault is None:
            raise failure
        for line in self.of.lines(exchange):
            self._stand_in(exchange, self.on_fault, line)

    async def _join(self, exchange: Exchange) -> None:
        groups, failed = self.groups.of(exchange), self.groups.failed(exchange)
        shelf, rendering = Shelf(self.groups.vendor), self.set.fresh()
        places = self._places(exchange)
        unknown: list[Line] = []
        for number, line in enumerate(self.of.lines(exchange), 1):
            if number % STRETCH == 0:
                await asyncio.sleep(0)
            key = self.line.key(line, exchange.frame, places.get(id(line)))
            if key is None:
                raise self.line.absent(line, exchange.frame)
            if key in failed and self.on_fault is not None:
                self._stand_in(exchange, self.on_fault, line)
                continue
            rows = groups.get(key)
            if rows is not None:
                values = rendering.render(key, rows, line, exchange.frame)
            else:
                exchange.ways.add((self.name, "unmatched"))
                if self.unmatched is None:
                    unknown.append(line)
                    continue
                values = self.unmatched.render(Frame({"line": line}, parent=exchange.frame))
                refuse_bytes(values)
            self._settle(exchange, line, values, shelf, key)
        if unknown and self.refuse_unmatched:
            raise refuse_lines("unmatched", "The vendor doesn't know some of the items", unknown)

    def _places(self, exchange: Exchange) -> dict[int, int]:
        """Say where each line stands, for a key that may be made from that."""
        if self.line.path is not None:
            return {}
        return {id(line): place for place, line in enumerate(exchange.lines)}

    def _stand_in(self, exchange: Exchange, fields: Block, line: Line) -> None:
        exchange.ways.add((self.name, "on_fault"))
        values = fields.render(Frame({"line": line}, parent=exchange.frame))
        if STOCK in values:  # nobody knows the stock, so lines don't share it
            values[STOCK] = Shelf(self.groups.vendor).take("", values[STOCK], line)
        line.update(values)

    def _settle(
        self, exchange: Exchange, line: Line, values: dict[str, Json], shelf: Shelf, key: str
    ) -> None:
        if STOCK in values:
            available = shelf.take(key, values[STOCK], line)
            values[STOCK] = available
            if self.reject and available < quantity_of(line):
                exchange.ways.add((self.name, "shortage"))
                exchange.short.append({**line, STOCK: available})
        if self.writes:
            line.update(values)
