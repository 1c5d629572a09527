"""The data of one person: `gateway orders find-person|erase-person`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from gateway.cli.common import config_option
from gateway.cli.desk import Seat, at_desk, by_option, note_option
from gateway.cli.orders_text import show_list
from gateway.cli.progress import with_progress
from gateway.lossless import dumps
from gateway.orders.desk import Person
from gateway.orders.dossier import summary_of
from gateway.orders.people import Records, Somebody
from gateway.storage.folder import Folder, Search
from gateway.storage.order import OPEN

_AT_ONCE: Final = 200


async def _found(seat: Seat, text: str) -> list[Folder]:
    """Find a person's orders, the latest first."""
    records, somebody = Records(seat.desk, seat.secrets), Somebody.of(text)
    ids = await seat.desk.ids_of(Search())
    portions = [ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)]
    having = [
        order_id
        for portion in with_progress(portions, "Searching")
        for order_id in await records.having(somebody, portion)
    ]
    return [await seat.desk.folder(order_id) for order_id in reversed(having)]


@click.command("find-person")
@click.argument("text")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def find_person(config: Path, text: str, *, as_json: bool) -> None:
    """Find the orders with a person's data: by e-mail address, phone number or name.

    Looked at are the values that the schemas declare personal, of the orders as they came. `gateway
    orders export --key KEY --unmask` gives all that is kept of one.
    """

    async def work(seat: Seat) -> None:
        found = [seen.order for seen in await _found(seat, text)]
        if as_json:
            for order in found:
                click.echo(dumps(summary_of(order)).decode())
        else:
            show_list(found, {}, [])

    at_desk(config, work)


@click.command("erase-person")
@click.argument("text")
@config_option
@click.option("--yes", is_flag=True, help="Don't ask before.")
@by_option
@note_option
def erase_person(config: Path, text: str, by: str, note: str | None, *, yes: bool) -> None:
    """Write over all personal data in a person's orders, for good.

    The orders, what became of them and their keys stay. Orders that go on or are held keep their
    data and are named: they can't end without. Backups aren't touched.
    """
    who = Person(by, note)

    async def work(seat: Seat) -> bool:
        found = await _found(seat, text)
        show_list([seen.order for seen in found], {}, [])
        over = [seen for seen in found if seen.order.state not in {*OPEN, "held"}]
        if over and not yes:
            click.confirm(f"Erase the personal data of {len(over)} orders?", abort=True, err=True)
        left = [seen for seen in found if seen not in over]
        left += await _erased(seat, over, who)
        click.echo(f"Erased in {len(found) - len(left)} of {len(found)} orders.")
        for seen in left:
            order = seen.order
            click.echo(f"Not in {order.key} ({order.mapping}): it is {order.state}.", err=True)
        return not left

    if not at_desk(config, work):
        sys.exit(1)


async def _erased(seat: Seat, over: Sequence[Folder], who: Person) -> list[Folder]:
    """Erase; give those that have changed meanwhile."""
    records = Records(seat.desk, seat.secrets)
    return [seen for seen in with_progress(over, "Erasing") if not await records.erase(seen, who)]
