"""What came of `gateway test --faults`: a table of calls and troubles, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from gateway.cli.show import printable, short
from gateway.testing.faults import Column, Failure
from gateway.testing.junit import Proved
from gateway.testing.troubles import TROUBLES, Trouble
from gateway.vendors.client import Fault

_MOST_FAILURES = 3
"""More of one call and one trouble would say the same."""

_WIDTH = 100
_GAP = "  "

_UNMET = "no case that ends well makes this call: nothing to break"


def show_faults(columns: Sequence[Column]) -> list[Proved]:
    """Print the failures, the table and a summary; give what came of each call."""
    met = [column for column in columns if column.cells]
    told = {id(column): list(_failures(column)) for column in met}
    click.echo()
    for lines in told.values():
        for line in lines:
            click.echo(printable(line))
    for line in _table(met):
        click.echo(printable(line))
    for column in columns:
        if not column.cells:
            click.echo(printable(f"{_name(column)}: {_UNMET}"))
    cells = [cell for column in met for cell in column.cells.values()]
    failed = sum(len(cell.failures) for cell in cells)
    answers = sum(cell.replies.total() for cell in cells)
    calls = f"{len(met)} call{'s' * (len(met) != 1)}"
    click.echo(f"{calls}, {answers:,} broken answers, {failed or 'none'} failed")
    unmet = () if met else (_UNMET,)
    return [
        Proved(column.suite, f"--faults: {column.call}", tuple(told.get(id(column), unmet)))
        for column in columns
    ]


def _failures(column: Column) -> Iterator[str]:
    """Tell what went wrong, and leave a line free after each."""
    for cell in column.cells.values():
        for failure in cell.failures[:_MOST_FAILURES]:
            yield from _failure(column, failure)
            yield ""


def _failure(column: Column, failure: Failure) -> Iterator[str]:
    attempt, outcome = failure.attempt, failure.attempt.outcome
    place = attempt.case.name.place
    yield f"{place.file}:{place.line}:{place.column}: {attempt.case.name.text}"
    if isinstance(outcome, Fault):
        came = f"{outcome.kind}, sent: {outcome.sent}"
    else:
        came = short(f"{outcome.status} {outcome.body.decode(errors='replace')}", _WIDTH)
    where = f"{attempt.entry}, the answer to {column.call}"
    yield f"  {where}: {attempt.trouble.name} ({came})"
    for told in failure.told:
        yield f"  {told}"


def _table(columns: Sequence[Column]) -> Iterator[str]:
    """Give a row for each trouble and a column for each call, as many side by side as fit."""
    rows = [trouble for trouble in TROUBLES if any(trouble.name in c.cells for c in columns)]
    first = _padded(["", "", *(trouble.name for trouble in rows)])
    block: list[list[str]] = []
    for column in columns:
        made = _padded([column.suite.plan.mapping, column.call, *_cells(column, rows)])
        if block and len(_GAP.join([first[0], *(each[0] for each in block), made[0]])) > _WIDTH:
            yield from _side_by_side([first, *block])
            block = []
        block.append(made)
    if block:
        yield from _side_by_side([first, *block])


def _cells(column: Column, rows: Sequence[Trouble]) -> Iterator[str]:
    """Give what came back: a status of success or the reason, counted where there are several."""
    for trouble in rows:
        cell = column.cells.get(trouble.name)
        replies = cell.replies.most_common() if cell else []
        counted = [f"{reply} {count}" if len(replies) > 1 else reply for reply, count in replies]
        yield ("✗ " if cell and cell.failures else "") + (", ".join(counted) or "-")


def _padded(texts: Sequence[str]) -> list[str]:
    widest = max(map(len, texts))
    return [text.ljust(widest) for text in texts]


def _side_by_side(columns: Sequence[list[str]]) -> Iterator[str]:
    for row in zip(*columns, strict=True):
        yield _GAP.join(row).rstrip()
    yield ""


def _name(column: Column) -> str:
    return f"{column.suite.plan.mapping}, {column.call}"
