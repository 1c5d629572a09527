"""`gateway test --update`: a case that fails takes over what came, where that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gateway.cli.show import printable
from gateway.testing.golden import NoGoldens, goldens
from gateway.testing.suite_text import Unwritable, cases_in
from gateway.testing.update import updated

if TYPE_CHECKING:
    from gateway.testing.junit import Outcome
    from gateway.testing.run import Runner

_BY_HAND = "Mend it by hand: only what is sent and what goes back can be taken over"


@dataclass(frozen=True, slots=True)
class Updating:
    """Asks for each case before it writes, unless `yes`."""

    runner: Runner
    yes: bool

    def update(self, outcome: Outcome) -> bool:
        """Write the case's file anew, or leave it; say whether the case passes now."""
        try:
            made = self._text(outcome)
        except (NoGoldens, Unwritable) as error:
            click.echo(printable(f"  {_BY_HAND}, and {error}.\n"))
            return False
        if not self.yes and not click.confirm("  Take over what came?"):
            click.echo()
            return False
        outcome.suite.path.write_bytes(made.encode())
        click.echo(printable(f"  Written into {outcome.suite.file}.\n"))
        return True

    def _text(self, outcome: Outcome) -> str:
        """Make the text with which the case passes. Raises NoGoldens and Unwritable."""
        contract, name = outcome.suite.plan.contract.name, outcome.case.name.text
        before = outcome.suite.path.read_bytes().decode()
        made = updated(before, name, goldens(outcome.case, contract, self.runner))
        case = next(case for case in cases_in(made) if case.name.text == name)
        differing = self.runner.run(case, contract)
        if differing:
            raise Unwritable(f"with that it would still say: {differing[0]}")
        return made
