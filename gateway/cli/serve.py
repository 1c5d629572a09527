"""`gateway serve`: the gateway on a port."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import uvicorn
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from gateway.app import Edge
from gateway.cli.common import Ready, config_option, has_effects, make_ports, read
from gateway.cli.fitness import Unfit, check_alone, check_fitness, lets_everybody_in
from gateway.cli.heap import begin, settle
from gateway.cli.listening import address, open_port
from gateway.cli.observe import make_tracer, metrics_served, worker_watch
from gateway.cli.reload import Reload
from gateway.live import Live
from gateway.telemetry import logs
from gateway.telemetry.logs import logger
from gateway.telemetry.watch import NoWatch, Watch

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from types import FrameType

    from gateway.orders.deliveries import Deliveries
    from gateway.plan.exchange import Ports

_GRACE_SECONDS = 2
_STARTING_SECONDS = 60
"""How long a worker may take to start; on a small machine uvicorn's own 5 s are too short."""
_PAUSE_SECONDS = 10
"""How long a worker that can't serve waits, so that trying again and again takes no whole core."""
_NO_WATCH: Final = NoWatch()


def make_app(ready: Ready, watch: Watch = _NO_WATCH, reload: Reload | None = None) -> Live:
    """Make the application of a deployment, in the process that will serve it."""
    ports = make_ports(ready, watch)
    edge = Edge(
        ready.plans,
        ready.configuration.version,
        ready.spec.nacelle,
        ports,
        make_orders(ready, ports, watch),
        debug=ready.debug,
        watch=watch,
        tracer=make_tracer(ready),
    )
    return Live(edge, reload.beside if reload else None)


def make_orders(ready: Ready, ports: Ports, watch: Watch) -> Deliveries | None:
    """Make what delivers orders, where a mapping has effects; opens nothing yet."""
    if not has_effects(ready.plans) or ports.storage is None:
        return None
    # Imported where needed: a deployment that only reads doesn't pay for it.
    from gateway.orders.deliveries import make_deliveries  # noqa: PLC0415

    return make_deliveries(ready.plans, ready.configuration, ports, ports.storage, watch)


def _admin_served(ready: Ready, config: Path) -> AbstractContextManager[None]:
    """Serve the orders on a port of their own, where gateway.yaml asks for it."""
    if ready.spec.admin is None:
        return nullcontext()
    # Imported where needed, as above.
    from gateway.cli.administer import admin_served  # noqa: PLC0415

    return admin_served(ready, ready.spec.admin, config)


def worker(config: Path, *, insecure: bool) -> Live:
    """Make the application in a worker process (uvicorn's factory).

    Secrets can't be handed to another process, so each worker reads the files itself.
    """
    begin()
    with _slow_to_fail():  # the files may have changed since the parent read them
        ready = read(config, warnings=False)
        _insist_on_fitness(ready, insecure=insecure)
    logs.configure("debug" if ready.debug else "info")
    reload = Reload(config, ready, insecure=insecure, warnings=False)
    app = make_app(ready, worker_watch(ready), reload)
    settle()
    return app


@contextmanager
def _slow_to_fail() -> Iterator[None]:
    """Wait before a worker ends that can't serve: the next one is started as soon as it did."""
    try:
        yield
    except SystemExit:
        logs.configure("info")
        logger().error("worker_unfit", again_in=_PAUSE_SECONDS)
        time.sleep(_PAUSE_SECONDS)
        raise


def _insist_on_fitness(ready: Ready, *, insecure: bool, workers: int | None = None) -> None:
    """End the command where the deployment can't be served, with so many workers where given."""
    try:
        check_fitness(ready, insecure=insecure)
        if workers is not None:
            check_alone(ready, workers)
    except Unfit as unfit:
        click.echo(unfit, err=True)
        sys.exit(1)


