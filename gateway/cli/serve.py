"""`gateway serve`: the gateway on a port."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import uvicorn
from starlette.applications import Starlette

from gateway.app import Edge, create_app
from gateway.cli.common import Ready, config_option, read
from gateway.plan.exchange import ForgetfulJournal, Ports
from gateway.telemetry import logs
from gateway.telemetry.clock import Clock
from gateway.vendors.vendor import make_vendor

_CONFIG = "GATEWAY_CONFIG"
"""How the path of gateway.yaml reaches worker processes."""

_GRACE_SECONDS = 2


def make_app(ready: Ready) -> Starlette:
    """Make the application of a deployment, in the process that will serve it."""
    logs.configure("debug" if ready.spec.log.level == "debug" else "info")
    clock = Clock()
    vendors = {name: make_vendor(spec, clock) for name, spec in ready.spec.vendors.items()}
    ports = Ports(vendors, ForgetfulJournal(), clock)
    edge = Edge(
        ready.plans,
        ready.configuration.version,
        ready.spec.nacelle,
        ports,
        debug=ready.spec.log.level == "debug",
    )
    return create_app(edge)


def worker() -> Starlette:
    """Make the application in a worker process (uvicorn's factory)."""
    return make_app(read(Path(os.environ[_CONFIG])))


def uvicorn_settings(ready: Ready) -> dict[str, object]:
    """Settings of the server: no access log of its own, and time to finish what is running."""
    return {
        "loop": "uvloop",
        "http": "httptools",
        "lifespan": "on",
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "date_header": False,
        "timeout_graceful_shutdown": int(ready.spec.nacelle.deadline.seconds) + _GRACE_SECONDS,
    }


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


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, help="The port to listen on.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes."
)
@click.option("--insecure", is_flag=True, help="Start without any inbound authentication.")
def serve(config: Path, host: str, port: int, workers: int, *, insecure: bool) -> None:
    """Answer Nacelle's calls until told to stop.

    SIGTERM and Ctrl-C finish what is running first. Health: /health/live and /health/ready.
    """
    ready = read(config)
    check_inbound(ready, insecure=insecure)
    os.environ[_CONFIG] = str(config.resolve())
    click.echo(f"Listening on http://{host}:{port} with {workers} worker(s)", err=True)
    uvicorn.run(
        "gateway.cli.serve:worker",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        **uvicorn_settings(ready),  # type: ignore[arg-type]  # uvicorn names each setting's type
    )
