"""Library exceptions become faults: the kind from a table, `sent` from the flight."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING, Final

import anyio

from gateway.vendors.client import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.vendors.transport.flight import Flight
    from gateway.vendors.transport.wire import Kinds

SYSTEM: Final[Kinds] = {
    OSError: "disconnected",
    BlockingIOError: "disconnected",
    BrokenPipeError: "disconnected",
    ChildProcessError: "disconnected",
    ConnectionError: "disconnected",
    ConnectionAbortedError: "disconnected",
    ConnectionRefusedError: "connect",
    ConnectionResetError: "disconnected",
    FileExistsError: "disconnected",
    FileNotFoundError: "disconnected",
    InterruptedError: "disconnected",
    IsADirectoryError: "disconnected",
    NotADirectoryError: "disconnected",
    PermissionError: "disconnected",
    ProcessLookupError: "disconnected",
    TimeoutError: "timeout",
    socket.gaierror: "connect",
    socket.herror: "connect",
    ssl.SSLError: "tls",
    ssl.SSLCertVerificationError: "tls",
    ssl.SSLEOFError: "disconnected",
    ssl.SSLSyscallError: "disconnected",
    ssl.SSLWantReadError: "tls",
    ssl.SSLWantWriteError: "tls",
    ssl.SSLZeroReturnError: "disconnected",
    anyio.BrokenResourceError: "disconnected",
    anyio.ClosedResourceError: "disconnected",
    anyio.EndOfStream: "disconnected",
}
"""What both libraries stand on."""

_OF_THE_SYSTEM: Final = {"builtins", "socket", "ssl"}

_BEFORE_SENDING: Final[dict[FaultKind, FaultKind]] = {
    "disconnected": "connect",
    "timeout": "connect_timeout",
}


def translate(error: BaseException, kinds: Kinds, flight: Flight) -> Fault:
    """Make the fault of an exception, whatever its class."""
    kind = _kind(error, kinds)
    if any(_kind(cause, {}) == "tls" for cause in _chain(error)):
        kind = "tls"
    if not flight.begun:
        kind = _BEFORE_SENDING.get(kind, kind)
    return Fault(kind, flight.sent, describe(error))


def _kind(error: BaseException, kinds: Kinds) -> FaultKind:
    for cls in type(error).__mro__:
        kind = kinds.get(cls) or SYSTEM.get(cls)
        if kind:
            return kind
    return "protocol"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Walk from the exception to its first cause; libraries wrap the system's several times."""
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def describe(error: BaseException) -> str:
    """Name an exception and what the system said.

    Never its own text: libraries put URLs (with API keys), headers and pieces of answers there.
    """
    said = type(error).__name__
    for cause in _chain(error):
        # Libraries' own classes inherit from these, but not what the system said.
        if type(cause).__module__ not in _OF_THE_SYSTEM:
            continue
        if isinstance(cause, ssl.SSLError):
            # OpenSSL's errors have these, those that Python makes itself have not.
            why = getattr(cause, "verify_message", None) or getattr(cause, "reason", None)
            return f"{said}: {why or type(cause).__name__}"
        if isinstance(cause, socket.gaierror):
            return f"{said}: no such host"
        if isinstance(cause, OSError) and cause.errno:
            return f"{said}: {os.strerror(cause.errno)}"
    return said
