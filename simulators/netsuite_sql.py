"""The part of SuiteQL that asks for stock: one table, lists of literals, an order.

    SELECT item, location, quantityavailable FROM aggregateitemlocation
    WHERE item IN ('101', '102') AND location IN ('1') ORDER BY item, location

Columns may have the table's name or an alias before them, and a name of their own (`AS`);
conditions are `=`, `IN (…)`, `IS NULL` and `IS NOT NULL`, joined by AND and OR. Anything else is an
invalid query, as SuiteQL's own unsupported parts are. `item` and `location` are numbers: a literal
that is none is refused, whether it stands in quotes or not. Oracle's limit of 1,000 literals a list
holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from simulators.netsuite_errors import Flaw, Refused

Row = Mapping[str, Decimal | None]
Condition = Callable[[Row], bool]

COLUMNS = (
    *("item", "location", "quantityavailable", "quantityonhand", "quantitycommitted"),
    *("quantityonorder", "quantitybackordered", "quantityintransit"),
)
_TABLE = "aggregateitemlocation"
_MOST_LITERALS = 1000
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|([(),.=*]))")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_CLAUSES = frozenset({"", "where", "order"})


def _invalid(what: str) -> Refused:
    detail = (
        "Invalid search query. Detailed unprocessed description follows. "
        f"Search error occurred: {what}"
    )
    return Refused(400, Flaw("INVALID_PARAMETER", detail))


@dataclass(slots=True)
class _Reader:
    """The tokens that are left; words are in lower case, texts still in their quotes."""

    tokens: list[str]
    at: int = 0
    qualifiers: set[str] = field(default_factory=set)

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next
        self.at += 1
        return token

    def takes(self, *words: str) -> bool:
        """Take these words if they come next."""
        there = tuple(self.tokens[self.at : self.at + len(words)]) == words
        self.at += len(words) if there else 0
        return there

    def need(self, *words: str) -> None:
        if not self.takes(*words):
            raise _invalid(f"Invalid or unsupported search near '{self.next}'")

    def column(self) -> str:
        name = self.take()
        if self.takes("."):
            self.qualifiers.add(name)
            name = self.take()
        if name not in COLUMNS:
            raise _invalid(f"Field '{name}' for record '{_TABLE}' was not found.")
        return name

    def literal(self) -> Decimal:
        token = self.take()
        text = token[1:-1].replace("''", "'") if token.startswith("'") else token
        if not _NUMBER.fullmatch(text):
            raise _invalid("Invalid number")
        return Decimal(text)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is right: what it shows of which rows, and in which order."""

    columns: tuple[tuple[str, str], ...]
    condition: Condition
    order: tuple[tuple[str, bool], ...]

    def run(self, rows: list[Row]) -> list[dict[str, object]]:
        found = [row for row in rows if self.condition(row)]
        for column, descending in reversed(self.order):
            found.sort(key=lambda row: _sortable(row[column]), reverse=descending)
        return [self._shown(row) for row in found]

    def _shown(self, row: Row) -> dict[str, object]:
        values = {name: row[column] for name, column in self.columns}
        told = {name: digits(value) for name, value in values.items() if value is not None}
        return {"links": [], **told}


def digits(number: Decimal) -> str:
    """Write a number as SuiteQL's answers do: as text, in plain digits."""
    return f"{number.normalize():f}" if number else "0"


def parse(text: str) -> Query:
    """Read a query. Raises `Refused` (400)."""
    reader = _Reader(_tokens(text))
    reader.need("select")
    columns = _columns(reader)
    reader.need("from", _TABLE)
    alias = _TABLE if reader.next in _CLAUSES else reader.take()
    condition = _either(reader) if reader.takes("where") else _all
    order = _order(reader) if reader.takes("order", "by") else ()
    if reader.next or reader.qualifiers - {alias}:
        raise _invalid("Invalid or unsupported search")
    return Query(columns, condition, order)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _invalid("Invalid or unsupported search")
        quoted, word, number, sign = match.groups()
        tokens.append(quoted or (word or "").lower() or number or sign)
        at = match.end()
    return tokens


def _columns(reader: _Reader) -> tuple[tuple[str, str], ...]:
    if reader.takes("*"):
        return tuple((name, name) for name in COLUMNS)
    columns = []
    while True:
        column = reader.column()
        columns.append((reader.take() if reader.takes("as") else column, column))
        if not reader.takes(","):
            return tuple(columns)


def _either(reader: _Reader) -> Condition:
    options = [_every(reader)]
    while reader.takes("or"):
        options.append(_every(reader))
    return lambda row: any(option(row) for option in options)


def _every(reader: _Reader) -> Condition:
    parts = [_condition(reader)]
    while reader.takes("and"):
        parts.append(_condition(reader))
    return lambda row: all(part(row) for part in parts)


def _condition(reader: _Reader) -> Condition:
    if reader.takes("("):
        inner = _either(reader)
        reader.need(")")
        return inner
    column = reader.column()
    if reader.takes("is", "not", "null"):
        return lambda row: row[column] is not None
    if reader.takes("is", "null"):
        return lambda row: row[column] is None
    if reader.takes("="):
        values = [reader.literal()]
    else:
        reader.need("in", "(")
        values = [reader.literal()]
        while reader.takes(","):
            values.append(reader.literal())
        reader.need(")")
    if len(values) > _MOST_LITERALS:
        raise _invalid("The maximum number of expressions in a list is 1000")
    wanted = frozenset(values)
    return lambda row: row[column] in wanted


def _order(reader: _Reader) -> tuple[tuple[str, bool], ...]:
    order = []
    while True:
        column, descending = reader.column(), reader.takes("desc")
        if not descending:
            reader.takes("asc")
        order.append((column, descending))
        if not reader.takes(","):
            return tuple(order)


def _all(_: Row) -> bool:
    return True


def _sortable(value: Decimal | None) -> tuple[bool, Decimal]:
    return value is None, value or Decimal(0)  # Oracle's order: NULL comes last
