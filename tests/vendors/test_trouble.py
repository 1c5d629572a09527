"""For each trouble that a vendor can make: the kind of the fault, and whether `sent` is right.

The server says what it has really read: `no` is right only if that is nothing, `yes` only if it is
the whole request.
"""

from __future__ import annotations

import contextlib
import gzip
from typing import TYPE_CHECKING

import pytest

from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from tests.vendors.conftest import Call, Effect, OpenVendor, Script, Serve


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


async def reset_before_reading(call: Call) -> None:
    call.reset()


async def reset_after_reading(call: Call) -> None:
    await call.read()
    call.reset()


async def close_without_answer(call: Call) -> None:
    await call.read()


async def garbage(call: Call) -> None:
    await call.read()
    await call.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


async def half_a_head(call: Call) -> None:
    await call.read()
    await call.write(b"HTTP/1.1 200 OK\r\ncontent-")


async def truncated_body(call: Call) -> None:
    await call.read()
    await call.write(HEAD + b"content-length: 100\r\n\r\n{")


async def truncated_chunks(call: Call) -> None:
    await call.read()
    await call.write(HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n{")


async def reset_in_body(call: Call) -> None:
    await call.read()
    await call.write(HEAD + b"content-length: 100\r\n\r\n{")
    call.reset()


async def no_head(call: Call) -> None:
    await call.read()
    await call.gone()


async def dripping_body(call: Call) -> None:
    await call.read()
    await call.write(HEAD + b"content-length: 100\r\n\r\n{")
    await call.gone()


async def long_by_its_length(call: Call) -> None:
    await call.read()
    await call.write(HEAD + b"content-length: 2001\r\n\r\n")
    await call.gone()


async def long_by_its_chunks(call: Call) -> None:
    await call.read()
    await call.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        while True:
            await call.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")


async def gzip_bomb(call: Call) -> None:
    await call.read()
    bomb = gzip.compress(bytes(1_000_000))
    assert len(bomb) < 2000
    await call.answer(bomb, "content-encoding: gzip\r\n")


async def no_gzip(call: Call) -> None:
    await call.read()
    await call.answer(b"{}", "content-encoding: gzip\r\n")


async def cut_gzip(call: Call) -> None:
    await call.read()
    await call.answer(gzip.compress(b"{}" * 50)[:-9], "content-encoding: gzip\r\n")


async def unknown_coding(call: Call) -> None:
    await call.read()
    await call.answer(b"{}", "content-encoding: br\r\n")


async def switching_protocols(call: Call) -> None:
    await call.read()
    await call.write(
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"
    )
    await call.gone()


TROUBLES = [
    (reset_before_reading, "disconnected", "unknown"),
    (reset_after_reading, "disconnected", "unknown"),
    (close_without_answer, "disconnected", "unknown"),
    (half_a_head, "disconnected", "unknown"),
    (garbage, "protocol", "unknown"),
    (truncated_body, "disconnected", "yes"),
    (truncated_chunks, "disconnected", "yes"),
    (reset_in_body, "disconnected", "yes"),
    (no_head, "timeout", "unknown"),
    (dripping_body, "timeout", "yes"),
    (long_by_its_length, "too_large", "yes"),
    (long_by_its_chunks, "too_large", "yes"),
    (gzip_bomb, "too_large", "yes"),
    (no_gzip, "protocol", "yes"),
    (cut_gzip, "protocol", "yes"),
    (unknown_coding, "protocol", "yes"),
    (switching_protocols, "protocol", "unknown"),
]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    ("script", "kind", "sent"), TROUBLES, ids=lambda v: getattr(v, "__name__", v)
)
async def test_each_trouble_has_its_kind_and_says_what_was_sent(  # noqa: PLR0913, PLR0917 - fixtures and cases
    serve: Serve,
    open_vendor: OpenVendor,
    effect: Effect,
    script: Script,
    kind: str,
    sent: str,
    method: str,
) -> None:
    server = await serve(script)
    call = open_vendor(server.url, effect=effect, max_answer=2000, total_ms=500)
    fault = await call(method, body=b"{}" if method == "POST" else b"")
    assert isinstance(fault, Fault)
    assert (fault.kind, fault.sent) == (kind, sent)
    if sent == "yes":
        assert server.heard
    if effect:
        assert server.connections == 1
