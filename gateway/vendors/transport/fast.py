"""The fast wire, for requests without effect: aiohttp, which may send one of them again."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp import client_exceptions, http_exceptions
from yarl import URL

from gateway.vendors.client import Answer
from gateway.vendors.transport.body import BadAnswer, Body
from gateway.vendors.transport.wire import MAX_CONNECTIONS, Kinds, join_headers

if TYPE_CHECKING:
    import ssl
    from types import SimpleNamespace

    from gateway.vendors.message import Message
    from gateway.vendors.transport.flight import Flight

KEEP_ALIVE_SECONDS: Final = 15.0
_ONE_WRITE: Final = 64 * 1024
_WARNS_ABOVE: Final = 1024 * 1024
_DEFAULT_HEADERS: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

KINDS: Final[Kinds] = {
    aiohttp.ClientError: "protocol",
    aiohttp.ClientConnectionError: "disconnected",
    aiohttp.ClientConnectionResetError: "disconnected",
    aiohttp.ClientOSError: "disconnected",
    aiohttp.ClientConnectorError: "connect",
    aiohttp.ClientConnectorDNSError: "connect",
    aiohttp.ClientProxyConnectionError: "connect",
    client_exceptions.UnixClientConnectorError: "connect",
    aiohttp.ClientSSLError: "tls",
    aiohttp.ClientConnectorSSLError: "tls",
    aiohttp.ClientConnectorCertificateError: "tls",
    aiohttp.ServerConnectionError: "disconnected",
    aiohttp.ServerDisconnectedError: "disconnected",
    aiohttp.ServerFingerprintMismatch: "tls",
    aiohttp.ServerTimeoutError: "timeout",
    aiohttp.ConnectionTimeoutError: "connect_timeout",
    aiohttp.SocketTimeoutError: "timeout",
    aiohttp.ClientPayloadError: "disconnected",
    aiohttp.UploadAbortedError: "disconnected",
    aiohttp.ClientResponseError: "protocol",
    aiohttp.ClientHttpProxyError: "protocol",
    aiohttp.ContentTypeError: "protocol",
    aiohttp.TooManyRedirects: "protocol",
    aiohttp.WSServerHandshakeError: "protocol",
    aiohttp.InvalidURL: "invalid_request",
    aiohttp.InvalidUrlClientError: "invalid_request",
    aiohttp.NonHttpUrlClientError: "invalid_request",
    aiohttp.RedirectClientError: "protocol",
    aiohttp.InvalidUrlRedirectClientError: "protocol",
    aiohttp.NonHttpUrlRedirectClientError: "protocol",
    http_exceptions.HttpProcessingError: "protocol",
    http_exceptions.BadHttpMessage: "protocol",
    http_exceptions.HttpBadRequest: "protocol",
    http_exceptions.PayloadEncodingError: "disconnected",
    http_exceptions.ContentEncodingError: "protocol",
    http_exceptions.TransferEncodingError: "disconnected",
    http_exceptions.ContentLengthError: "disconnected",
    http_exceptions.DecompressSizeError: "too_large",
    http_exceptions.LineTooLong: "protocol",
    http_exceptions.InvalidHeader: "protocol",
    http_exceptions.BadStatusLine: "protocol",
    http_exceptions.BadHttpMethod: "protocol",
    http_exceptions.InvalidURLError: "invalid_request",
}
"""Each exception of aiohttp by itself; a test finds one that a new version brings."""


class FastWire:
    """Requests without effect, over aiohttp. Make it inside the event loop that will use it.

    aiohttp has no timeout set here: the flight's timer is the only clock.
    """

    kinds = KINDS

    def __init__(self, origin: str, context: ssl.SSLContext, cap: int) -> None:
        self._origin = origin
        self._cap = cap
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=MAX_CONNECTIONS, ssl=context, keepalive_timeout=KEEP_ALIVE_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            skip_auto_headers=_DEFAULT_HEADERS,
            trace_configs=[_trace()],
        )

    async def exchange(self, message: Message, flight: Flight) -> Answer:
        body = message.body
        # What fits into one write is gone when the answer comes; more may still be on its way.
        tracker = aiohttp.UploadTracker() if len(body) > _ONE_WRITE else None
        response = await self._session.request(
            message.method,
            URL(self._origin + message.target, encoded=True),
            headers=message.headers,
            # aiohttp warns about bytes of this size, as they would be written in one go.
            data=io.BytesIO(body) if len(body) > _WARNS_ABOVE else body or None,
            allow_redirects=False,
            trace_request_ctx=flight,
            upload_tracker=tracker,
        )
        if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            response.close()
            raise BadAnswer("protocol", "an upgrade that was not asked for")
        try:
            flight.answered(written=tracker is None or _complete(tracker))
            headers = join_headers(response.raw_headers)
            answer = Body(self._cap, response.status, headers, message.method)
            while part := await response.content.readany():
                answer.feed(part)
            return Answer(response.status, headers, answer.whole())
        except BaseException:
            response.close()
            raise

    async def close(self) -> None:
        await self._session.close()


def _complete(tracker: aiohttp.UploadTracker) -> bool:
    upload = tracker.upload_complete
    return upload.done() and upload.exception() is None


def _trace() -> aiohttp.TraceConfig:
    """Wire aiohttp's hooks to the flight; `on_request_headers_sent` runs before the write."""
    config = aiohttp.TraceConfig()
    config.on_connection_create_start.append(_on_connecting)
    config.on_connection_create_end.append(_on_connected)
    config.on_request_headers_sent.append(_on_sending)
    return config


async def _on_connecting(_session: object, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.connecting()


async def _on_connected(_session: object, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.connected()


async def _on_sending(_session: object, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.sending()
