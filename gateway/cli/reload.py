"""A new configuration in the place of the one that is served, without a break."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.common import Ready, has_effects, prepare, vendor_of
from gateway.cli.fitness import Unfit, check_fitness
from gateway.cli.heap import settle
from gateway.config.load import Configuration, load
from gateway.config.wording import listed
from gateway.plan.pool import Pools
from gateway.telemetry import logs
from gateway.telemetry.logs import logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from watchfiles import Change

    from gateway.app import Edge
    from gateway.live import Live
    from gateway.vendors.client import Vendor

_FIXED: Final = ("storage", "metrics", "tracing")
"""What of gateway.yaml is used as it was at the start."""

_SUFFIXES: Final = (".yaml", ".yml", ".json")
"""Of what may be a deployment's file; a log or a database beside them is none."""


@dataclass(slots=True)
class Reload:
    """Reads the files again on SIGHUP and, where they are `watched`, when one of them changes.

    What can't be served is refused, with its problems on standard error, and what is served goes
    on. `warnings` says whether this process tells more than errors.
    """

    path: Path
    ready: Ready
    """What is served."""
    insecure: bool = field(kw_only=True)
    watched: bool = field(default=False, kw_only=True)
    warnings: bool = field(default=True, kw_only=True)
    _first: Ready = field(init=False)
    _seen: Configuration = field(init=False)
    """What was read last, whether it is served or was refused."""

    def __post_init__(self) -> None:
        self._first, self._seen = self.ready, self.ready.configuration

    @asynccontextmanager
    async def beside(self, live: Live) -> AsyncIterator[None]:
        """Listen, for as long as the application runs."""
        hangup, turn = asyncio.Event(), asyncio.Lock()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, hangup.set)
        tasks = [asyncio.create_task(self._on_signal(live, hangup, turn))]
        if self.watched:
            tasks.append(asyncio.create_task(self._on_change(live, turn)))
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGHUP)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def read(self, *, changed: bool = False) -> Ready | None:
        """Read the files; None, and said why, where they can't be served.

        With `changed` also None, without a word, where they hold what they held last time.
        """
        configuration, before = load(self.path, os.environ), self._seen
        self._seen = configuration
        if changed and configuration.version == before.version:
            return None
        try:
            ready = self._fit(configuration)
        except Unfit as unfit:
            self._refuse(str(unfit))
            return None
        self._tell_fixed(ready)
        return ready

    def _fit(self, configuration: Configuration) -> Ready:
        ready = prepare(configuration, warnings=self.warnings)
        if ready is None:
            raise Unfit("The new configuration has errors.")
        check_fitness(ready, insecure=self.insecure)
        if has_effects(ready.plans) and not has_effects(self._first.plans):
            raise Unfit("The first mapping of a consume contract needs a start of the gateway.")
        return ready

    async def _on_signal(self, live: Live, hangup: asyncio.Event, turn: asyncio.Lock) -> None:
        while True:
            await hangup.wait()
            hangup.clear()
            async with turn:
                await self._again(live)

    async def _on_change(self, live: Live, turn: asyncio.Lock) -> None:
        with _bug_logged():
            while True:
                folders = self._folders_there()
                async with asyncio.TaskGroup() as group:
                    change = group.create_task(_change(folders))
                    await asyncio.sleep(0)  # so that they are watched before they are read
                    async with turn:
                        await self._again(live, changed=True)
                    if self._folders_there() != folders:  # one may have come just before the watch
                        change.cancel()

    def _folders_there(self) -> frozenset[Path]:
        return frozenset(folder for folder in self._seen.folders if folder.is_dir())

    async def _again(self, live: Live, *, changed: bool = False) -> None:
        with _bug_logged():
            ready = await asyncio.to_thread(self.read, changed=changed)
            if ready is not None:
                self._swap(live, ready)

    def _swap(self, live: Live, ready: Ready) -> None:
        before = live.edge
        version = ready.configuration.version
        ports = replace(
            before.ports,
            vendors=self._vendors(ready, before),
            pools=Pools(ready.spec.cache.max_size),  # what is kept is another mapping's
        )
        edge = replace(
            before,
            plans=ready.plans,
            version=version,
            nacelle=ready.spec.nacelle,
            ports=ports,
            debug=ready.debug,
        )
        try:
            live.swap(edge)
        except OSError as error:
            self._refuse(f"A vendor can't be opened: {error.strerror}.")
            return
        if edge.orders is not None:
            edge.orders.use(ready.plans, ready.configuration, edge.ports)
        if ready.debug != self.ready.debug:
            logs.configure("debug" if ready.debug else "info")
        self.ready = ready
        settle()
        logger().info("configuration_loaded", version=version, before=before.version)

    def _vendors(self, ready: Ready, before: Edge) -> dict[str, Vendor]:
        ports = before.ports
        return {
            name: ports.vendors[name]
            if self._is_same(name, ready)
            else vendor_of(name, ready, ports, before.watch)
            for name in ready.spec.vendors
        }

    def _is_same(self, name: str, ready: Ready) -> bool:
        """Say whether a vendor can go on as it is, with its connections, tokens and breaker."""
        spec = ready.spec.vendors[name]
        if spec.tls is not None:
            return False  # its files may hold new certificates
        retries = [name in each.plans.retrying for each in (self.ready, ready)]
        return spec == self.ready.spec.vendors.get(name) and retries[0] == retries[1]

    def _refuse(self, why: str) -> None:
        serves = self.ready.configuration.version
        click.echo(f"{why}\nIt is refused; configuration {serves} goes on.", err=True)
        logger().error("configuration_refused", version=self._seen.version, serves=serves)

    def _tell_fixed(self, ready: Ready) -> None:
        first = self._first.spec
        fixed = [key for key in _FIXED if getattr(ready.spec, key) != getattr(first, key)]
        if fixed and self.warnings:
            click.echo(f"{listed(fixed)}: changes are used from the next start on.", err=True)


async def _change(folders: frozenset[Path]) -> None:
    """Wait until something changes in one of these folders that may be a deployment's."""
    # Imported where needed: only who watches pays for it.
    from watchfiles import awatch  # noqa: PLC0415

    with suppress(FileNotFoundError):  # a folder that has just gone is a change too
        async with aclosing(awatch(*folders, watch_filter=_counts, recursive=False)) as changes:
            await anext(changes)


def _counts(_: Change, path: str) -> bool:
    return Path(path).suffix in _SUFFIXES or Path(path).is_dir()


@contextmanager
def _bug_logged() -> Iterator[None]:
    """Keep serving, whatever happens here."""
    try:
        yield
    except Exception:  # noqa: BLE001 - a bug must not end what is served
        logger().exception("bug")
