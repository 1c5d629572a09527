"""A request's body: read within its caps, parsed, taken out of its wrapping."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from gateway.errors import Refusal
from gateway.lossless import BadJson, Json, loads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator

    from starlette.types import Message, Receive

    from gateway.contracts import ObjectName
    from gateway.inbound.headers import Headers

_LINE_KEYS = ("items", "order_items", "orders")
"""Where a checkout or an order keeps its lines: an object that has one is no mere wrapping."""

_CLOSE = {"connection": "close"}
"""The rest of a body that is not read must not be taken for the next request."""

_LONGEST_LENGTH = 18


async def read_body(
    receive: Receive,
    *,
    content_length: str,
    max_bytes: int,
    timeout: float,  # noqa: ASYNC109 - running out of it is an answer of ours, 408
) -> bytes:
    """Read a whole body of at most `max_bytes` within `timeout` seconds.

    Raises Refusal: 413 `too_large` (from Content-Length at once, else as soon as too much has
    come), 408 `slow_body`. Raises ClientDisconnect where the client has gone.
    """
    if _says_more(content_length, max_bytes):
        raise _too_large(max_bytes)
    first = _Begun(receive())
    if first.is_last:
        return await _gathered(first, receive, max_bytes)
    try:
        async with asyncio.timeout(timeout):
            return await _gathered(first, receive, max_bytes)
    except TimeoutError as error:
        message = "The body did not arrive in time"
        raise Refusal(408, "slow_body", message, headers=_CLOSE) from error


class _Begun:
    """A message that is asked for already, and had at once where it is there.

    As nearly every body comes in one message, and with the head, it would be a waste to set a timer
    before it is known that there is something to wait for.
    """

    def __init__(self, coming: Awaitable[Message]) -> None:
        self._steps = coming.__await__()
        self._there: Message | None = None
        try:
            self._first_step = next(self._steps)
        except StopIteration as end:
            self._there = end.value

    @property
    def is_last(self) -> bool:
        return self._there is not None and not self._there.get("more_body", False)

    def __await__(self) -> Generator[object, None, Message]:
        if self._there is not None:
            return self._there
        with closing(self._steps):  # however the waiting ends, they end with it
            yield self._first_step
            return (yield from self._steps)


async def _gathered(first: _Begun, receive: Receive, max_bytes: int) -> bytes:
    body = bytearray()
    message = await first
    while message["type"] != "http.disconnect":
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
        if not message.get("more_body", False):
            return bytes(body)
        message = await receive()
    raise ClientDisconnect


def check_content_type(headers: Headers) -> None:
    """Refuse what isn't declared as plain JSON in UTF-8: 415 `unsupported_media_type`.

    `application/json` and `application/*+json` pass.
    """
    media_type, *parameters = headers.get("content-type").lower().split(";")
    if not _is_json(media_type.strip()):
        raise _unsupported("Content-Type must be application/json")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') != "utf-8":
            raise _unsupported("The charset must be utf-8")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise _unsupported("Content-Encoding must be left out: compressed bodies aren't read")


def parse_body(data: bytes) -> dict[str, Json]:
    """Read a JSON object. Raises Refusal: 400 `bad_json` or `not_an_object`."""
    try:
        document = loads(data)
    except BadJson as error:
        raise Refusal(400, "bad_json", f"The body is no acceptable JSON: {error}") from error
    if not isinstance(document, dict):
        raise Refusal(400, "not_an_object", "The body must be a JSON object")
    return document


def unwrap(document: dict[str, Json], object_name: ObjectName) -> dict[str, Json]:
    """Give the checkout or order, which may come bare or as `{"checkout": {…}}`.

    It is taken for wrapped only where the name holds an object and no lines stand beside it. Raises
    Refusal where it is the other object that is wrapped: 400 `invalid`.
    """
    if any(key in document for key in _LINE_KEYS):
        return document
    inner = document.get(object_name)
    if isinstance(inner, dict):
        return inner
    other = "order" if object_name == "checkout" else "checkout"
    if isinstance(document.get(other), dict):
        raise Refusal(400, "invalid", f"This contract takes the {object_name}, not the {other}")
    return document


def _says_more(content_length: str, max_bytes: int) -> bool:
    """Say whether Content-Length is over the cap; what is no number is left to the reading."""
    if not (content_length.isascii() and content_length.isdigit()):
        return False
    digits = content_length.lstrip("0") or "0"
    return len(digits) > _LONGEST_LENGTH or int(digits) > max_bytes


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


def _too_large(max_bytes: int) -> Refusal:
    message = f"The body is larger than {max_bytes} bytes"
    return Refusal(413, "too_large", message, headers=_CLOSE)


def _unsupported(message: str) -> Refusal:
    return Refusal(415, "unsupported_media_type", message)
