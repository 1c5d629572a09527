"""Between the socket and the faked vendor: requests are recorded, ordered faults are done."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulators.faults import (
    Drip,
    Fault,
    Faults,
    Hold,
    Huge,
    ResetAfterRead,
    ResetBeforeRead,
    Status,
    Throttle,
    Truncate,
    WrongContentType,
    name_of,
)
from simulators.ledger import Ledger, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CREDENTIALS = frozenset({"authorization", "x-api-key", "x-auth-token", "x-shopify-access-token"})
_CHUNK = b"x" * 65536


class Protocol(HttpToolsProtocol):
    """uvicorn's own, which also hands the connection to the app: only it can be cut."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["connection"] = self.transport


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def labelled(self, content_type: str) -> _Answer:
        kept = tuple(pair for pair in self.headers if pair[0] != b"content-type")
        return replace(self, headers=(*kept, (b"content-type", content_type.encode("latin-1"))))


@dataclass(frozen=True, slots=True)
class _Client:
    """The other end of one exchange."""

    scope: Scope
    receive: Receive
    send: Send

    @property
    def _connection(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self.scope["state"]["connection"])

    async def body(self) -> bytes | None:
        """Read the request's body, None where the client hung up before its end."""
        parts = []
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)

    async def stays(self, milliseconds: int) -> bool:
        """Wait, and say whether the client is still there."""
        if not milliseconds:
            return True
        try:
            async with asyncio.timeout(milliseconds / 1000):
                await self.gone()
        except TimeoutError:
            return True
        return False

    async def stays_until(self, event: asyncio.Event) -> bool:
        """Wait for an event, and say whether the client is still there."""
        waits = {asyncio.create_task(event.wait()), asyncio.create_task(self.gone())}
        _, left = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.wait(waits)
        return event.is_set()

    async def gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def reset(self) -> None:
        """Cut the connection with an RST: what is unsent and unread is thrown away."""
        linger_not_at_all = struct.pack("ii", 1, 0)
        self._connection.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger_not_at_all
        )
        self._connection.abort()
        await self.gone()

    async def close(self) -> None:
        """Close the connection with a FIN, after what was sent."""
        self._connection.close()
        await self.gone()

    async def start(self, status: int, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, part: bytes, *, more: bool) -> None:
        await self.send({"type": "http.response.body", "body": part, "more_body": more})


@dataclass(frozen=True, slots=True)
class Wire:
    """An ASGI app around the vendor's own."""

    vendor: ASGIApp
    ledger: Ledger
    faults: Faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.ledger.begin()
        try:
            await self._serve(scope, _Client(scope, receive, send))
        finally:
            self.ledger.end()

    async def _serve(self, scope: Scope, client: _Client) -> None:
        fault = self.faults.take(scope["method"], scope["path"])
        if isinstance(fault, ResetBeforeRead):
            self._record(scope, None, fault)
            if await client.stays(fault.delay_ms):
                await client.reset()
            return
        body = await client.body()
        if body is None:
            return
        self._record(scope, body, fault)
        answer = await self._answer(fault, scope, body)
        if isinstance(fault, Hold) and not await client.stays_until(self.faults.released):
            return
        if fault is None or await client.stays(fault.delay_ms):
            await _deliver(answer, fault, client)

    async def _answer(self, fault: Fault | None, scope: Scope, body: bytes) -> _Answer | None:
        """Do the vendor's work unless the fault is in its way; None where no answer comes back."""
        if isinstance(fault, Throttle):
            return _ordered(fault.as_status())
        stopped = isinstance(fault, Status | ResetAfterRead) and not fault.applied
        answer = None if stopped else await _ask(self.vendor, scope, body)
        if isinstance(fault, ResetAfterRead):
            return None
        return _ordered(fault) if isinstance(fault, Status) else answer

    def _record(self, scope: Scope, body: bytes | None, fault: Fault | None) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        self.ledger.requests.append(
            Received(
                number=len(self.ledger.requests) + 1,
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                headers={name: text for name, text in headers.items() if name not in _CREDENTIALS},
                body=None if body is None else body.decode("utf-8", "backslashreplace"),
                fault=None if fault is None else name_of(fault),
            )
        )


async def _ask(vendor: ASGIApp, scope: Scope, body: bytes) -> _Answer:
    """Let the vendor answer into memory, whatever becomes of its answer then."""
    start: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await vendor(scope, receive, send)
    return _Answer(start["status"], tuple(start.get("headers", ())), b"".join(parts))


async def _deliver(answer: _Answer | None, fault: Fault | None, client: _Client) -> None:
    if answer is None:
        await client.reset()
        return
    match fault:
        case Drip():
            await _drip(answer, fault, client)
        case Truncate():
            await client.start(answer.status, answer.headers)
            await client.write(answer.body[: len(answer.body) // 2], more=True)
            await client.close()
        case WrongContentType():
            await _send(answer.labelled(fault.content_type), client)
        case Huge():
            await _flood(answer, fault.size, client)
        case _:
            await _send(answer, client)


async def _send(answer: _Answer, client: _Client) -> None:
    await client.start(answer.status, answer.headers)
    await client.write(answer.body, more=False)


async def _drip(answer: _Answer, fault: Drip, client: _Client) -> None:
    await client.start(answer.status, answer.headers)
    for piece in _pieces(answer.body, fault.piece):
        await client.write(piece, more=True)
        if not await client.stays(fault.pause_ms):
            return
    await client.write(b"", more=False)


def _pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


async def _flood(answer: _Answer, size: int, client: _Client) -> None:
    unsized = tuple(pair for pair in answer.headers if pair[0] != b"content-length")
    await client.start(answer.status, unsized)
    await client.write(b'{"filler":"', more=True)
    for _ in range(-(-size // len(_CHUNK))):
        await client.write(_CHUNK, more=True)
    await client.write(b'"}', more=False)


def _ordered(fault: Status) -> _Answer:
    """Make the answer that was ordered; its own headers win over the computed media type."""
    if isinstance(fault.body, str):
        media_type, body = "text/html; charset=utf-8", fault.body.encode()
    else:
        media_type, body = "application/json", json.dumps(fault.body).encode()
    headers = {"content-type": media_type, "content-length": str(len(body))}
    headers |= {name.lower(): value for name, value in fault.headers.items()}
    encoded = ((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
    return _Answer(fault.status, tuple(encoded), body)
