"""What is served right now: the newest configuration answers, those before it finish their work."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from starlette.routing import Router

from gateway.app import Application, Edge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import Receive, Scope, Send

    from gateway.plan.exchange import Ports
    from gateway.vendors.client import Vendor


@dataclass(slots=True, eq=False)
class _Edition:
    """One configuration at work, and how many requests it still has to answer."""

    edge: Edge
    app: Application = field(init=False)
    running: int = 0

    def __post_init__(self) -> None:
        self.app = Application(self.edge)

    @property
    def vendors(self) -> Iterator[Vendor]:
        return iter(self.edge.ports.vendors.values())


class Live:
    """The application (ASGI): a request is answered to its end by the edge that it began with.

    `beside` is entered with the application and left before it closes: there is the place of what
    calls `swap`. Belongs to one event loop.
    """

    def __init__(
        self, edge: Edge, beside: Callable[[Live], AbstractAsyncContextManager[None]] | None = None
    ) -> None:
        self._editions = [_Edition(edge)]
        self._beside = beside or (lambda _: nullcontext())
        self._closing: set[asyncio.Task[None]] = set()
        self._lifespan = Router(lifespan=lambda _: self.running())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        edition = self._editions[-1]
        edition.running += 1
        try:
            await edition.app(scope, receive, send)
        finally:
            edition.running -= 1
            if not edition.running and edition in self._editions[:-1]:
                self._retire(edition)

    @property
    def edge(self) -> Edge:
        """The edge that answers new requests."""
        return self._editions[-1].edge

    @property
    def longest_deadline(self) -> float:
        """How many seconds a request that runs may take at most."""
        return max(each.edge.nacelle.deadline.seconds for each in self._editions)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the vendors; in the end close them, and all that they and the edges use."""
        edge = self.edge
        async with AsyncExitStack() as closing:
            closing.push_async_callback(asyncio.to_thread, edge.tracer.close)
            closing.push_async_callback(self._close)
            for vendor in edge.ports.vendors.values():
                vendor.open()
            if edge.orders is not None:
                await edge.orders.open()
                closing.push_async_callback(edge.orders.close)
            edge.watch.serves(edge.version)
            async with self._beside(self):
                yield

    def swap(self, edge: Edge) -> None:
        """Let this edge answer from now on. Vendors that both have stay open.

        Raises OSError where a vendor of it can't be opened; then nothing has changed.
        """
        old = self._editions[-1]
        new = {
            name: vendor
            for name, vendor in edge.ports.vendors.items()
            if not any(vendor is kept for kept in old.vendors)
        }
        try:
            for vendor in new.values():
                vendor.open()
        except OSError:
            self._close_soon(replace(edge.ports, vendors=new, storage=None))
            raise
        self._editions.append(_Edition(edge))
        edge.watch.serves(edge.version)
        if not old.running:
            self._retire(old)

    def _retire(self, edition: _Edition) -> None:
        """Close the vendors of a finished edition that no other one uses."""
        self._editions.remove(edition)
        used = [vendor for each in self._editions for vendor in each.vendors]
        ports = edition.edge.ports
        left = {
            name: vendor
            for name, vendor in ports.vendors.items()
            if not any(vendor is each for each in used)
        }
        self._close_soon(replace(ports, vendors=left, storage=None))

    def _close_soon(self, ports: Ports) -> None:
        task = asyncio.create_task(self._close_unused(ports))
        self._closing.add(task)  # asyncio itself keeps no task alive
        task.add_done_callback(self._closing.discard)

    async def _close_unused(self, ports: Ports) -> None:
        orders = self.edge.orders
        if orders is not None:
            await orders.drained()  # orders in the background use these vendors too
        await ports.close()

    async def _close(self) -> None:
        for edition in self._editions[:-1]:
            self._retire(edition)
        if self._closing:
            await asyncio.wait(self._closing)
        await self.edge.ports.close()
