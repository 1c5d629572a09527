"""`gateway try`: one exchange, every step shown."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import (
    Ready,
    complete_mapping,
    config_option,
    find_plan,
    make_ports,
    read,
    read_document,
)
from gateway.cli.record import Recording
from gateway.cli.show import Screen
from gateway.inbound.body import unwrap
from gateway.plan.exchange import Exchange, Observer, Plan, Round
from gateway.telemetry import logs
from gateway.testing.reply import Reply, Setting
from gateway.vendors.client import Answer, Deadline, Fault, Request

if TYPE_CHECKING:
    from gateway.lossless import Json

_OK = 200


class _DryRun(Exception):
    """The first vendor request was rendered; it isn't sent."""

    def __init__(self, vendor: str, request: Request) -> None:
        super().__init__(vendor)
        self.vendor = vendor
        self.request = request


@dataclass(frozen=True, slots=True)
class _Unsent:
    """A vendor that is never called."""

    name: str

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:  # noqa: ARG002 - the seam's signature
        raise _DryRun(self.name, request)

    def open(self) -> None:
        """Nothing is needed."""

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class _Shown:
    """Shows each step as it ends, with the requests that it sent."""

    screen: Screen
    rounds: list[Round] = field(default_factory=list)
    notes: int = 0

    def sent(self, sent: Round) -> None:
        self.rounds.append(sent)

    def step(self, name: str, seconds: float, exchange: Exchange) -> None:
        self.screen.heading(name)
        if name.startswith("calls:"):
            self.screen.text(f"at once, {seconds * 1000:.1f} ms in all")
        if name.startswith("call"):
            self._call(name.removeprefix("call:"), exchange)
        if name == "key":
            self.screen.text(f"key: {exchange.key}")
        if name.startswith("lines"):
            self.screen.document("lines", [dict(line) for line in exchange.lines])
        for note in exchange.notes[self.notes :]:
            self.screen.text(f"note: {note}")
        self.notes = len(exchange.notes)

    def ended(self, exchange: Exchange) -> None:  # noqa: ARG002 - the seam's signature
        """Show what took effects back, which belongs to no step."""
        for sent in [sent for sent in self.rounds if sent.role == "undo"]:
            self.screen.heading(f"undo:{sent.call}")
            self._round(sent)

    def _call(self, call: str, exchange: Exchange) -> None:
        for sent in [sent for sent in self.rounds if sent.call == call]:
            self._round(sent)
        if call in exchange.skipped:
            self.screen.text("skipped: its `when` is false")
        for failed in exchange.failed:
            if failed.call == call:
                self.screen.text(f"failed, and done without: {failed.refusal.cause}")

    def _round(self, sent: Round) -> None:
        self.screen.request(sent.vendor, sent.request)
        self.screen.outcome(sent.outcome, sent.seconds)
        self.rounds.remove(sent)


@click.command("try")
@click.argument("mapping", shell_complete=complete_mapping)
@click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)
)
@config_option
@click.option("--dry-run", is_flag=True, help="Stop before the first vendor call, and show it.")
@click.option(
    "--record",
    "name",
    metavar="NAME",
    help="Add the exchange as a case of this name to the tests beside the mapping, with secrets "
    "and personal data masked.",
)
def try_(mapping: str, file: Path, config: Path, name: str | None, *, dry_run: bool) -> None:
    """Run one exchange and show its steps: request, vendor calls, join, reply.

    MAPPING is a mapping's name or its contract; FILE a checkout or an order as JSON, `-` for
    standard input. Without --dry-run the vendors of gateway.yaml are really called, effects
    included; with it, secrets needn't be set. Exit code 1 if the exchange ends in an error or, with
    --record, if no case can be made of it.
    """
    if dry_run and name is not None:
        raise click.UsageError("--record needs the vendors' answers: leave --dry-run out.")
    ready = read(config, stand_in=dry_run)
    plan = find_plan(ready.plans, mapping)
    document = unwrap(read_document(file), plan.contract.object)
    recording = None if name is None else Recording.begin(name, config, ready, plan, document)
    logs.configure("info", sys.stderr)
    screen = Screen(colour=sys.stdout.isatty())
    screen.heading(f"{plan.contract.name} → {plan.mapping} ({plan.file})")
    screen.document(plan.contract.object, document)
    shown = _Shown(screen)
    observer = shown if recording is None else recording.listening(shown)
    try:
        reply = asyncio.run(_reply(ready, plan, document, observer, dry_run=dry_run))
    except _DryRun as ended:
        screen.request(ended.vendor, ended.request)
        screen.text("dry run: nothing was sent")
        return
    screen.reply(reply)
    if recording is not None:
        sys.exit(0 if recording.end(reply) else 1)
    sys.exit(0 if reply.status == _OK else 1)


async def _reply(
    ready: Ready, plan: Plan, document: Json, observer: Observer, *, dry_run: bool
) -> Reply:
    ports = make_ports(ready)
    if dry_run:
        ports = replace(ports, vendors={name: _Unsent(name) for name in ports.vendors})
    seconds = ready.spec.nacelle.deadline.seconds
    setting = Setting(ready.plans, plan, ports, seconds, ports.clock.new_id(), observer)
    try:
        return await setting.reply(document)
    finally:
        await ports.close()
