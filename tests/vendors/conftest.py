"""A vendor on loopback, written by hand, so that a test says exactly what goes over the wire."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
import trustme

from gateway.config.auth_spec import ApiKeyAuth, BasicAuth, BearerAuth
from gateway.config.units import Duration
from gateway.config.vendor_spec import Timeout, Tls, VendorSpec
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer, Deadline, Fault, Request
from gateway.vendors.vendor import HttpVendor, make_vendor

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Heard:
    """One request that the server has read to its end."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name]


@dataclass
class Call:
    """The server's end of one connection."""

    server: Server
    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> Heard:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.rstrip("\r\n").split("\r\n")
        headers = [(name, value.strip()) for name, _, value in (row.partition(":") for row in rest)]
        length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
        heard = Heard(line, headers, await self.reader.readexactly(length), self.number)
        self.server.heard.append(heard)
        return heard

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = b"{}", head: str = "", status: str = "200 OK") -> None:
        length = f"content-length: {len(body)}\r\n"
        await self.write(f"HTTP/1.1 {status}\r\n{head}{length}\r\n".encode() + body)

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Wait until the client has closed its end."""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while await self.reader.read(65536):
                pass


Script = Callable[[Call], Awaitable[None]]
Effect = bool
Serve = Callable[..., Awaitable["Server"]]
OpenVendor = Callable[..., "Caller"]
ServerTls = Callable[..., ssl.SSLContext]
SpecOf = Callable[..., VendorSpec]
Auth = BearerAuth | BasicAuth | ApiKeyAuth


@dataclass
class Server:
    url: str = ""
    connections: int = 0
    heard: list[Heard] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


async def polite(call: Call) -> None:
    """Answer every request of a connection with `{}`."""
    while True:
        await call.read()
        await call.answer()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server whose every connection runs the script and is then closed."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(script: Script = polite, context: ssl.SSLContext | None = None) -> Server:
            server = Server()

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                server.connections += 1
                task = asyncio.current_task()
                assert task is not None
                server.tasks.add(task)
                ended = (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError)
                try:
                    with contextlib.suppress(*ended):
                        await script(Call(server, server.connections, reader, writer))
                finally:
                    writer.close()
                    with contextlib.suppress(*ended):
                        await writer.wait_closed()

            listener = await asyncio.start_server(
                connected, "127.0.0.1", 0, ssl=context, backlog=1024
            )
            scheme, host = ("https", "localhost") if context else ("http", "127.0.0.1")
            server.url = f"{scheme}://{host}:{listener.sockets[0].getsockname()[1]}"

            async def stop() -> None:
                listener.close()
                for task in server.tasks:
                    task.cancel()
                await asyncio.gather(*server.tasks, return_exceptions=True)
                await listener.wait_closed()

            stack.push_async_callback(stop)
            return server

        yield start


def make_spec(  # noqa: PLR0913 - the fields of the spec, all by name
    url: str,
    *,
    headers: dict[str, str] | None = None,
    auth: Auth | None = None,
    connect_ms: int = 5000,
    total_ms: int = 10_000,
    tls: Tls | None = None,
    max_answer: int = 1_000_000,
    plain_http: bool = False,
) -> VendorSpec:
    return VendorSpec(
        base_url=url,
        headers=MappingProxyType(headers or {}),
        auth=auth,
        timeout=Timeout(connect=Duration(connect_ms), total=Duration(total_ms)),
        tls=tls,
        max_answer=max_answer,
        plain_http=plain_http,
    )


@pytest.fixture
def spec_of() -> SpecOf:
    return make_spec


@dataclass
class Caller:
    """A vendor as a test calls it."""

    vendor: HttpVendor
    effect: bool

    async def __call__(
        self,
        method: str = "POST",
        target: str = "/x",
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b'{"a":1}',
        within: float = 60.0,
    ) -> Answer | Fault:
        request = Request(method, target, headers or {}, body, effect=self.effect)
        return await self.vendor.send(request, Deadline(time.monotonic() + within))


@pytest.fixture(params=[False, True], ids=["fast", "once"])
def effect(request: pytest.FixtureRequest) -> bool:
    """Run the test on both transports."""
    return bool(request.param)


@pytest.fixture
async def open_vendor() -> AsyncIterator[OpenVendor]:
    """Make a vendor from a URL and settings; in the end it leaves nothing behind."""
    async with contextlib.AsyncExitStack() as stack:

        def make(url: str, *, effect: bool, **settings: object) -> Caller:
            vendor = make_vendor(make_spec(url, **settings), Clock())
            stack.push_async_callback(vendor.close)
            return Caller(vendor, effect)

        yield make
    gc.collect()  # an unclosed connection warns when it is collected, and a warning is an error


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ServerTls:
    """Make the server's side: its certificate is for `host`, signed by `authority`."""

    def make(host: str = "localhost", *, clients: trustme.CA | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        if clients:
            clients.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    return make


@pytest.fixture
def own_ca(authority: trustme.CA, tmp_path: Path) -> Tls:
    """Trust `authority`."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return Tls(ca=path, certificate=None, key=None)
