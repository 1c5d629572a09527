"""The admin port as gateway.yaml wants it: orders as JSON, served beside the gateway."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click
import uvicorn

from gateway.cli.desk import seat_at
from gateway.cli.listening import address, open_port
from gateway.config.load import load
from gateway.dashboard.api import Api
from gateway.orders.desk import CannotAct
from gateway.orders.plans import KnownPlans
from gateway.plan.build import build
from gateway.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.cli.common import Ready
    from gateway.config.admin_spec import Admin


@contextmanager
def admin_served(ready: Ready, spec: Admin, config: Path) -> Iterator[None]:
    """Serve the orders where gateway.yaml says, in a thread with a database of its own.

    One port, however many workers there are. One that can't be had ends the command with 1.
    """
    try:
        listener = open_port(spec.host, spec.port)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        click.echo(f"Can't serve orders on {spec.host}, port {spec.port}: {why}.", err=True)
        sys.exit(1)
    database = Database(ready.spec.storage.url.reveal(), ready.configuration.folder)
    seat = seat_at(ready, database, partial(_reread, config))
    app = Api(seat.desk, spec.token, seat.secrets).app()
    settings = uvicorn.Config(
        app, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    click.echo(f"Orders on {address(listener)}/orders", err=True)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        database.dispose()


def _reread(config: Path) -> KnownPlans:
    """Give the mappings as the files are now: the gateway may have reloaded them since."""
    configuration = load(config, os.environ)
    plans = build(configuration)
    if plans is None:
        raise CannotAct("The files have problems: `gateway validate-config` shows them.")
    return KnownPlans(plans, configuration)
