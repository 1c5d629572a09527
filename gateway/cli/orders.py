"""`gateway orders`: see where orders stand, and act on them."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import config_option
from gateway.cli.desk import Seat, at_desk, mapping_option, search, search_options
from gateway.cli.orders_act import cancel, release, retry, undo
from gateway.cli.orders_people import erase_person, find_person
from gateway.cli.orders_text import Sheet, show_list
from gateway.cli.progress import with_progress
from gateway.lossless import dumps
from gateway.orders.advice import advice_of
from gateway.orders.dossier import dossier_of, summary_of

_EXPLAINED = 5
"""Of so many held orders the list says what to do."""


@click.group()
def orders() -> None:
    """See where orders stand, and act on them, while the gateway runs.

    Begin with `gateway orders list`. What the states mean and what to do: docs/orders.md.
    """


@orders.command("list")
@config_option
@search_options
@click.option("--key", help="A part of the key.")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="So many at most."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(config: Path, key: str | None, limit: int, *, as_json: bool, **options: object) -> None:
    """List orders: those that wait for a person first, then the latest."""
    wanted = search(key, **options)

    async def work(seat: Seat) -> None:
        found = await seat.desk.listed(wanted, limit)
        if as_json:
            for order in found:
                click.echo(dumps(summary_of(order)).decode())
            return
        folders = [await seat.desk.folder(order.id) for order in found if order.state == "held"]
        advice = [
            (seen.order, advice_of(seen, undoable=await seat.desk.undoable(seen)))
            for seen in folders[:_EXPLAINED]
        ]
        show_list(found, await seat.desk.counted(wanted), advice)

    at_desk(config, work)


@orders.command()
@click.argument("key")
@config_option
@mapping_option
@click.option("--unmask", is_flag=True, help="Show personal data and secrets as they are.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def show(config: Path, key: str, mapping: str | None, *, unmask: bool, as_json: bool) -> None:
    """Show an order: what happened, what comes next, what can be done, all that was said."""

    async def work(seat: Seat) -> None:
        seen = await seat.desk.find(key, mapping)
        told = await dossier_of(seat.desk, seen, seat.secrets, unmask=unmask)
        if as_json:
            click.echo(dumps(told).decode())
        else:
            Sheet(masked=not unmask).show(told)

    at_desk(config, work)


@orders.command()
@config_option
@search_options
@click.option("--key", help="A part of the key.")
@click.option("--unmask", is_flag=True, help="Write personal data and secrets as they are.")
def export(config: Path, key: str | None, *, unmask: bool, **options: object) -> None:
    """Write orders with all that is kept of them, one JSON object a line, the oldest first."""
    wanted = search(key, **options)

    async def work(seat: Seat) -> None:
        ids = await seat.desk.ids_of(wanted)
        for order_id in with_progress(ids, "Exporting"):
            seen = await seat.desk.folder(order_id)
            told = await dossier_of(seat.desk, seen, seat.secrets, unmask=unmask)
            click.echo(dumps(told).decode())

    at_desk(config, work)


for _command in (retry, cancel, undo, release, find_person, erase_person):
    orders.add_command(_command)
