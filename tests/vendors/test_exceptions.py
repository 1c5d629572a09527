"""Every exception that a library may raise has a kind, found by looking at the libraries."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, get_args

import anyio
import httpcore2 as httpcore
import httptools
import httpx2 as httpx
import pytest

from gateway.vendors.client import FaultKind
from gateway.vendors.transport import fast, once
from gateway.vendors.transport.faults import SYSTEM, translate
from gateway.vendors.transport.flight import Flight

if TYPE_CHECKING:
    from gateway.vendors.transport.wire import Kinds


def family(root: type[BaseException], *modules: str) -> set[type[BaseException]]:
    """All that descends from `root` and stands in one of the modules (or in a part of one)."""
    found = {root}
    for child in root.__subclasses__():
        found |= family(child, *modules)
    return {cls for cls in found if cls.__module__.partition(".")[0] in modules}


def exported(module: object) -> set[type[BaseException]]:
    values = (getattr(module, name) for name in dir(module))
    return {v for v in values if isinstance(v, type) and issubclass(v, Exception)}


# Warnings are told, not raised; websockets are never opened.
def raised(classes: set[type[BaseException]]) -> list[type[BaseException]]:
    return sorted(
        (
            cls
            for cls in classes
            if not issubclass(cls, Warning) and "websocket" not in cls.__module__.lower()
        ),
        key=str,
    )


HTTPTOOLS = raised(
    family(httptools.HttpParserError, "httptools")
    | exported(httptools.parser.errors)
    | {fast.UnsendableError}
)
HTTPX = raised(
    exported(httpx)
    | exported(httpcore)
    | family(httpx.HTTPError, "httpx2")
    | family(httpx.StreamError, "httpx2")
    | {child for cls in exported(httpcore) for child in family(cls, "httpcore2")}
)
OF_THE_SYSTEM = raised(
    family(OSError, "builtins", "ssl", "socket")
    | {ssl.SSLError, socket.gaierror, TimeoutError}
    | {anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream}
)


def test_looking_at_the_libraries_finds_them() -> None:
    assert {httptools.HttpParserUpgrade, httptools.HttpParserCallbackError} <= set(HTTPTOOLS)
    assert {httpx.ReadError, httpx.StreamClosed, httpcore.ConnectionNotAvailable} <= set(HTTPX)
    assert {ConnectionResetError, ssl.SSLCertVerificationError} <= set(OF_THE_SYSTEM)


@pytest.mark.parametrize("cls", HTTPTOOLS, ids=lambda cls: cls.__name__)
def test_each_exception_of_httptools_has_a_kind(cls: type[BaseException]) -> None:
    assert fast.KINDS[cls] in get_args(FaultKind)


@pytest.mark.parametrize("cls", HTTPX, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_each_exception_of_httpx_and_httpcore_has_a_kind(cls: type[BaseException]) -> None:
    assert once.KINDS[cls] in get_args(FaultKind)


@pytest.mark.parametrize("cls", OF_THE_SYSTEM, ids=lambda cls: cls.__name__)
def test_each_exception_of_the_system_has_a_kind(cls: type[BaseException]) -> None:
    assert SYSTEM[cls] in get_args(FaultKind)


@pytest.mark.parametrize("table", [fast.KINDS, once.KINDS, SYSTEM], ids=["fast", "once", "system"])
def test_no_kind_is_kept_for_an_exception_that_is_gone(table: Kinds) -> None:
    assert set(table) <= {*HTTPTOOLS, *HTTPX, *OF_THE_SYSTEM}


async def test_the_kind_says_whether_there_was_a_connection() -> None:
    flight = Flight(connect=1, total=1, last="timeout")
    assert translate(OSError(), {}, flight).kind == "connect"
    assert translate(TimeoutError(), {}, flight).kind == "connect_timeout"
    flight.sending()
    assert translate(OSError(), {}, flight).kind == "disconnected"
    assert translate(TimeoutError(), {}, flight).kind == "timeout"


async def test_an_exception_nobody_thought_of_is_still_a_fault() -> None:
    flight = Flight(connect=1, total=1, last="timeout")
    fault = translate(ArithmeticError("secret"), fast.KINDS, flight)
    assert (fault.kind, fault.sent, fault.detail) == ("protocol", "no", "ArithmeticError")


async def test_a_tls_error_below_is_found_whatever_wraps_it() -> None:
    flight = Flight(connect=1, total=1, last="timeout")
    error = httpx.ConnectError("handshake")
    error.__cause__ = httpcore.ConnectError("handshake")
    error.__cause__.__context__ = ssl.SSLError(1, "secret")
    fault = translate(error, once.KINDS, flight)
    assert (fault.kind, fault.detail) == ("tls", "ConnectError: SSLError")
