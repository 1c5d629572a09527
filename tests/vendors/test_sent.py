"""`sent` is `no` only if surely nothing of the request has left, `yes` only if all has arrived."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import zlib
from typing import TYPE_CHECKING

import pytest
import trustme

from gateway.vendors.client import Answer
from gateway.vendors.transport.wire import MAX_CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.vendor_spec import Tls
    from tests.vendors.conftest import Call, Effect, OpenVendor, Serve, ServerTls


async def no_head(call: Call) -> None:
    await call.read()
    await call.gone()


async def test_a_refused_connection_sends_nothing(open_vendor: OpenVendor, effect: Effect) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        call = open_vendor(f"http://127.0.0.1:{unused.getsockname()[1]}", effect=effect)
        fault = await call()
    assert (fault.kind, fault.sent) == ("connect", "no")
    assert "Connection refused" in fault.detail


@pytest.fixture
def full_backlog() -> Iterator[str]:
    """Listen, accept nobody, and fill the queue: further connections hang."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the socket API
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_connecting_has_a_time_of_its_own(
    open_vendor: OpenVendor, effect: Effect, full_backlog: str
) -> None:
    fault = await open_vendor(full_backlog, effect=effect, connect_ms=50)()
    assert (fault.kind, fault.sent) == ("connect_timeout", "no")


async def test_the_time_to_connect_ends_with_the_connection(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve(no_head)
    fault = await open_vendor(server.url, effect=effect, connect_ms=200, total_ms=500)()
    assert (fault.kind, fault.sent) == ("timeout", "unknown")


async def test_an_earlier_deadline_counts_while_connecting(
    open_vendor: OpenVendor, effect: Effect, full_backlog: str
) -> None:
    fault = await open_vendor(full_backlog, effect=effect)(within=0.05)
    assert (fault.kind, fault.sent) == ("deadline", "no")


async def test_a_handshake_that_is_never_answered_is_a_connect_timeout(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    seen = bytearray()

    async def mute(call: Call) -> None:
        while part := await call.reader.read(65536):
            seen.extend(part)

    server = await serve(mute)
    url = server.url.replace("http://", "https://")
    fault = await open_vendor(url, effect=effect, connect_ms=50)()
    assert (fault.kind, fault.sent) == ("connect_timeout", "no")
    assert b"/x" not in seen


async def test_plain_http_on_the_other_side_is_a_tls_fault(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def plain(call: Call) -> None:
        await call.reader.read(10)
        await call.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        await call.gone()

    server = await serve(plain)
    fault = await open_vendor(server.url.replace("http://", "https://"), effect=effect)()
    assert (fault.kind, fault.sent) == ("tls", "no")


async def test_an_untrusted_certificate_sends_nothing(
    serve: Serve, server_tls: ServerTls, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve(context=server_tls())
    fault = await open_vendor(server.url, effect=effect)()
    assert (fault.kind, fault.sent, server.heard) == ("tls", "no", [])
    assert "unable to get local issuer certificate" in fault.detail


async def test_a_certificate_for_another_host_sends_nothing(
    serve: Serve, server_tls: ServerTls, own_ca: Tls, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve(context=server_tls("elsewhere.example"))
    fault = await open_vendor(server.url, effect=effect, tls=own_ca)()
    assert (fault.kind, fault.sent, server.heard) == ("tls", "no", [])


async def test_after_a_missing_client_certificate_nothing_is_known(
    serve: Serve, server_tls: ServerTls, own_ca: Tls, open_vendor: OpenVendor, effect: Effect
) -> None:
    """TLS 1.3 tells the client only after it has sent, and the reset may overtake the alert."""
    server = await serve(context=server_tls(clients=trustme.CA()))
    fault = await open_vendor(server.url, effect=effect, tls=own_ca)()
    assert fault.kind in {"tls", "disconnected"}
    assert (fault.sent, server.heard) == ("unknown", [])


async def test_the_deadline_is_named_when_it_was_the_earlier_limit(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve(no_head)
    fault = await open_vendor(server.url, effect=effect)(within=0.5)
    assert (fault.kind, fault.sent) == ("deadline", "unknown")


async def test_a_deadline_that_is_over_touches_no_network(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    fault = await open_vendor(server.url, effect=effect)(within=0.0)
    assert (fault.kind, fault.sent, server.connections) == ("deadline", "no", 0)


async def test_waiting_for_a_connection_of_the_pool_sends_nothing(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    release = asyncio.Event()
    all_in = asyncio.Event()

    async def hold(call: Call) -> None:
        heard = await call.read()
        assert heard.target == "/held"
        if len(call.server.heard) == MAX_CONNECTIONS:
            all_in.set()
        await release.wait()
        await call.answer()
        await call.gone()

    server = await serve(hold)
    call = open_vendor(server.url, effect=effect, total_ms=60_000)
    held = [asyncio.create_task(call(target="/held")) for _ in range(MAX_CONNECTIONS)]
    await all_in.wait()
    fault = await call(target="/late", within=0.05)
    assert (fault.kind, fault.sent) == ("deadline", "no")
    release.set()
    assert all(isinstance(answer, Answer) for answer in await asyncio.gather(*held))
    assert {heard.target for heard in server.heard} == {"/held"}


async def test_an_answer_before_the_body_was_taken_is_no_proof_of_receipt(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def refuse_early(call: Call) -> None:
        await call.reader.readuntil(b"\r\n\r\n")
        await call.write(b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 100\r\n\r\n{")
        await asyncio.Event().wait()

    server = await serve(refuse_early)
    call = open_vendor(server.url, effect=effect, max_answer=50, total_ms=1000)
    fault = await call(body=bytes(30_000_000))
    # httpcore reads nothing before it has written all, so there it is the time that ends it.
    assert fault.kind == ("timeout" if effect else "too_large")
    assert (fault.sent, server.heard) == ("unknown", [])


async def test_a_body_of_megabytes_arrives_whole(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    body = b'"' + b"x" * 3_000_000 + b'"'
    assert await open_vendor(server.url, effect=effect)(body=body) == Answer(
        200, {"content-length": "2"}, b"{}"
    )
    assert server.heard[0].body == body


async def test_a_corrupt_tls_record_is_a_tls_fault(
    serve: Serve, server_tls: ServerTls, own_ca: Tls, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def corrupt(call: Call) -> None:
        await call.read()
        raw = call.writer.get_extra_info("socket")
        os.write(raw.fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        await call.gone()

    server = await serve(corrupt, server_tls())
    fault = await open_vendor(server.url, effect=effect, tls=own_ca)()
    assert (fault.kind, fault.sent) == ("tls", "unknown")


def test_zlib_says_that_input_is_left_when_its_limit_is_reached() -> None:
    """What the cap on decompression rests on."""
    inflater = zlib.decompressobj()
    assert len(inflater.decompress(zlib.compress(bytes(100_000)), 11)) == 11
    assert inflater.unconsumed_tail or len(inflater.decompress(b"", 1)) == 1


def test_tls_is_the_fault_of_the_system_too() -> None:
    assert issubclass(ssl.SSLError, OSError)
