"""How orders are shown to people: a list, and one with all that is kept of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.show import Screen, printable, short
from gateway.orders.advice import Advice, moment_text

if TYPE_CHECKING:
    from gateway.lossless import Json
    from gateway.storage.order import Order

_WIDE: Final = 160
"""The width of a table that goes into a file."""
_LONGEST: Final = 60

Block = Mapping[str, Any]  # what `dossier` makes

_EFFECTS: Final = {
    "none": "nothing of it is at the vendor",
    "doubt": "the vendor may have it",
    "part": "a part of it is done",
    "done": "the vendor has it",
    "undone": "what was done is taken back",
}
_VERDICTS: Final = {
    "done": "done",
    "found": "done: asked, the vendor has it",
    "no": "the vendor said no",
    "again": "surely not done",
    "doubt": "no clear answer",
    None: "begun, and never heard of",
}


def show_list(
    orders: Sequence[Order],
    counts: Mapping[str, int],
    advice: Sequence[tuple[Order, Advice]],
) -> None:
    """Show a table of orders, how many there are in all, and what to do about those held."""
    if not orders:
        click.echo("No order fits.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("came", "key", "mapping", "state", "effect", "tries", "why"):
        table.add_column(name, no_wrap=name != "why", overflow="ellipsis")
    for order in orders:
        table.add_row(*(printable(each) for each in _row(order)))
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else _WIDE, markup=False, highlight=False, emoji=False)
    console.print(table)
    total = sum(counts.values())
    if total > len(orders):
        told = ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
        click.echo(f"\n{len(orders)} of {total} shown ({told}): --limit shows more.")
    for order, each in advice:
        click.echo(printable(f"\n{order.key} is held. {each.happened}"))
        for can in each.can:
            click.echo(printable(f"  {can.command}\n    {can.what}"))


def _row(order: Order) -> list[str]:
    why = ": ".join(each for each in (order.reason, order.error) if each)
    came = moment_text(order.received_at)
    row = [came, order.key, order.mapping, order.state, order.effect, str(order.tries)]
    return [*(short(each, _LONGEST) for each in row), short(why, 2 * _LONGEST)]


@dataclass(slots=True)
class Sheet:
    """Shows one order; `masked` says so where something may be."""

    masked: bool
    screen: Screen = field(init=False)

    def __post_init__(self) -> None:
        self.screen = Screen(sys.stdout.isatty())

    def show(self, told: Block) -> None:
        self._head(told)
        for attempt in told["attempts"]:
            self._attempt(attempt)
        if told["acts"]:
            self.screen.heading("what people did")
            for act in told["acts"]:
                note = f": {act['note']}" if act["note"] else ""
                self.screen.text(f"{act['at']} {act['act']} by {act['by']}{note}")
        if self.masked:
            self.screen.text("\nPersonal data and secrets are masked; --unmask shows them.")

    def _head(self, told: Block) -> None:
        text = self.screen.text
        text(f"{told['key']} · {told['mapping']} · {told['contract']} to {told['vendor']}")
        text(f"{told['state']}: {_EFFECTS[told['effect']]}; attempt {told['attempt']}")
        advice = told["advice"]
        self.screen.heading("what happened")
        text(advice["happened"])
        if "reason" in told:
            text(f"{told['reason']}: {told.get('error', '')}")
        if "reference" in told:
            text(f"The vendor calls it {told['reference']}.")
        self.screen.heading("what the gateway does next")
        text(advice["follows"])
        self.screen.heading("what you can do")
        for can in advice["can"]:
            text(f"{can['command']}\n    {can['what']}")
        if not advice["can"]:
            text("Nothing needs to be done.")

    def _attempt(self, attempt: Block) -> None:
        self.screen.heading(
            f"attempt {attempt['attempt']}: {attempt['state']}, {_EFFECTS[attempt['effect']]}"
        )
        self.screen.text(f"came {attempt['received_at']}, changed {attempt['changed_at']}")
        if attempt["reason"]:
            self.screen.text(f"{attempt['reason']}: {attempt['error'] or ''}")
        self._said("received", attempt["received"])
        for read in attempt["reads"]:
            self._said(f"read {read['call']}", read["answer"])
        for effect in attempt["effects"]:
            self._effect(effect)
        if attempt["reply"] is not None:
            self._said("reply", attempt["reply"])
        elif attempt["state"] == "done":
            self.screen.text("reply: 200, with the order")

    def _effect(self, effect: Block) -> None:
        place = "" if effect["element"] is None else f"[{effect['element']}]"
        name = f"{'undo of ' if effect['undo'] else ''}{effect['call']}{place}"
        times = f"{effect['sends']} times, last " if effect["sends"] > 1 else ""
        said = f" ({effect['said']})" if effect["said"] else ""
        verdict = _VERDICTS[effect["verdict"]]
        self.screen.text(f"\n{name}: sent {times}{effect['sent_at']}; {verdict}{said}")
        self._said("request", effect["request"])
        self._said("answer", effect["answer"])

    def _said(self, label: str, value: Json) -> None:
        if value is None:
            self.screen.text(f"{label}: none is kept")
        else:
            self.screen.document(label, value)
