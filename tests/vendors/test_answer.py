"""What comes back, the same on both transports."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest

from gateway.vendors.client import Answer, Fault

if TYPE_CHECKING:
    from tests.vendors.conftest import Call, Effect, OpenVendor, Serve


async def test_a_redirect_is_an_answer_and_isnt_followed(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def redirect(call: Call) -> None:
        await call.read()
        await call.answer(b"", "location: /elsewhere\r\n", "302 Found")
        await call.gone()

    server = await serve(redirect)
    answer = await open_vendor(server.url, effect=effect)("GET")
    assert (answer.status, answer.headers["location"]) == (302, "/elsewhere")
    assert [heard.target for heard in server.heard] == ["/x"]


async def test_cookies_are_neither_kept_nor_sent(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def bake(call: Call) -> None:
        while True:
            await call.read()
            await call.answer(head="set-cookie: a=1\r\nset-cookie: b=2\r\n")

    server = await serve(bake)
    call = open_vendor(server.url, effect=effect)
    assert (await call()).headers["set-cookie"] == "a=1, b=2"
    await call()
    assert all(heard.values("cookie") == [] for heard in server.heard)


async def test_proxies_of_the_environment_are_ignored(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = await serve()
    assert isinstance(await open_vendor(server.url, effect=effect)(), Answer)


def squeezed(body: bytes, how: str) -> bytes:
    if how == "gzip":
        return gzip.compress(body)
    if how == "raw":
        squeezer = zlib.compressobj(wbits=-15)
        return squeezer.compress(body) + squeezer.flush()
    return zlib.compress(body)


@pytest.mark.parametrize(
    ("coding", "how"),
    [
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate", "zlib"),
        ("deflate", "raw"),
    ],
)
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "by length"])
async def test_a_compressed_answer_is_the_same_answer(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, coding: str, how: str, *, chunked: bool
) -> None:
    body = b'{"name": "x"}' * 1000
    packed = squeezed(body, how)

    async def script(call: Call) -> None:
        await call.read()
        if not chunked:
            await call.answer(packed, f"content-encoding: {coding}\r\n")
            await call.gone()
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        await call.write(head.encode())
        for byte in packed:
            await call.write(b"1\r\n" + bytes([byte]) + b"\r\n")
        await call.write(b"0\r\n\r\n")
        await call.gone()

    server = await serve(script)
    answer = await open_vendor(server.url, effect=effect, max_answer=len(body))("GET")
    assert isinstance(answer, Answer)
    assert answer.body == body


async def test_something_behind_a_compressed_body_is_not_dropped_silently(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def script(call: Call) -> None:
        await call.read()
        await call.answer(gzip.compress(b"{}") + gzip.compress(b"{}"), "content-encoding: gzip\r\n")

    server = await serve(script)
    fault = await open_vendor(server.url, effect=effect)()
    assert (fault.kind, fault.sent) == ("protocol", "yes")


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("POST", b"HTTP/1.1 204 No Content\r\nLocation: /id/7\r\n\r\n"),
        ("POST", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLocation: /id/7\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\nLocation: /id/7\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\ncontent-encoding: gzip\r\nLocation: /id/7\r\n\r\n"),
        ("GET", b"HTTP/1.1 103 Early\r\na: b\r\n\r\nHTTP/1.1 204 X\r\nLocation: /id/7\r\n\r\n"),
    ],
)
async def test_an_answer_without_a_body_is_fine(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, method: str, raw: bytes
) -> None:
    async def script(call: Call) -> None:
        await call.read()
        await call.write(raw)
        await call.gone()

    server = await serve(script)
    answer = await open_vendor(server.url, effect=effect, max_answer=1000)(method, body=b"")
    assert isinstance(answer, Answer)
    assert (answer.headers["location"], answer.body) == ("/id/7", b"")


async def test_a_body_that_ends_with_the_connection_is_whole(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def script(call: Call) -> None:
        await call.read()
        await call.write(b"HTTP/1.1 200 OK\r\n\r\n{}")

    server = await serve(script)
    assert (await open_vendor(server.url, effect=effect)()).body == b"{}"


@pytest.mark.parametrize("size", [999, 1000, 1001])
@pytest.mark.parametrize("packed", [True, False])
async def test_the_cap_is_exact(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, size: int, *, packed: bool
) -> None:
    async def script(call: Call) -> None:
        await call.read()
        body = bytes(size)
        if packed:
            await call.answer(gzip.compress(body), "content-encoding: gzip\r\n")
        else:
            await call.answer(body)
        await call.gone()

    server = await serve(script)
    result = await open_vendor(server.url, effect=effect, max_answer=1000)()
    assert isinstance(result, Fault if size > 1000 else Answer)


async def test_a_connection_with_half_an_answer_in_it_isnt_used_again(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def script(call: Call) -> None:
        await call.read()
        if call.number == 1:
            await call.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n{")
        else:
            await call.answer()
        await call.gone()

    server = await serve(script)
    call = open_vendor(server.url, effect=effect, max_answer=1000)
    assert (await call()).kind == "too_large"
    assert (await call()).body == b"{}"
    assert server.connections == 2


async def test_a_closed_vendor_sends_nothing(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    call = open_vendor(server.url, effect=effect)
    await call()
    await call.vendor.close()
    fault = await call()
    assert (fault.kind, fault.sent, len(server.heard)) == ("connect", "no", 1)
