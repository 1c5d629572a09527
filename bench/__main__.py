"""`python -m bench`: measures, prints the tables, and on demand writes them into the docs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from bench import expressions, orders, report
from bench.shipped import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = ROOT / "docs" / "performance.md"
_BLOCK = "<!-- {name}: written by `make bench WRITE=1` -->\n"
_END = "<!-- end -->"


@click.command()
@click.option("--write", is_flag=True, help="Put the tables into docs/performance.md.")
def main(*, write: bool) -> None:
    """Measure expressions and orders, and print the figures as tables."""
    page = _PAGE.read_text()
    for name, lines in _tables():
        table = "\n".join(lines)
        click.echo(f"{table}\n")
        page = _put(page, name, table)
    if write:
        _PAGE.write_text(page)


def _tables() -> Iterator[tuple[str, list[str]]]:
    yield "machine", [f"Measured on {report.machine()}."]
    yield "gains", list(report.gains([*expressions.mappings()], [*expressions.suite()]))
    yield "by-hand", list(report.by_hand(expressions.stock()))
    yield "compiling", list(report.compiling(expressions.compiling()))
    yield "checking", list(report.compiling(expressions.checking()))
    yield "orders", list(report.orders(orders.measured()))


def _put(page: str, name: str, table: str) -> str:
    """Replace the named block of the page."""
    head = _BLOCK.format(name=name)
    block = re.compile(re.escape(head) + ".*?" + re.escape(_END), re.DOTALL)
    changed, count = block.subn(lambda _: f"{head}{table}\n{_END}", page)
    if count != 1:
        raise SystemExit(f"{_PAGE.name} has no block `{name}`.")
    return changed


if __name__ == "__main__":
    main()