def listen(host: str, port: int) -> socket.socket:
    """Take the port; one that can't be had ends the command with 1."""
    try:
        return open_port(host, port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "the port is taken" if taken else str(error.strerror).partition(" (")[0]
        click.echo(
            f"Can't listen on {host}, port {port}: {why}. Choose another one with --port.", err=True
        )
        sys.exit(1)


class ServerConfig(uvicorn.Config):
    """Uvicorn's settings; when told to stop, what is running has as long as a request may take."""

    @property
    def timeout_graceful_shutdown(self) -> int:
        return int(self.loaded_app.longest_deadline) + _GRACE_SECONDS

    @timeout_graceful_shutdown.setter
    def timeout_graceful_shutdown(self, _: int | None) -> None:
        """Uvicorn sets a fixed time when it is made."""


def server_config(app: Live | Callable[[], Live], workers: int = 1) -> ServerConfig:
    """Make the server's settings: no log of its own, and time to finish what is running.

    Several `workers` make the application themselves: for them `app` is what makes it.
    """
    return ServerConfig(
        app,
        factory=workers > 1,
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
        timeout_worker_healthcheck=_STARTING_SECONDS,
    )


class Server(uvicorn.Server):
    """Ends well when told to stop, where uvicorn's own would raise the signal again and die of it.

    A second Ctrl-C doesn't wait for what is running.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


class Workers(Multiprocess):
    """The worker processes. SIGHUP goes on to them, where uvicorn's own would replace them."""

    def __init__(self, config: ServerConfig, sockets: list[socket.socket], reload: Reload) -> None:
        super().__init__(config, sockets)
        self._reload = reload
        self._untold: list[Process] = []

    def init_processes(self) -> None:
        super().init_processes()
        self._let_go()

    def handle_hup(self) -> None:
        """Let each worker read the files again, where they can be served: that is told once."""
        if self._reload.read() is not None:
            self._untold = self.processes.copy()

    def keep_subprocess_alive(self) -> None:
        """Do so, and pass SIGHUP on: a worker that still starts would die of it, and waits."""
        before = self.processes.copy()
        super().keep_subprocess_alive()
        self._let_go()
        for process in before:
            if process not in self.processes:
                logger().error("worker_died", pid=process.pid, exit_code=process.exitcode)
        for process in self._untold.copy():
            if process not in self.processes:
                self._untold.remove(process)  # who is in its place has read the new files
            elif process.is_ready() and process.pid is not None:
                os.kill(process.pid, signal.SIGHUP)
                self._untold.remove(process)

    def _let_go(self) -> None:
        """Leave the far end of each pipe to its worker: so the pipe ends with it.

        While this process held it too, it waited a minute for the answer of a worker that had just
        died, and did nothing else.
        """
        for process in self.processes:
            process.child_conn.close()


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
@click.option(
    "--watch", "watched", is_flag=True, help="Reload whenever a file of the configuration changes."
)
def serve(
    config: Path, host: str, port: int, workers: int, *, insecure: bool, watched: bool
) -> None:
    """Answer Nacelle's calls until told to stop.

    SIGTERM and Ctrl-C finish what is running first. SIGHUP reloads gateway.yaml, mappings and
    schemas; what can't be served is refused, and the gateway goes on as before. Health:
    /health/live and /health/ready. The log goes to standard output, one JSON object a line.
    """
    if watched and workers > 1:
        raise click.UsageError("--watch goes with one worker. Several reload on SIGHUP.")
    ready = read(config)
    _insist_on_fitness(ready, insecure=insecure, workers=workers)
    if lets_everybody_in(ready):
        click.echo("WARNING: --insecure: every caller is let in, unsigned.", err=True)
    logs.configure("debug" if ready.debug else "info")
    reload = Reload(config, ready, insecure=insecure, watched=watched)
    with (
        listen(host, port) as listener,
        metrics_served(ready, workers) as watch,
        _admin_served(ready, config),
    ):
        processes = f" with {workers} workers" if workers > 1 else ""
        click.echo(f"Listening on {address(listener)}{processes}", err=True)
        if workers == 1:
            app = make_app(ready, watch, reload)
            settle()
            Server(server_config(app)).run(sockets=[listener])
        else:
            settings = server_config(partial(worker, config, insecure=insecure), workers)
            Workers(settings, [listener], reload).run()
