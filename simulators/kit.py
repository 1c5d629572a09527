"""The kit of every simulator: faults to order, a ledger, a control surface, a server.

A simulator fakes a vendor at its HTTP surface, written from the vendor's public documentation. It
shares no module and no schema with the gateway. Beside the vendor's paths each one answers:

- `POST /_simulator/faults`: a list of faults to order, see `simulators.faults`
- `DELETE /_simulator/faults`: none of them any more
- `POST /_simulator/release`: lets go the answers that the fault `hold` keeps
- `GET /_simulator/ledger`: `{"requests": […], "effects": […], …}`, see `simulators.ledger`
- `POST /_simulator/reset`: as if just started

and what the simulator adds to set up its state. None of it is recorded or met by faults.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Generic, Self, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from uvicorn import Config
from uvicorn.server import ServerState

from simulators import faults
from simulators.ledger import Ledger
from simulators.wire import Protocol, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from starlette.requests import Request
    from starlette.types import ExceptionHandler, Receive, Scope, Send

_CONTROL = "/_simulator"


class Simulator:
    """One faked vendor: an ASGI app whose state lives in this object.

    A subclass gives its routes, its control routes (paths below `/_simulator`) and how exceptions
    become the vendor's error answers, and extends `reset`.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        control: Sequence[Route],
        exception_handlers: Mapping[type[Exception], ExceptionHandler],
    ) -> None:
        self.ledger = Ledger()
        self.faults = faults.Faults()
        vendor = Starlette(routes=routes, exception_handlers=dict(exception_handlers))
        self._vendor = Wire(vendor, self.ledger, self.faults)
        own = [
            Route("/faults", self._order_faults, methods=["POST"]),
            Route("/faults", self._clear_faults, methods=["DELETE"]),
            Route("/release", self._release, methods=["POST"]),
            Route("/ledger", self._show_ledger, methods=["GET"]),
            Route("/reset", self._reset, methods=["POST"]),
        ]
        self._control = Starlette(
            routes=[Mount(_CONTROL, routes=[*own, *control])],
            exception_handlers={HTTPException: _refused},
        )

    def reset(self) -> None:
        """Forget everything: the ledger, the ordered faults and the vendor's state."""
        self.ledger.clear()
        self.faults.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(f"{_CONTROL}/"):
            await self._control(scope, receive, send)
        else:
            await self._vendor(scope, receive, send)

    async def _order_faults(self, request: Request) -> Response:
        try:
            self.faults.order(*faults.read(await request.body()))
        except msgspec.DecodeError as refused:
            raise HTTPException(400, str(refused)) from refused
        return Response(status_code=204)

    async def _clear_faults(self, _: Request) -> Response:
        self.faults.clear()
        return Response(status_code=204)

    async def _release(self, _: Request) -> Response:
        self.faults.release()
        return Response(status_code=204)

    async def _show_ledger(self, _: Request) -> Response:
        return Response(msgspec.json.encode(self.ledger), media_type="application/json")

    async def _reset(self, _: Request) -> Response:
        self.reset()
        return Response(status_code=204)


async def _refused(_: Request, refused: Exception) -> Response:
    """Answer a bad order on the control surface."""
    if not isinstance(refused, HTTPException):
        raise refused
    return JSONResponse({"error": refused.detail}, refused.status_code)


SimulatorT = TypeVar("SimulatorT", bound=Simulator)


class RunningSimulator(Generic[SimulatorT]):
    """A simulator on a loopback port, served from a thread of its own.

    `with RunningSimulator(SquareSimulator()) as square:` gives `square.url` and, as
    `square.simulator`, the object itself. Port 0 is any free one. The port is bound before the
    block begins, so the first request needs no waiting; when it ends every connection is cut.
    Raises `OSError` where the port is taken.
    """

    def __init__(self, simulator: SimulatorT, port: int = 0) -> None:
        self.simulator = simulator
        self._port = port
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread
        self.url: str

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", self._port))
        # asyncio does this only for sockets of its own making; without it an answer takes 40 ms
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(listener,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        # uvicorn's protocol without uvicorn's `Server`, which polls for its end every 100 ms
        config = Config(
            self.simulator, ws="none", lifespan="off", proxy_headers=False, log_config=None
        )
        config.load()
        state = ServerState()
        server = await asyncio.get_running_loop().create_server(
            lambda: Protocol(config, state, app_state={}), sock=listener
        )
        await self._stop.wait()
        server.close()
        for connection in list(state.connections):
            if isinstance(connection, Protocol):
                connection.transport.abort()
        if state.tasks:
            await asyncio.wait(state.tasks)


def serve(simulator: Simulator, port: int) -> None:
    """Serve until SIGINT or SIGTERM; the first line of stdout is the base URL."""
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the thread starts, which inherits it
    with RunningSimulator(simulator, port) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        signal.sigwait(ends)
