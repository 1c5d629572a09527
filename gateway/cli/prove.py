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

    def prove(self, proofs: Iterable[str]) -> bool:
        """Run each proof once; say whether all went well."""
        runs = {"faults": self._faults, "generate": self._generate, "mutate": self._mutate}
        went_well = [runs[proof]() for proof in dict.fromkeys(proofs)]
        return all(went_well)

    def _faults(self) -> bool:
        columns = [
            column
            for suite in with_progress(self.suites, "Breaking answers")
            for column in columns_of(suite, self.runner, self._envelope)
        ]
        return show_faults(columns)

    def _generate(self) -> bool:
        # Imported where needed: Hypothesis takes a while to load.
        from gateway.cli.generated import show_trial  # noqa: PLC0415
        from gateway.testing.generate.trial import tried  # noqa: PLC0415

        click.echo()
        went_well = [
            show_trial(tried(suite, self.runner, self._envelope), write=self.write)
            for suite in with_progress(self.suites, "Generating")
        ]
        return all(went_well)

    def _mutate(self) -> bool:
        click.echo()
        noticed = [show_mutants(suite, self.runner) for suite in self.suites if suite.cases]
        return bool(noticed) and all(noticed)

    @property
    def _envelope(self) -> Schema:
        schema = self.runner.configuration.schemas.get(_ENVELOPE)
        if schema is None:
            raise AssertionError("a deployment with a broken envelope isn't built")
        return schema
