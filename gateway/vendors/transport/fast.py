"""The fast wire, for requests without effect: connections that stay open, and little around them.

A request that meets a connection which the vendor has closed meanwhile is sent again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httptools
from httptools.parser import errors

from gateway.vendors.transport.connection import Connection
from gateway.vendors.transport.wire import MAX_CONNECTIONS, Kinds

if TYPE_CHECKING:
    import ssl

    from gateway.vendors.client import Answer
    from gateway.vendors.message import Message
    from gateway.vendors.transport.flight import Flight

KEEP_ALIVE_SECONDS: Final = 15.0
_WITH_LENGTH: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods of which a server expects to be told that no body comes (RFC 9110, section 8.6)."""
_PORTS: Final = {"http": 80, "https": 443}


class UnsendableError(ValueError):
    """A header would end before its time: no request may be cut in two by what is in it."""


KINDS: Final[Kinds] = {
    httptools.HttpParserError: "protocol",
    errors.HttpParserCallbackError: "protocol",
    errors.HttpParserInvalidStatusError: "protocol",
    errors.HttpParserInvalidMethodError: "protocol",
    errors.HttpParserInvalidURLError: "protocol",
    errors.HttpParserUpgrade: "protocol",
    UnsendableError: "invalid_request",
}
"""Each exception of httptools by itself; a test finds one that a new version brings."""


class FastWire:
    """Requests without effect. Make it inside the event loop that will use it.

    It knows no timeout: the flight's timer is the only clock.
    """

    kinds = KINDS

    def __init__(self, origin: str, context: ssl.SSLContext, cap: int) -> None:
        parts = urlsplit(origin)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._tls = context if parts.scheme == "https" else None
        self._host_line = f"host: {parts.netloc}"
        self._cap = cap
        self._loop = asyncio.get_running_loop()
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)
        self._idle: deque[Connection] = deque()
        self._busy: set[Connection] = set()
        self._closed = False

    async def exchange(self, message: Message, flight: Flight) -> Answer:
        head = self._head(message)
        async with self._places:
            while True:
                kept = self._kept()
                connection = kept or await self._connected(flight)
                self._busy.add(connection)
                try:
                    return await connection.exchange(head, message.body, message.method, flight)
                except OSError:
                    if kept is None or not connection.untouched:
                        raise
                finally:
                    self._keep(connection)

    def _head(self, message: Message) -> bytes:
        lines = [f"{message.method} {message.target} HTTP/1.1", self._host_line]
        lines += [f"{name}: {value}" for name, value in message.headers.items()]
        if message.body or message.method in _WITH_LENGTH:
            lines.append(f"content-length: {len(message.body)}")
        lines += ["", ""]
        head = "\r\n".join(lines)
        if not head.count("\n") == head.count("\r") == len(lines) - 1 or "\0" in head:
            raise UnsendableError
        return head.encode()

    def _kept(self) -> Connection | None:
        """Give the connection that was used last; those that nobody needs any more are closed."""
        since = self._loop.time() - KEEP_ALIVE_SECONDS
        while self._idle and (not self._idle[0].open or self._idle[0].idle_since < since):
            self._idle.popleft().close()
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        return None

    async def _connected(self, flight: Flight) -> Connection:
        flight.connecting()
        _, connection = await self._loop.create_connection(
            lambda: Connection(self._cap),
            self._host,
            self._port,
            ssl=self._tls,
            server_hostname=self._host if self._tls else None,
        )
        flight.connected()
        return connection

    def _keep(self, connection: Connection) -> None:
        self._busy.discard(connection)
        if self._closed:
            connection.close()
        elif connection.open:
            connection.idle_since = self._loop.time()
            self._idle.append(connection)

    async def close(self) -> None:
        self._closed = True
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()
