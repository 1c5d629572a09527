"""`gateway test --faults`, `--generate` and `--mutate`: what goes beyond the cases as written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import click

from gateway.cli.fault_table import show_faults
from gateway.cli.mutants import show_mutants
from gateway.cli.progress import with_progress
from gateway.config.schemas import Schema
from gateway.testing.faults import columns_of
from gateway.testing.files import Suite
from gateway.testing.junit import Proved
from gateway.testing.run import Runner

Command = TypeVar("Command", bound=Callable[..., object])

_ENVELOPE = "nacelle/envelope.json"

_PROOFS = {
    "faults": "Then break each vendor's answer in every way, and check what goes back.",
    "generate": "Then make documents and answers from their schemas, and check what is sent and "
    "goes back.",
    "mutate": "Then change each expression a little, and list the changes that no case notices.",
}


def proof_options(command: Command) -> Command:
    """Add the options that ask for proofs, as `proofs`, and `write`."""
    written = click.option(
        "--write", is_flag=True, help="Add a counterexample of --generate to the file of tests."
    )
    command = written(command)
    for proof, text in reversed(_PROOFS.items()):
        option = click.option(f"--{proof}", "proofs", flag_value=proof, multiple=True, help=text)
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Proving:
    """Mappings whose cases pass, and what runs them."""

    runner: Runner
    suites: Sequence[Suite]
    write: bool

    def prove(self, proofs: Iterable[str]) -> list[Proved]:
        """Run each proof once; give what came of it."""
        runs = {"faults": self._faults, "generate": self._generate, "mutate": self._mutate}
        return [each for proof in dict.fromkeys(proofs) for each in runs[proof]()]

    def _faults(self) -> list[Proved]:
        columns = [
            column
            for suite in with_progress(self.suites, "Breaking answers")
            for column in columns_of(suite, self.runner, self._envelope)
        ]
        return show_faults(columns)

    def _generate(self) -> list[Proved]:
        # Imported where needed: Hypothesis takes a while to load.
        from gateway.cli.generated import show_trial  # noqa: PLC0415
        from gateway.testing.generate.trial import tried  # noqa: PLC0415

        click.echo()
        return [
            show_trial(tried(suite, self.runner, self._envelope), write=self.write)
            for suite in with_progress(self.suites, "Generating")
        ]

    def _mutate(self) -> list[Proved]:
        click.echo()
        with_cases = [suite for suite in self.suites if suite.cases]
        if not with_cases:
            return [Proved(suite, "--mutate", ("no case could notice",)) for suite in self.suites]
        return [show_mutants(suite, self.runner) for suite in with_cases]

    @property
    def _envelope(self) -> Schema:
        schema = self.runner.configuration.schemas.get(_ENVELOPE)
        if schema is None:
            raise AssertionError("a deployment with a broken envelope isn't built")
        return schema
