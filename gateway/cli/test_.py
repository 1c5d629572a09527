"""`gateway test`: the files of tests beside the mappings, without network."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from gateway.cli.common import complete_mapping, config_option, read
from gateway.cli.covered import show_coverage
from gateway.cli.prove import Proving, proof_options
from gateway.cli.show import printable
from gateway.cli.updating import Updating
from gateway.cli.watching import watching
from gateway.config.problems import Problems
from gateway.config.render import render_text
from gateway.testing.coverage import Coverage
from gateway.testing.files import Suite, read_suites, tests_of
from gateway.testing.junit import Outcome, junit
from gateway.testing.run import Runner

if TYPE_CHECKING:
    from gateway.cli.common import Ready
    from gateway.plan.exchange import Plan


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    names: tuple[str, ...]
    config: Path
    part: str | None
    report: BinaryIO | None
    covers: bool
    updates: bool
    yes: bool
    watches: bool
    proofs: tuple[str, ...]
    write: bool

    def check(self) -> None:
        """Refuse options that mean nothing together."""
        if self.write and "generate" not in self.proofs:
            raise click.UsageError("--write needs --generate, whose counterexamples it writes.")
        if self.yes and not self.updates:
            raise click.UsageError("--yes answers the questions of --update: add that.")
        if self.watches and (self.updates or self.report):
            raise click.UsageError("--watch only looks: leave --update and --junit out.")


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
@click.option(
    "--coverage",
    "covers",
    is_flag=True,
    help="Show what of the mappings no case runs: expressions, ways of conditions and joins, error "
    "rules.",
)
@click.option(
    "--update",
    "updates",
    is_flag=True,
    help="Show how each case that fails differs, and ask whether it shall expect what came.",
)
@click.option("--yes", is_flag=True, help="Don't ask with --update: write.")
@click.option(
    "--watch",
    "watches",
    is_flag=True,
    help="Run once more whenever a mapping, a test, a schema or gateway.yaml changes.",
)
@proof_options
def test(**given: Any) -> None:  # what click gives, by the names of the fields
    """Run the tests beside the mappings, without network and without secrets.

    FILE is a .test.yaml or its mapping file, MAPPING a mapping's name or its contract; all that
    gateway.yaml lists when left out. Environment variables are stood in for, so that the result is
    the same everywhere. Exit code 1 if a case fails, a file of tests has problems, or there are no
    cases. Cases are recorded with `gateway try --record`.
    """
    asked = Asked(**given)
    asked.check()
    if asked.watches:
        watching(asked.config, lambda: _run(asked))
    else:
        sys.exit(0 if _run(asked) else 1)


def _run(asked: Asked) -> bool:
    """Run the cases and what else is asked for; say whether all went well."""
    ready = read(asked.config, {}, stand_in=True, warnings=False)
    suites = _suites(ready, asked.names)
    meant = [_with_part(suite, asked.part or "") for suite in suites]
    if asked.part is not None and not any(suite.cases for suite in meant):
        raise click.UsageError(f"There is no case with {asked.part!r} in its name.")
    runner, coverage = Runner(ready.configuration, ready.spec), Coverage()
    watched = Runner(ready.configuration, ready.spec, coverage.listen, coverage)
    watched.plans({})  # so that what no case has is known too
    outcomes = _outcomes(meant, watched if asked.covers else runner)
    outcomes = _failures(outcomes, Updating(runner, asked.yes) if asked.updates else None)
    _summarise(outcomes, [suite for suite in suites if not suite.cases])
    if asked.covers:
        show_coverage(meant, coverage, ready.configuration)
    failed = any(outcome.mismatches for outcome in outcomes)
    if failed and asked.proofs:
        click.echo(f"--{asked.proofs[0]} starts from cases that pass: mend these first.")
    proved = [] if failed else Proving(runner, meant, asked.write).prove(asked.proofs)
    if asked.report is not None:
        asked.report.write(junit(outcomes, proved))
    return bool(outcomes or proved) and not failed and not any(each.told for each in proved)


def _outcomes(suites: list[Suite], runner: Runner) -> list[Outcome]:
    return [
        Outcome(suite, case, tuple(runner.run(case, suite.plan.contract.name)))
        for suite in suites
        for case in suite.cases
    ]


def _failures(outcomes: list[Outcome], updating: Updating | None) -> list[Outcome]:
    """Print the cases that fail; give all as they are once those that should are updated."""
    after: list[Outcome] = []
    for outcome in outcomes:
        if outcome.mismatches:
            click.echo(printable(f"{outcome.where}: {outcome.case.name.text}"))
            for mismatch in outcome.mismatches:
                click.echo(printable(f"  {mismatch}"))
            click.echo()
        mended = updating is not None and outcome.mismatches and updating.update(outcome)
        after.append(replace(outcome, mismatches=()) if mended else outcome)
    return after


def _with_part(suite: Suite, part: str) -> Suite:
    """Leave out the cases without this text in their name."""
    cases = [case for case in suite.cases if part.lower() in case.name.text.lower()]
    return replace(suite, cases=tuple(cases))


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


def _summarise(outcomes: list[Outcome], untested: list[Suite]) -> None:
    """Print a line for each file, and one for all."""
    for file, run in groupby(outcomes, lambda outcome: outcome.suite.file):
        click.echo(printable(f"{file}: {_counted(list(run))}"))
    for suite in untested:
        click.echo(printable(f"{suite.plan.file}: no tests; they would stand in {suite.file}"))
    click.echo(_counted(outcomes))


def _counted(outcomes: list[Outcome]) -> str:
    failed = sum(bool(outcome.mismatches) for outcome in outcomes)
    cases = f"{len(outcomes)} case{'s' * (len(outcomes) != 1)}"
    return f"{cases}, {failed} failed" if failed else f"{cases}, none failed"
