"""`gateway test --faults`, `--generate` and `--mutate`: what goes beyond the cases as written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import track

from gateway.cli.fault_table import show_faults
from gateway.config.schemas import Schema
from gateway.testing.faults import columns_of
from gateway.testing.files import Suite
from gateway.testing.run import Runner

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., object])

_ENVELOPE = "nacelle/envelope.json"


def proof_options(command: Command) -> Command:
    """Add the options that ask for proofs, as `proofs`."""
    faults = click.option(
        "--faults",
        "proofs",
        flag_value="faults",
        multiple=True,
        help="Then break each answer of each case that ends well in every way, and check what "
        "goes back.",
    )
    return faults(command)


@dataclass(frozen=True, slots=True)
class Proving:
    """Mappings whose cases pass, and what runs them."""

    runner: Runner
    suites: Sequence[Suite]

    def prove(self, proofs: Iterable[str]) -> bool:
        """Run each proof once; say whether all went well."""
        runs = {"faults": self._faults}
        went_well = [runs[proof]() for proof in dict.fromkeys(proofs)]
        return all(went_well)

    def _faults(self) -> bool:
        envelope = self._envelope()
        columns = [
            column
            for suite in _with_progress(self.suites, "Breaking answers")
            for column in columns_of(suite, self.runner, envelope)
        ]
        return show_faults(columns)

    def _envelope(self) -> Schema:
        schema = self.runner.configuration.schemas.get(_ENVELOPE)
        if schema is None:
            raise AssertionError("a deployment with a broken envelope isn't built")
        return schema


def _with_progress(items: Sequence[T], what: str) -> Iterator[T]:
    """Show on a terminal how far it is."""
    console, hidden = Console(stderr=True), not sys.stderr.isatty()
    return iter(track(items, what, console=console, transient=True, disable=hidden))
