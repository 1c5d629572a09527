"""The wire for effects: httpx2's own transport, which never sends anything twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

import httpcore2 as httpcore
import httpx2 as httpx

from gateway.vendors.client import Answer
from gateway.vendors.transport.body import Body
from gateway.vendors.transport.wire import MAX_CONNECTIONS, Kinds, join_headers

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Coroutine, Mapping

    from gateway.vendors.message import Message
    from gateway.vendors.transport.flight import Flight

# Shorter than servers keep theirs (Node: 5 s): an effect that meets a closing connection is lost
# in the unknown.
KEEP_ALIVE_SECONDS: Final = 4.0

KINDS: Final[Kinds] = {
    httpx.HTTPError: "protocol",
    httpx.RequestError: "protocol",
    httpx.TransportError: "protocol",
    httpx.TimeoutException: "timeout",
    httpx.ConnectTimeout: "connect_timeout",
    httpx.ReadTimeout: "timeout",
    httpx.WriteTimeout: "timeout",
    httpx.PoolTimeout: "connect_timeout",
    httpx.NetworkError: "disconnected",
    httpx.ReadError: "disconnected",
    httpx.WriteError: "disconnected",
    httpx.ConnectError: "connect",
    httpx.CloseError: "disconnected",
    httpx.ProxyError: "connect",
    httpx.UnsupportedProtocol: "invalid_request",
    httpx.ProtocolError: "protocol",
    httpx.LocalProtocolError: "invalid_request",
    httpx.RemoteProtocolError: "protocol",
    httpx.DecodingError: "protocol",
    httpx.TooManyRedirects: "protocol",
    httpx.HTTPStatusError: "protocol",
    httpx.InvalidURL: "invalid_request",
    httpx.CookieConflict: "protocol",
    httpx.SSEError: "protocol",
    httpx.StreamError: "protocol",
    httpx.StreamConsumed: "protocol",
    httpx.StreamClosed: "disconnected",
    httpx.ResponseNotRead: "protocol",
    httpx.RequestNotRead: "protocol",
    httpcore.ConnectionNotAvailable: "connect",
    httpcore.ProxyError: "connect",
    httpcore.UnsupportedProtocol: "invalid_request",
    httpcore.ProtocolError: "protocol",
    httpcore.RemoteProtocolError: "protocol",
    httpcore.LocalProtocolError: "invalid_request",
    httpcore.TimeoutException: "timeout",
    httpcore.PoolTimeout: "connect_timeout",
    httpcore.ConnectTimeout: "connect_timeout",
    httpcore.ReadTimeout: "timeout",
    httpcore.WriteTimeout: "timeout",
    httpcore.NetworkError: "disconnected",
    httpcore.ConnectError: "connect",
    httpcore.ReadError: "disconnected",
    httpcore.WriteError: "disconnected",
}
"""Each exception of httpx2 and httpcore2 by itself; a test finds one that a new version brings."""


class OnceWire:
    """Requests with effect, over httpx2's transport; the flight's timer is the only clock."""

    kinds = KINDS

    def __init__(self, origin: str, context: ssl.SSLContext, cap: int) -> None:
        self._url = httpx.URL(origin)
        self._cap = cap
        self._transport = httpx.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            retries=0,
            limits=httpx.Limits(
                max_connections=MAX_CONNECTIONS,
                max_keepalive_connections=MAX_CONNECTIONS,
                keepalive_expiry=KEEP_ALIVE_SECONDS,
            ),
        )

    async def exchange(self, message: Message, flight: Flight) -> Answer:
        trace = _Trace(flight)
        request = httpx.Request(
            message.method,
            self._url,
            headers=[(name.encode(), value.encode()) for name, value in message.headers.items()],
            content=message.body,
            # `target` goes on the wire as it is, where a URL would be normalised.
            extensions={"trace": trace, "target": message.target.encode("ascii")},
        )
        try:
            response = await self._transport.handle_async_request(request)
        except BaseException as error:
            await trace.clean_up()
            if isinstance(error, httpx.RemoteProtocolError) and trace.silent:
                raise httpx.ReadError("closed without an answer") from error
            raise
        return await self._read(response, message.method, flight, written=trace.written)

    async def _read(
        self, response: httpx.Response, method: str, flight: Flight, *, written: bool
    ) -> Answer:
        # An async transport's stream is an async generator, which the types don't say.
        parts = cast(
            "AsyncGenerator[bytes, None]", aiter(cast("httpx.AsyncByteStream", response.stream))
        )
        try:
            flight.answered(written=written)
            headers = join_headers(response.headers.raw)
            answer = Body(self._cap, response.status_code, headers, method)
            async for part in parts:
                answer.feed(part)
            return Answer(response.status_code, headers, answer.whole())
        except httpx.RemoteProtocolError as error:
            raise httpx.ReadError("the answer ends in its body") from error
        finally:
            await _to_the_end(_close(parts, response))

    async def close(self) -> None:
        await self._transport.aclose()


class _Trace:
    """httpcore's `trace` extension: what happened, in its own words."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight
        self._stream: httpcore.AsyncNetworkStream | None = None
        self.written = False
        self.silent = False

    async def __call__(self, event: str, info: Mapping[str, object]) -> None:
        match event:
            case "connection.connect_tcp.started":
                self._flight.connecting()
            case "connection.connect_tcp.complete":
                self._stream = cast("httpcore.AsyncNetworkStream", info["return_value"])
            case "http11.send_request_headers.started":
                self._flight.connected()
                self._flight.sending()
            case "http11.send_request_body.complete":
                self.written = True
            case "http11.receive_response_headers.failed":
                # What h11 can't read has h11's error as its cause; a mere end has none.
                self.silent = cast("Exception", info["exception"]).__cause__ is None

    async def clean_up(self) -> None:
        """Close what httpcore leaves open where a TLS handshake is cancelled."""
        if self._stream is not None:
            await _to_the_end(self._stream.aclose())


async def _close(parts: AsyncGenerator[bytes, None], response: httpx.Response) -> None:
    await parts.aclose()
    await response.aclose()


async def _to_the_end(closing: Coroutine[object, object, None]) -> None:
    """Finish closing even if cancelled: httpcore's pool would lose a place for good."""
    task = asyncio.ensure_future(closing)
    try:
        await asyncio.shield(task)
    finally:
        if not task.done():
            await asyncio.wait({task})
