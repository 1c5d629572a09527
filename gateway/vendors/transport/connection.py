"""One connection of the fast wire: a request at a time, its answer read by httptools (llhttp)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

import httptools

from gateway.vendors.client import Answer
from gateway.vendors.transport.body import BadAnswer, Body
from gateway.vendors.transport.wire import join_headers

if TYPE_CHECKING:
    from gateway.vendors.transport.flight import Flight

MOST_HEAD: Final = 64 * 1024
"""Bytes of an answer's status line and headers; more is no answer that anybody means."""


class DisconnectedError(ConnectionError):
    """The vendor closed the connection before its answer was whole."""


class Connection(asyncio.Protocol):
    """Gives the answer to each request that it has sent; nothing is sent twice here.

    `untouched` says that not a byte came back of what was sent last.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._transport: asyncio.Transport | None = None
        self._reading: _Reading | None = None
        self.open = False
        self.untouched = True
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.open = True

    async def exchange(self, head: bytes, body: bytes, method: str, flight: Flight) -> Answer:
        """Send a request and give its answer. Raises BadAnswer, OSError, HttpParserError.

        Left by an exception, cancellation included, the connection is closed.
        """
        transport = self._transport
        if transport is None or not self.open:
            raise DisconnectedError
        self.untouched = True
        reading = self._reading = _Reading(self._cap, method, flight, transport)
        try:
            flight.sending()
            transport.write(head + body)
            answer = await reading.answer
        except BaseException:
            self.close()
            raise
        finally:
            self._reading = None
            reading.release()
        if not reading.keeps_open:
            self.close()
        return answer

    def data_received(self, data: bytes) -> None:
        self.untouched = False
        if self._reading is None:
            self.close()  # nobody asked for anything
        else:
            self._reading.takes(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._reading is not None:
            self._reading.ends(exc)

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.abort()


class _UnaskedError(Exception):
    """Something follows the answer."""


class _Reading:
    """Reads one answer; the methods with `on_` are what httptools calls."""

    def __init__(self, cap: int, method: str, flight: Flight, transport: asyncio.Transport) -> None:
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.keeps_open = False
        self._cap = cap
        self._method = method
        self._flight = flight
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)
        self._head: list[tuple[bytes, bytes]] = []
        self._head_size = 0
        self._headers: dict[str, str] = {}
        self._body: Body | None = None
        self._bad: BadAnswer | None = None
        self._whole = False

    def takes(self, data: bytes) -> None:
        if self.answer.done():
            return
        in_head = self._body is None
        error: Exception | None = None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            error = BadAnswer("protocol", "an upgrade that was not asked for")
        except httptools.HttpParserError as raised:
            error = raised
        if self._whole and self._bad is None:
            self.keeps_open = self.keeps_open and error is None
            self._gives()
            return
        if in_head and self._body is None:
            self._head_size += len(data)
            if self._head_size > MOST_HEAD:
                error = BadAnswer("protocol", f"a head of over {MOST_HEAD} bytes")
        if self._bad is not None or error is not None:
            self.answer.set_exception(self._bad or error or AssertionError)

    def ends(self, exc: Exception | None) -> None:
        """Take the end of the connection, which is the end of a body that has no other."""
        if self.answer.done():
            return
        framed = "content-length" in self._headers or "transfer-encoding" in self._headers
        if exc is None and self._body is not None and not framed:
            self._gives()
        else:
            self.answer.set_exception(exc or DisconnectedError())

    def release(self) -> None:
        """Let go of the parser, which holds this as well: no garbage collector is needed then."""
        del self._parser

    def _gives(self) -> None:
        try:
            body = self._body.whole() if self._body is not None else b""
            answer = Answer(self._parser.get_status_code(), self._headers, body)
        except BadAnswer as bad:
            self.answer.set_exception(bad)
        else:
            self.answer.set_result(answer)

    def on_message_begin(self) -> None:
        if self._whole:
            raise _UnaskedError

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < HTTPStatus.OK:
            self._head.clear()  # 103 and the like: the answer is still to come
            return
        self._flight.answered(written=not self._transport.get_write_buffer_size())
        self._headers = join_headers(self._head)
        try:
            self._body = Body(self._cap, status, self._headers, self._method)
        except BadAnswer as bad:
            self._bad = bad
        if self._method == "HEAD":
            self._whole = True  # httptools waits for the body that its headers tell of

    def on_body(self, part: bytes) -> None:
        if self._body is None or self._bad is not None:
            return
        try:
            self._body.feed(part)
        except BadAnswer as bad:
            self._bad = bad

    def on_message_complete(self) -> None:
        if self._body is None or self._whole:
            return
        self._whole = True
        written = not self._transport.get_write_buffer_size()
        self.keeps_open = written and self._parser.should_keep_alive()
