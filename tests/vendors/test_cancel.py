"""After a cancelled call nothing is left: its connection is closed and no task goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.vendors.client import Answer
from gateway.vendors.transport.wire import MAX_CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.vendors.conftest import Call, Effect, OpenVendor, Serve


async def in_handshake(call: Call, reached: asyncio.Event) -> None:
    await call.reader.read(1)
    reached.set()


async def before_the_head(call: Call, reached: asyncio.Event) -> None:
    await call.read()
    reached.set()


async def in_the_body(call: Call, reached: asyncio.Event) -> None:
    await call.read()
    await call.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    reached.set()


async def in_a_compressed_body(call: Call, reached: asyncio.Event) -> None:
    await call.read()
    await call.write(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    reached.set()


async def while_sending(call: Call, reached: asyncio.Event) -> None:
    await call.reader.readuntil(b"\r\n\r\n")
    reached.set()


STAGES = [in_handshake, before_the_head, in_the_body, in_a_compressed_body, while_sending]


@pytest.mark.parametrize("times", [1, 2], ids=["once cancelled", "twice cancelled"])
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
async def test_a_cancelled_call_leaves_nothing_behind(
    serve: Serve,
    open_vendor: OpenVendor,
    effect: Effect,
    stage: Callable[[Call, asyncio.Event], Awaitable[None]],
    times: int,
) -> None:
    reached, gone = asyncio.Event(), asyncio.Event()

    async def script(call: Call) -> None:
        await stage(call, reached)
        await call.gone()
        gone.set()

    server = await serve(script)
    url = server.url.replace("http://", "https://") if stage is in_handshake else server.url
    call = open_vendor(url, effect=effect)
    task = asyncio.create_task(call(body=bytes(20_000_000) if stage is while_sending else b"{}"))
    await reached.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):  # so that a connection left open fails the test
        await gone.wait()
    assert asyncio.all_tasks() - server.tasks == {asyncio.current_task()}


@pytest.mark.parametrize("steps", range(12))
async def test_a_call_cancelled_while_its_connection_is_closed_keeps_no_place_in_the_pool(
    serve: Serve, open_vendor: OpenVendor, steps: int
) -> None:
    """Closing takes a turn of the event loop, in which httpcore's pool would lose the place."""
    begun = asyncio.Event()

    async def script(call: Call) -> None:
        await call.read()
        begun.set()
        await call.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n{")
        await call.gone()

    server = await serve(script)
    call = open_vendor(server.url, effect=True, max_answer=1000)
    task = asyncio.create_task(call())
    await begun.wait()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert call.vendor._wires.once._transport._pool._requests == []


async def test_cancelled_calls_give_their_places_in_the_pool_back(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    full = asyncio.Event()

    async def script(call: Call) -> None:
        if (await call.read()).target == "/quick":
            await call.answer()
        else:
            await call.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            if len(call.server.heard) == MAX_CONNECTIONS:
                full.set()
        await call.gone()

    server = await serve(script)
    call = open_vendor(server.url, effect=effect)
    tasks = [asyncio.create_task(call(target="/held")) for _ in range(MAX_CONNECTIONS + 20)]
    await full.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(await call(target="/quick"), Answer)
    assert len(server.heard) == MAX_CONNECTIONS + 1


async def test_calls_that_ran_out_of_time_give_their_places_in_the_pool_back(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    async def script(call: Call) -> None:
        if (await call.read()).target == "/quick":
            await call.answer()
        await call.gone()

    server = await serve(script)
    call = open_vendor(server.url, effect=effect)
    late = [call(target="/held", within=0.3) for _ in range(MAX_CONNECTIONS + 20)]
    faults = await asyncio.gather(*late)
    assert {fault.kind for fault in faults} == {"deadline"}
    assert isinstance(await call(target="/quick"), Answer)


async def test_closing_while_a_call_waits_ends_the_call_with_a_fault(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    reached = asyncio.Event()

    async def script(call: Call) -> None:
        await before_the_head(call, reached)
        await call.gone()

    server = await serve(script)
    call = open_vendor(server.url, effect=effect)
    task = asyncio.create_task(call())
    await reached.wait()
    await call.vendor.close()
    fault = await task
    assert (fault.kind, fault.sent) == ("disconnected", "unknown")
