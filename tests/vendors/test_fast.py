"""The fast wire: connections are kept, and what is kept may be gone when it is next used."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from gateway.vendors.client import Answer
from gateway.vendors.message import Message
from gateway.vendors.tls import no_tls
from gateway.vendors.transport.connection import MOST_HEAD
from gateway.vendors.transport.fast import FastWire, UnsendableError
from gateway.vendors.transport.flight import Flight

if TYPE_CHECKING:
    from tests.vendors.conftest import Call, OpenVendor, Serve


async def test_a_connection_is_used_again(serve: Serve, open_vendor: OpenVendor) -> None:
    server = await serve()
    call = open_vendor(server.url, effect=False)
    for _ in range(3):
        assert isinstance(await call(), Answer)
    assert server.connections == 1


async def test_a_read_goes_again_where_a_kept_connection_was_closed_meanwhile(
    serve: Serve, open_vendor: OpenVendor
) -> None:
    async def once_each(call: Call) -> None:
        await call.read()
        await call.answer()
        await call.read()  # and closes without an answer

    server = await serve(once_each)
    call = open_vendor(server.url, effect=False)
    for _ in range(3):
        assert isinstance(await call(), Answer)
    assert (server.connections, len(server.heard)) == (3, 5)


async def test_a_read_that_was_half_answered_does_not_go_again(
    serve: Serve, open_vendor: OpenVendor
) -> None:
    async def half(call: Call) -> None:
        await call.read()
        await call.answer()
        await call.read()
        await call.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")

    server = await serve(half)
    call = open_vendor(server.url, effect=False)
    await call()
    assert (await call()).kind == "disconnected"
    assert server.connections == 1


@pytest.mark.parametrize(
    "more",
    [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", b"rubbish"],
    ids=["a second answer", "rubbish"],
)
async def test_a_connection_on_which_more_comes_than_was_asked_for_is_given_up(
    serve: Serve, open_vendor: OpenVendor, more: bytes
) -> None:
    async def generous(call: Call) -> None:
        await call.read()
        await call.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" + more)
        await call.gone()

    server = await serve(generous)
    call = open_vendor(server.url, effect=False)
    for _ in range(2):
        answer = await call()
        assert answer.body == b"{}"
    assert server.connections == 2


async def test_a_body_without_a_length_ends_with_the_connection(
    serve: Serve, open_vendor: OpenVendor
) -> None:
    async def old(call: Call) -> None:
        await call.read()
        await call.write(b"HTTP/1.0 200 OK\r\n\r\n{")
        await call.write(b"}")

    server = await serve(old)
    assert (await open_vendor(server.url, effect=False)()).body == b"{}"


async def test_a_head_without_end_is_no_answer(serve: Serve, open_vendor: OpenVendor) -> None:
    async def talkative(call: Call) -> None:
        await call.read()
        await call.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(MOST_HEAD // 1000 + 2):
            await call.write(b"x: " + b"y" * 1000 + b"\r\n")
        await call.gone()

    server = await serve(talkative)
    assert (await open_vendor(server.url, effect=False)()).kind == "protocol"


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\rb", "a\0b"])
async def test_nothing_in_a_header_cuts_a_request_in_two(serve: Serve, value: str) -> None:
    server = await serve()
    wire = FastWire(server.url, no_tls(), 1000)
    message = Message("GET", "/x", {"a": value}, b"")
    with pytest.raises(UnsendableError):
        await wire.exchange(message, Flight(connect=1, total=1, last="timeout"))
    assert server.heard == []


async def test_an_exchange_leaves_no_garbage_that_only_the_collector_finds(
    serve: Serve, open_vendor: OpenVendor
) -> None:
    server = await serve()
    call = open_vendor(server.url, effect=False)
    await call()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            await call()
        assert gc.collect() < 20
    finally:
        gc.enable()
