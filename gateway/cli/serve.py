"""`gateway serve`: the gateway on a port."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from gateway.app import Edge, create_app
from gateway.cli.common import Ready, config_option, has_effects, make_ports, read
from gateway.cli.observe import make_tracer, metrics_served, worker_watch
from gateway.storage.database import Database, StorageFailed
from gateway.telemetry import logs
from gateway.telemetry.watch import NoWatch, Watch
from gateway.vendors.tls import tls_context
from gateway.vendors.vendor import needs_storage

if TYPE_CHECKING:
    from types import FrameType

    from starlette.applications import Starlette

    from gateway.orders.deliveries import Deliveries
    from gateway.plan.exchange import Ports

_CONFIG = "GATEWAY_CONFIG"
"""How the path of gateway.yaml reaches worker processes."""

_GRACE_SECONDS = 2
_NO_WATCH: Final = NoWatch()


def make_app(ready: Ready, watch: Watch = _NO_WATCH) -> Starlette:
    """Make the application of a deployment, in the process that will serve it."""
    ports = make_ports(ready, watch)
    edge = Edge(
        ready.plans,
        ready.configuration.version,
        ready.spec.nacelle,
        ports,
        make_orders(ready, ports),
        debug=ready.debug,
        watch=watch,
        tracer=make_tracer(ready),
    )
    return create_app(edge)


def make_orders(ready: Ready, ports: Ports) -> Deliveries | None:
    """Make what delivers orders, where a mapping has effects; opens nothing yet."""
    if not has_effects(ready.plans) or ports.storage is None:
        return None
    # Imported where needed: a deployment that only reads doesn't pay for it.
    from gateway.orders.deliveries import make_deliveries  # noqa: PLC0415

    return make_deliveries(ready.plans, ready.configuration, ports, ports.storage)


def worker() -> Starlette:
    """Make the application in a worker process (uvicorn's factory)."""
    ready = read(Path(os.environ[_CONFIG]), warnings=False)  # the parent has told them
    logs.configure("debug" if ready.debug else "info")
    return make_app(ready, worker_watch(ready))


def listen(host: str, port: int) -> socket.socket:
    """Take the port; one that can't be had ends the command with 1."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "the port is taken" if taken else str(error.strerror).partition(" (")[0]
        click.echo(
            f"Can't listen on {host}, port {port}: {why}. Choose another one with --port.", err=True
        )
        sys.exit(1)
    # asyncio sets it only for sockets of its own making; without it an answer takes 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address(listener: socket.socket) -> str:
    """Give the base URL of a listener."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_config(app: Starlette | str, ready: Ready, workers: int = 1) -> uvicorn.Config:
    """Make the server's settings: no log of its own, and time to finish what is running."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,  # its warnings go where ours go
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(ready.spec.nacelle.deadline.seconds) + _GRACE_SECONDS,
    )


class Server(uvicorn.Server):
    """Ends well when told to stop, where uvicorn's own would raise the signal again and die of it.

    A second Ctrl-C doesn't wait for what is running.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def check_inbound(ready: Ready, *, insecure: bool) -> None:
    """Refuse to start without inbound authentication, unless told to; then say so."""
    nacelle = ready.spec.nacelle
    if nacelle.signature or nacelle.shared_secret:
        return
    if not insecure:
        click.echo(
            "Nobody's identity would be checked: gateway.yaml sets neither `nacelle.signature` nor "
            "`nacelle.shared_secret`.\nSet one of them; or, for trying things out only, start with "
            "--insecure.",
            err=True,
        )
        sys.exit(1)
    click.echo("WARNING: --insecure: every caller is let in, unsigned.", err=True)


def check_certificates(ready: Ready) -> None:
    """Refuse to start with a TLS file that is of no use, and say whose it is."""
    for name, spec in ready.spec.vendors.items():
        if spec.tls is None:
            continue
        try:
            tls_context(spec.tls)
        except OSError as error:
            why = getattr(error, "reason", None) or error.strerror
            click.echo(f"The files under `vendors.{name}.tls` can't be used: {why}.", err=True)
            sys.exit(1)


def check_storage(ready: Ready, workers: int) -> None:
    """Refuse to start where the storage is needed and of no use; makes its tables first."""
    effects = has_effects(ready.plans)
    if not effects and not any(needs_storage(spec) for spec in ready.spec.vendors.values()):
        return
    storage = Database(ready.spec.storage.url.reveal(), ready.configuration.folder)
    try:
        storage.open()
        if effects:
            check_alone(storage, workers)
    except StorageFailed as failed:
        click.echo(f"The database of `storage.url` can't be used: {failed}.", err=True)
        sys.exit(1)
    finally:
        storage.dispose()


def check_alone(storage: Database, workers: int) -> None:
    """Refuse a second process on an SQLite database: orders would have two owners."""
    taken = storage.taken_by_another()
    if taken is None or (workers == 1 and not taken):
        return
    why = (
        "Another gateway delivers orders from this SQLite database already."
        if taken
        else "Orders in an SQLite database are delivered by one process, and --workers asks for "
        f"{workers}."
    )
    click.echo(
        f"{why} Leave --workers out, or set `storage.url` to a PostgreSQL database, which any "
        "number of processes share: docs/operations.md.",
        err=True,
    )
    sys.exit(1)


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes."
)
@click.option("--insecure", is_flag=True, help="Start without any inbound authentication.")
def serve(config: Path, host: str, port: int, workers: int, *, insecure: bool) -> None:
    """Answer Nacelle's calls until told to stop.

    SIGTERM and Ctrl-C finish what is running first. Health: /health/live and /health/ready. The log
    goes to standard output, one JSON object a line.
    """
    ready = read(config)
    check_inbound(ready, insecure=insecure)
    check_certificates(ready)
    check_storage(ready, workers)
    logs.configure("debug" if ready.debug else "info")
    with listen(host, port) as listener, metrics_served(ready, workers) as watch:
        processes = f" with {workers} workers" if workers > 1 else ""
        click.echo(f"Listening on {address(listener)}{processes}", err=True)
        if workers == 1:
            Server(server_config(make_app(ready, watch), ready)).run(sockets=[listener])
        else:
            # Secrets can't be handed to another process, so each worker reads the files itself.
            os.environ[_CONFIG] = str(config.resolve())
            settings = server_config("gateway.cli.serve:worker", ready, workers)
            Multiprocess(settings, sockets=[listener]).run()
