"""What comes of `gateway test --mutate`: the changes that no case notices, in their files."""

from __future__ import annotations

import time

import click

from gateway.cli.progress import with_progress
from gateway.cli.show import printable, short
from gateway.config.frame import frame
from gateway.testing.files import Suite
from gateway.testing.junit import Proved
from gateway.testing.mutate import Mutant, is_noticed, mutants_of
from gateway.testing.run import Runner

_SECONDS = 60
"""How long one mapping may take."""

_WIDTH = 60


def show_mutants(suite: Suite, runner: Runner) -> Proved:
    """Try the changes of one mapping; give those that its cases don't notice."""
    mutants = mutants_of(suite, runner)
    until = time.monotonic() + _SECONDS
    unnoticed: list[Mutant] = []
    tried = 0
    for mutant in with_progress(mutants, suite.file):
        if time.monotonic() > until:
            break
        tried += 1
        if not is_noticed(mutant, runner):
            unnoticed.append(mutant)
    unnoticed.sort(key=lambda each: each.place(runner))
    for mutant in unnoticed:
        _show(mutant, runner)
    left = len(mutants) - tried
    told = [f"{suite.file}: {tried} changes, {len(unnoticed) or 'none'} unnoticed"]
    told += [f"{left} more not tried: {_SECONDS} s were up"] if left else []
    click.echo(printable("; ".join(told)))
    return Proved(suite, "--mutate", tuple(_told(mutant, runner) for mutant in unnoticed))


def _told(mutant: Mutant, runner: Runner) -> str:
    place = mutant.place(runner)
    new = mutant.change.new
    quoted = short(new, _WIDTH) if "`" in new else f"`{short(new, _WIDTH)}`"
    told = f"{quoted} in this place" if new else "when this is left out"
    return f"{place.file}:{place.line}:{place.column}: no case notices {told}"


def _show(mutant: Mutant, runner: Runner) -> None:
    click.echo(printable(_told(mutant, runner)))
    place = mutant.place(runner)
    source = runner.configuration.sources.get(place.file)
    for line, _ in frame(place, source) if source is not None else ():
        click.echo(line)
    click.echo()
