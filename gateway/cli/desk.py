"""What the commands about orders share: their options, and the desk at which they work."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gateway.cli.common import Ready, read
from gateway.config.secrets import secrets_in
from gateway.contracts import CONTRACTS
from gateway.orders.asked import MOMENT, parse_moment
from gateway.orders.desk import CannotAct, Desk, NoSuchOrder
from gateway.orders.plans import KnownPlans
from gateway.storage.database import Database, StorageFailed
from gateway.storage.folder import Search
from gateway.storage.order import STATES
from gateway.telemetry.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_CONTRACTS = [name for name, contract in CONTRACTS.items() if contract.effect]

T = TypeVar("T")
Command = TypeVar("Command", bound="Callable[..., None]")


@dataclass(frozen=True, slots=True)
class Seat:
    """A place at the desk: what is worked with, and what mustn't be shown."""

    desk: Desk
    secrets: tuple[str, ...]


def seat_at(
    ready: Ready, database: Database, reread: Callable[[], KnownPlans] | None = None
) -> Seat:
    secrets = tuple(secret.reveal() for secret in secrets_in(ready.spec))
    known_plans = KnownPlans(ready.plans, ready.configuration)
    return Seat(Desk(database, known_plans, Clock(), reread), secrets)


def at_desk(config: Path, work: Callable[[Seat], Awaitable[T]]) -> T:
    """Work with the orders of a deployment; what can't be done ends the command with 1."""
    ready = read(config, warnings=False)
    database = Database(ready.spec.storage.url.reveal(), ready.configuration.folder)

    async def working() -> T:
        try:
            return await work(seat_at(ready, database))
        finally:
            await database.close()

    try:
        return asyncio.run(working())
    except StorageFailed as failed:
        click.echo(f"The database of `storage.url` can't be used: {failed}.", err=True)
    except (CannotAct, NoSuchOrder) as error:
        click.echo(str(error), err=True)
    sys.exit(1)


class _Moment(click.ParamType[float]):
    name = "moment"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            return parse_moment(value, Clock().now().timestamp())
        except ValueError:
            self.fail(f"{value} is no moment; type it as in {MOMENT} (ago).", param, ctx)


def search_options(command: Command) -> Command:
    """Add the options that say which orders."""
    for option in reversed(
        [
            click.option("--contract", type=click.Choice(_CONTRACTS), help="The contract."),
            click.option("--mapping", help="The mapping's name."),
            click.option("--vendor", help="The vendor's name."),
            click.option(
                "--state",
                "states",
                type=click.Choice(STATES),
                multiple=True,
                help="A state; give it again for several.",
            ),
            click.option("--error", help="A part of the reason or of the error's text."),
            click.option("--since", type=_Moment(), help=f"Came then or later: {MOMENT} (ago)."),
            click.option("--until", type=_Moment(), help="Came before that."),
        ]
    ):
        command = option(command)
    return command


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container knows no names
        return str(os.getuid())


by_option = click.option(
    "--by", default=_user, help="Who acts; the user of this terminal unless set."
)
note_option = click.option("--note", help="Why, for those who look at it later.")
mapping_option = click.option("--mapping", help="The mapping's name, where several have the key.")


def search(key: str | None = None, **options: object) -> Search:
    """Make what is searched for of the options above."""
    return Search(key=key, **options)  # type: ignore[arg-type]  # by their names
