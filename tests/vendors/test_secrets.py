"""A planted secret is in no fault, whatever goes wrong and whatever the vendor sends back."""

from __future__ import annotations

import base64
import socket
from typing import TYPE_CHECKING

import pytest

from gateway.config.auth_spec import ApiKeyAuth, BasicAuth, BearerAuth
from gateway.config.secrets import Secret
from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from tests.vendors.conftest import Auth, Call, Effect, OpenVendor, Script, Serve


PLANTED = "planted-s3cret"
SHAPES = [PLANTED, base64.b64encode(PLANTED.encode()).decode().rstrip("=")]
AUTHS = {
    "bearer": BearerAuth(token=Secret(PLANTED)),
    "basic": BasicAuth(user=Secret(PLANTED), password=Secret(PLANTED)),
    "header": ApiKeyAuth(key=Secret(PLANTED), header="X-Key", query=None, prefix=None),
    "query": ApiKeyAuth(key=Secret(PLANTED), header=None, query="key", prefix=None),
}


async def echo_as_garbage(call: Call) -> None:
    heard = await call.read()
    await call.write(f"{heard.line} {heard.headers}\r\n\r\n".encode())


async def echo_as_header_name(call: Call) -> None:
    heard = await call.read()
    await call.write(f"HTTP/1.1 200 OK\r\n{heard.line} {heard.headers}\r\n\r\n".encode())


async def echo_as_length(call: Call) -> None:
    heard = await call.read()
    await call.write(f"HTTP/1.1 200 OK\r\ncontent-length: {heard.line}\r\n\r\n".encode())


async def echo_as_coding(call: Call) -> None:
    heard = await call.read()
    await call.answer(b"x", f"content-encoding: {heard.line} {heard.headers}\r\n")


async def echo_as_chunk(call: Call) -> None:
    heard = await call.read()
    await call.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    await call.write(f"{heard.line} {heard.headers}\r\n".encode())


async def close(call: Call) -> None:
    await call.read()


async def hang(call: Call) -> None:
    await call.read()
    await call.gone()


async def reset(call: Call) -> None:
    await call.read()
    call.reset()


SCRIPTS = [
    echo_as_garbage,
    echo_as_header_name,
    echo_as_length,
    echo_as_coding,
    echo_as_chunk,
    close,
    hang,
    reset,
]


def assert_clean(fault: object) -> None:
    assert isinstance(fault, Fault)
    for shape in SHAPES:
        assert shape not in repr(fault)
    assert "?" not in fault.detail


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
async def test_no_trouble_tells_the_secret(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, script: Script, auth: Auth
) -> None:
    server = await serve(script)
    call = open_vendor(server.url, effect=effect, auth=auth, total_ms=500)
    assert_clean(await call())
    heard = server.heard[0]
    assert any(shape in f"{heard.line} {heard.headers}" for shape in SHAPES)


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
async def test_no_refusal_tells_the_secret(
    open_vendor: OpenVendor, effect: Effect, auth: Auth
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        call = open_vendor(url, effect=effect, auth=auth)
        assert_clean(await call())
        assert_clean(await call(target=f"/..?key={PLANTED}"))
        assert_clean(await call(target=f"/a?key={PLANTED}"))
        assert_clean(await call(headers={"x": f"{PLANTED}\n"}))
        assert PLANTED not in repr(call.vendor) + repr(vars(call.vendor))
