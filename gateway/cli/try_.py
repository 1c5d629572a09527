"""`gateway try`: one exchange, every step shown."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Ready, config_option, find_plan, read, read_document
from gateway.cli.show import Screen
from gateway.errors import Refusal
from gateway.inbound.body import unwrap
from gateway.plan.exchange import Exchange, ForgetfulJournal, Plan, Ports, error_body, run
from gateway.telemetry import logs
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer, Deadline, Fault, Request
from gateway.vendors.vendor import make_vendor

if TYPE_CHECKING:
    from gateway.lossless import Json


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
    """Shows each step as it ends."""

    screen: Screen
    rounds: int = 0
    notes: int = 0

    def step(self, name: str, exchange: Exchange) -> None:
        self.screen.heading(name)
        for sent in exchange.rounds[self.rounds :]:
            self.screen.request(sent.vendor, sent.request)
            self.screen.outcome(sent.outcome, sent.seconds)
        self.rounds = len(exchange.rounds)
        if name == "key":
            self.screen.text(f"key: {exchange.key}")
        if name.startswith("lines"):
            self.screen.document("lines", [dict(line) for line in exchange.lines])
        for note in exchange.notes[self.notes :]:
            self.screen.text(f"note: {note}")
        self.notes = len(exchange.notes)


@click.command("try")
@click.argument("mapping")
@click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)
)
@config_option
@click.option("--dry-run", is_flag=True, help="Stop before the first vendor call, and show it.")
def try_(mapping: str, file: Path, config: Path, *, dry_run: bool) -> None:
    """Run one exchange and show its steps: request, vendor calls, join, reply.

    MAPPING is a mapping's name or its contract; FILE a checkout or an order as JSON, `-` for
    standard input. Without --dry-run the vendors of gateway.yaml are really called, effects
    included; with it, secrets needn't be set. Exit code 1 if the exchange ends in an error.
    """
    ready = read(config, stand_in=dry_run)
    plan = find_plan(ready.plans, mapping)
    document = unwrap(read_document(file), plan.contract.object)
    logs.configure("info", sys.stderr)
    screen = Screen(colour=sys.stdout.isatty())
    sys.exit(asyncio.run(_run(ready, plan, document, screen, dry_run=dry_run)))


async def _run(
    ready: Ready, plan: Plan, document: dict[str, Json], screen: Screen, *, dry_run: bool
) -> int:
    clock = Clock()
    specs = ready.spec.vendors
    ports = Ports(
        {
            name: _Unsent(name) if dry_run else make_vendor(spec, clock, name=name)
            for name, spec in specs.items()
        },
        ForgetfulJournal(),
        clock,
    )
    deadline = Deadline(clock.monotonic() + ready.spec.nacelle.deadline.seconds)
    screen.heading(f"{plan.contract.name} → {plan.mapping} ({plan.file})")
    screen.document(plan.contract.object, document)
    try:
        ready.plans.intake.check(plan, document)
        exchange = ready.plans.intake.exchange(plan, document, ports, deadline)
        await run(plan, exchange, _Shown(screen))
    except _DryRun as ended:
        screen.request(ended.vendor, ended.request)
        screen.text("dry run: nothing was sent")
        return 0
    except Refusal as refusal:
        screen.refusal(
            refusal, error_body(refusal, plan.category, plan.contract.object, clock.new_id())
        )
        return 1
    finally:
        for vendor in ports.vendors.values():
            await vendor.close()
    screen.heading("answer 200")
    screen.document("", {plan.contract.object: exchange.document})
    return 0
