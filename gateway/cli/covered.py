"""`gateway test --coverage`: what no case runs, shown in the files, and a percentage for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from gateway.cli.show import printable
from gateway.config.frame import frame
from gateway.testing.coverage import Coverage, Unit, units_of

if TYPE_CHECKING:
    from gateway.config.load import Configuration
    from gateway.config.text import Sources
    from gateway.testing.files import Suite


def show_coverage(
    suites: Iterable[Suite], coverage: Coverage, configuration: Configuration
) -> None:
    """Print each thing that no case of its mapping runs, then a line for each mapping."""
    summaries: list[str] = []
    click.echo()
    for suite in suites:
        spec = next(s for s in configuration.mappings if s.mapping.text == suite.plan.mapping)
        units = units_of(spec, coverage)
        ran = sum(unit.told is None for unit in units)
        if suite.cases:
            for unit in units:
                _show(unit, configuration.sources)
        percent = 100 * ran // len(units) if units else 100
        summaries.append(f"{suite.plan.file}: {percent} % covered ({ran} of {len(units)})")
    for line in summaries:
        click.echo(printable(line))


def _show(unit: Unit, sources: Sources) -> None:
    if unit.told is None or unit.hushed:
        return
    place = unit.place
    click.echo(printable(f"{place.file}:{place.line}:{place.column}: {unit.told}"))
    source = sources.get(place.file)
    for line, _ in frame(place, source) if source is not None else ():
        click.echo(line)
    click.echo()
