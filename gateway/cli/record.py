"""`gateway try --record`: the exchange becomes a case beside the mapping."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Ready, read
from gateway.cli.show import printable
from gateway.config.problems import Problems
from gateway.config.render import render_text
from gateway.config.secrets import secrets_in
from gateway.testing.files import Suite, read_suites
from gateway.testing.recording import Recorded, Recorder, Tape, Unrecordable, over
from gateway.testing.reply import Reply
from gateway.testing.run import Runner
from gateway.testing.suite_text import Unwritable, with_case

if TYPE_CHECKING:
    from gateway.lossless import Json
    from gateway.plan.exchange import Observer, Plan

_ADVICE = "Record it again with a made-up customer and address."


@dataclass(frozen=True, slots=True)
class Recording:
    """One exchange that is to become a case of this name."""

    name: str
    live: Ready
    tested: Ready
    """The same deployment as `gateway test` has it: without the environment."""
    suite: Suite
    document: Json
    tape: Tape = field(default_factory=Tape)

    @classmethod
    def begin(cls, name: str, config: Path, live: Ready, plan: Plan, document: Json) -> Recording:
        """See that the case can be added before any vendor is called; if not, end with 1 or 2."""
        tested = read(config, {}, stand_in=True, warnings=False)
        problems, sources = Problems(), tested.configuration.sources
        [suite] = read_suites((), [plan], problems, sources)
        if problems.found:
            colour = sys.stderr.isatty()
            click.echo(render_text(problems.sorted(), sources, colour=colour), err=True)
            sys.exit(1)
        if any(case.name.text == name for case in suite.cases):
            raise click.UsageError(f"There is a case named {name!r} in {suite.file} already.")
        return cls(name, live, tested, suite, document)

    def listening(self, observer: Observer) -> Observer:
        """Give an observer that takes down what is said, while the given one watches too."""
        self.tape.other = observer
        return self.tape

    def end(self, reply: Reply) -> bool:
        """Write the case into the file beside the mapping; say why where none can be made."""
        recorded = Recorded(
            self.document,
            self.tape.received_at,
            over(self.tested.spec.settings, self.live.spec.settings),
            self.tape.rounds,
            reply,
        )
        path = self.suite.path
        before = path.read_bytes().decode() if path.exists() else ""
        try:
            made = with_case(before, self._recorder().case(self.name, recorded))
        except (Unrecordable, Unwritable) as error:
            click.echo(printable(f"\nNot recorded: {error}.\n{_ADVICE}"), err=True)
            return False
        path.write_bytes(made.encode())
        click.echo(printable(f"\nRecorded in {self.suite.file}, secrets and personal data masked."))
        return True

    def _recorder(self) -> Recorder:
        plan = self.suite.plan
        secrets = tuple({secret.reveal() for secret in secrets_in(self.live.spec)})
        schema = self.live.plans.intake.schemas[plan.contract.object]
        return Recorder(plan, Runner(self.tested.configuration, self.tested.spec), schema, secrets)
