"""`gateway test`: the files of tests beside the mappings, without network."""

from __future__ import annotations

import os
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from gateway.cli.common import complete_mapping, config_option, read
from gateway.cli.show import printable
from gateway.config.problems import Problems
from gateway.config.render import render_text
from gateway.testing.files import Suite, read_suites, tests_of
from gateway.testing.junit import Outcome, junit
from gateway.testing.run import Runner

if TYPE_CHECKING:
    from gateway.cli.common import Ready
    from gateway.plan.exchange import Plan


@click.command("test")
@click.argument("names", nargs=-1, metavar="[FILE|MAPPING]...", shell_complete=complete_mapping)
@config_option
@click.option("--case", "part", help="Run only cases whose name holds this text, in any case.")
@click.option(
    "--junit",
    "report",
    type=click.File("wb"),
    help="Write the results as JUnit XML into this file too.",
)
def test(names: tuple[str, ...], config: Path, part: str | None, report: BinaryIO | None) -> None:
    """Run the tests beside the mappings, without network and without secrets.

    FILE is a .test.yaml or its mapping file, MAPPING a mapping's name or its contract; all that
    gateway.yaml lists when left out. Environment variables are stood in for, so that the result is
    the same everywhere. Exit code 1 if a case fails, a file of tests has problems, or there are no
    cases.
    """
    ready = read(config, {}, stand_in=True, warnings=False)
    suites = _suites(ready, names)
    chosen = [
        (suite, case)
        for suite in suites
        for case in suite.cases
        if part is None or part.lower() in case.name.text.lower()
    ]
    if part is not None and not chosen:
        raise click.UsageError(f"There is no case with {part!r} in its name.")
    runner = Runner(ready.configuration, ready.spec)
    outcomes = [
        Outcome(suite, case, tuple(runner.run(case, suite.plan.contract.name)))
        for suite, case in chosen
    ]
    _show(outcomes, [suite for suite in suites if not suite.cases])
    if report is not None:
        report.write(junit(outcomes))
    failed = sum(bool(outcome.mismatches) for outcome in outcomes)
    sys.exit(1 if failed or not outcomes else 0)


def _suites(ready: Ready, names: tuple[str, ...]) -> list[Suite]:
    """Read the files of tests; problems are printed and end the command with 1."""
    plans = ready.plans.by_contract.values()
    for name in names:
        if not any(_is_meant(name, plan) for plan in plans):
            known = ", ".join(sorted(plan.mapping for plan in plans))
            raise click.UsageError(f"There is no mapping {name}. There are: {known}.")
    wanted = [plan for plan in plans if not names or any(_is_meant(name, plan) for name in names)]
    problems, sources = Problems(), ready.configuration.sources
    suites = read_suites(plans, wanted, problems, sources)
    if problems.found:
        text = render_text(problems.sorted(), sources, colour=sys.stderr.isatty())
        click.echo(text, err=True)
        sys.exit(1)
    return suites


def _is_meant(name: str, plan: Plan) -> bool:
    files = {os.path.realpath(plan.file), os.path.realpath(tests_of(plan))}
    return name in (plan.mapping, plan.contract.name) or os.path.realpath(name) in files


def _show(outcomes: list[Outcome], untested: list[Suite]) -> None:
    """Print what failed, a line for each file, and a summary."""
    for outcome in outcomes:
        if outcome.mismatches:
            click.echo(printable(f"{outcome.where}: {outcome.case.name.text}"))
            for mismatch in outcome.mismatches:
                click.echo(printable(f"  {mismatch}"))
            click.echo()
    for file, run in groupby(outcomes, lambda outcome: outcome.suite.file):
        click.echo(printable(f"{file}: {_counted(list(run))}"))
    for suite in untested:
        click.echo(printable(f"{suite.plan.file}: no tests; they would stand in {suite.file}"))
    click.echo(_counted(outcomes))


def _counted(outcomes: list[Outcome]) -> str:
    failed = sum(bool(outcome.mismatches) for outcome in outcomes)
    cases = f"{len(outcomes)} case{'s' * (len(outcomes) != 1)}"
    return f"{cases}, {failed} failed" if failed else f"{cases}, none failed"
