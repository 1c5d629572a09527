"""No effect reaches a vendor twice, whatever happens to its connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from gateway.vendors.client import Answer, Fault

if TYPE_CHECKING:
    from tests.vendors.conftest import Call, Effect, OpenVendor, Serve


METHODS = ["POST", "PUT", "DELETE", "PATCH", "GET"]


def dying(*, read: bool) -> None:
    """Make a script whose first connection answers once and dies under the second request."""

    async def script(call: Call) -> None:
        await call.read()
        await call.answer()
        if call.number == 1:
            if read:
                await call.read()
            else:
                await call.reader.readexactly(1)
            return
        while True:
            await call.read()
            await call.answer()

    return script


@pytest.mark.parametrize("read", [True, False], ids=["after reading", "while reading"])
@pytest.mark.parametrize("method", METHODS)
async def test_an_effect_whose_kept_connection_dies_is_not_sent_again(
    serve: Serve, open_vendor: OpenVendor, method: str, *, read: bool
) -> None:
    server = await serve(dying(read=read))
    call = open_vendor(server.url, effect=True)
    assert isinstance(await call(method, "/first"), Answer)
    fault = await call(method, "/second")
    assert (fault.kind, fault.sent) == ("disconnected", "unknown")
    assert isinstance(await call(method, "/third"), Answer)
    heard = Counter(heard.target for heard in server.heard)
    assert heard["/first"] == heard["/third"] == 1
    assert heard["/second"] == (1 if read else 0)


async def test_the_same_server_sees_a_read_again_so_it_would_see_an_effect(
    serve: Serve, open_vendor: OpenVendor
) -> None:
    server = await serve(dying(read=True))
    call = open_vendor(server.url, effect=False)
    await call("PUT", "/first")
    assert isinstance(await call("PUT", "/second"), Answer)
    assert Counter(heard.target for heard in server.heard)["/second"] == 2


@pytest.mark.parametrize("method", METHODS)
async def test_a_connection_closed_between_effects_costs_none(
    serve: Serve, open_vendor: OpenVendor, method: str
) -> None:
    closed = asyncio.Event()

    async def answer_once(call: Call) -> None:
        await call.read()
        await call.answer()
        call.writer.close()
        await call.writer.wait_closed()
        closed.set()

    server = await serve(answer_once)
    call = open_vendor(server.url, effect=True)
    for number in range(5):
        assert isinstance(await call(method, f"/{number}"), Answer)
        await closed.wait()
        closed.clear()
    assert [heard.target for heard in server.heard] == ["/0", "/1", "/2", "/3", "/4"]


@pytest.mark.parametrize("method", METHODS)
async def test_many_effects_against_a_vendor_that_drops_every_third_are_each_seen_at_most_once(
    serve: Serve, open_vendor: OpenVendor, method: str
) -> None:
    async def drops_every_third(call: Call) -> None:
        while True:
            heard = await call.read()
            if int(heard.target[1:]) % 3 == 0:
                return
            await call.answer()

    server = await serve(drops_every_third)
    call = open_vendor(server.url, effect=True)
    results = {}

    async def one(number: int) -> None:
        results[f"/{number}"] = await call(method, f"/{number}")

    for start in range(0, 60, 10):
        await asyncio.gather(*(one(number) for number in range(start, start + 10)))
    heard = Counter(heard.target for heard in server.heard)
    assert set(heard.values()) == {1}
    for target, result in results.items():
        if isinstance(result, Answer):
            assert heard[target] == 1
        elif isinstance(result, Fault) and result.sent == "no":
            assert heard[target] == 0


async def test_calls_one_after_the_other_share_a_connection(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    call = open_vendor(server.url, effect=effect)
    for _ in range(5):
        assert isinstance(await call(), Answer)
    assert (len(server.heard), server.connections) == (5, 1)
