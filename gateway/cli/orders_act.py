"""What people do about orders: `gateway orders retry|cancel|undo|release`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import config_option
from gateway.cli.desk import (
    Seat,
    at_desk,
    by_option,
    mapping_option,
    note_option,
    search,
    search_options,
)
from gateway.cli.progress import with_progress
from gateway.orders.desk import CannotAct, Desk, NoSuchOrder, Person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.storage.folder import Folder, Search


def _act(
    config: Path,
    key: str,
    mapping: str | None,
    act: Callable[[Desk, Folder], Awaitable[str]],
) -> None:
    async def work(seat: Seat) -> None:
        seen = await seat.desk.find(key, mapping)
        done = await act(seat.desk, seen)
        click.echo(f"{seen.order.key} ({seen.order.mapping}): {done}.")

    at_desk(config, work)


@click.command()
@click.argument("key", required=False)
@config_option
@search_options
@click.option(
    "--current", is_flag=True, help="With today's mapping, not the one that it began with."
)
@click.option("--yes", is_flag=True, help="Don't ask before several orders are retried.")
@by_option
@note_option
def retry(
    config: Path,
    key: str | None,
    by: str,
    note: str | None,
    *,
    current: bool,
    yes: bool,
    **options: object,
) -> None:
    """Let an order go again; without KEY, all that the options find.

    What is done of it isn't repeated, and what is in doubt is found out first. Where nothing of it
    is at the vendor, a new attempt begins.
    """
    who = Person(by, note)
    if key is None:
        if not options["states"]:
            raise click.UsageError("Say which orders: a KEY, or --state, as in --state held.")
        _retry_many(config, search(None, **options), who, current=current, yes=yes)
        return
    mapping = options.pop("mapping")
    if any(options.values()):
        raise click.UsageError("Beside a KEY only --mapping says which order.")
    name = str(mapping) if mapping is not None else None
    _act(config, key, name, lambda desk, seen: desk.retry(seen, who, current=current))


def _retry_many(config: Path, wanted: Search, who: Person, *, current: bool, yes: bool) -> None:
    async def work(seat: Seat) -> int:
        ids = await seat.desk.ids_of(wanted)
        if not ids:
            click.echo("No order fits.")
            return 0
        if not yes:
            click.confirm(f"Retry {len(ids)} orders?", abort=True, err=True)
        unable: Counter[str] = Counter()
        for order_id in with_progress(ids, "Retrying"):
            try:
                await seat.desk.retry(await seat.desk.folder(order_id), who, current=current)
            except (CannotAct, NoSuchOrder) as error:
                unable[str(error)] += 1
        click.echo(f"{len(ids) - unable.total()} of {len(ids)} orders go on now.")
        for why, number in unable.most_common():
            click.echo(f"{number} can't: {why}", err=True)
        return unable.total()

    if at_desk(config, work):
        sys.exit(1)


@click.command()
@click.argument("key")
@config_option
@mapping_option
@by_option
@note_option
def cancel(config: Path, key: str, mapping: str | None, by: str, note: str | None) -> None:
    """Stop an order of which nothing is at the vendor.

    It stays so until somebody retries it; Nacelle's repeats are refused.
    """
    who = Person(by, note)
    _act(config, key, mapping, lambda desk, seen: desk.cancel(seen, who))


@click.command()
@click.argument("key")
@config_option
@mapping_option
@by_option
@note_option
def undo(config: Path, key: str, mapping: str | None, by: str, note: str | None) -> None:
    """Take back at the vendor what was done of an order, as its mapping's `undo` says."""
    who = Person(by, note)
    _act(config, key, mapping, lambda desk, seen: desk.undo(seen, who))


@click.command()
@click.argument("key")
@config_option
@mapping_option
@click.option(
    "--done/--not-done",
    required=True,
    default=None,
    help="The vendor has all of it, or nothing of it.",
)
@by_option
@click.option("--note", required=True, help="How you know, for those who look at it later.")
def release(config: Path, key: str, mapping: str | None, by: str, note: str, *, done: bool) -> None:
    """Say what became of a held order, after a look at the vendor.

    --done: the vendor has all of it, or you have done the rest by hand; a repeat is answered with
    200. --not-done: the vendor has nothing of it; its key is free, and nothing is sent by this.
    """
    who = Person(by, note)
    _act(config, key, mapping, lambda desk, seen: desk.release(seen, who, done=done))
