"""All of it together: a sick vendor costs its own callers no more than their deadline."""

from __future__ import annotations

import asyncio

import pytest

from gateway.vendors.client import Answer, Deadline, Fault, Request

DEADLINE = 8.0
OK = Answer(200, {}, b"{}")


async def hanging(_request: Request, deadline: Deadline) -> Answer | Fault:
    """As a vendor with a timeout of 3 s that takes every request and says nothing."""
    left = deadline.at - asyncio.get_running_loop().time()
    await asyncio.sleep(min(left, 3.0))
    return Fault("timeout" if left > 3 else "deadline", "unknown")


@pytest.mark.parametrize("attempts", [None, 5])
@pytest.mark.parametrize("limits", [None, {"concurrency": 2, "queue": 50}, {"rate": "1/s"}])
@pytest.mark.parametrize("breaker", [None, (50, 6, "10s")])
def test_every_call_of_a_sick_vendor_ends_within_its_deadline(
    bench, virtual, attempts, limits, breaker
) -> None:
    async def main() -> None:
        made = bench(by=hanging, attempts=attempts, limits=limits, breaker=breaker)

        async def call(after: float) -> None:
            await asyncio.sleep(after)
            started = made.clock.monotonic()
            assert isinstance(await made.send(within=DEADLINE), Fault)
            assert made.clock.monotonic() - started < DEADLINE + 0.01

        await asyncio.gather(*(call(number * 0.3) for number in range(60)))
        assert made.inner.running == 0

    virtual(main())


def test_the_breaker_makes_a_sick_vendors_calls_few_and_a_recovered_one_is_found(
    bench, virtual
) -> None:
    async def main() -> None:
        made = bench(by=hanging, limits={"concurrency": 5}, breaker=(50, 10, "10s"))
        await asyncio.gather(*(made.send(within=DEADLINE) for _ in range(100)))
        assert made.sent < 20
        made.inner.by, made.inner.outcomes = None, [OK]
        await asyncio.sleep(10.1)
        answers = await asyncio.gather(*(made.send() for _ in range(100)))
        assert {answer.status for answer in answers} == {200}

    virtual(main())


def test_each_layer_opens_and_closes_the_vendor_inside(bench, virtual) -> None:
    made = bench(OK, attempts=2, limits={"concurrency": 1}, breaker=(50, 2, "1s"))
    told: list[str] = []
    made.inner.open = lambda: told.append("open")

    async def close() -> None:
        told.append("close")

    made.inner.close = close

    async def main() -> None:
        made.vendor.open()
        await made.vendor.close()

    virtual(main())
    assert told == ["open", "close"]
