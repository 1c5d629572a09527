"""When a vendor is spared, how it is tried again, and what counts against it."""

from __future__ import annotations

import asyncio

import pytest

from gateway.vendors.client import Answer, Deadline, Fault, Request

OK = Answer(200, {}, b"{}")
ERROR = Answer(500, {}, b"")
LOST = Fault("timeout", "unknown")


async def send_all(made, times: int) -> list[str]:
    outcomes = [await made.send() for _ in range(times)]
    return [each.kind if isinstance(each, Fault) else str(each.status) for each in outcomes]


@pytest.mark.parametrize("failure", [ERROR, LOST, Fault("connect", "no"), Fault("protocol", "yes")])
def test_it_opens_at_its_share_of_failures_and_then_sends_nothing(bench, virtual, failure) -> None:
    made = bench(OK, OK, failure, failure, failure, breaker=(50, 4, "10s"))
    told = virtual(send_all(made, 6))
    assert told[4:] == ["breaker_open"] * 2
    assert (made.sent, made.heard.states) == (4, ["open"])
    assert made.heard.refusals == ["breaker_open"] * 2


def test_a_refused_call_was_surely_not_sent(bench, virtual) -> None:
    made = bench(ERROR, breaker=(100, 1, "10s"))

    async def main() -> Answer | Fault:
        await made.send()
        return await made.send()

    assert virtual(main()).sent == "no"


def test_only_the_last_calls_count(bench, virtual) -> None:
    made = bench(*[ERROR, OK, OK, OK] * 5, OK, breaker=(50, 4, "10s"))
    virtual(send_all(made, 20))
    assert (made.sent, made.heard.states) == (20, [])


@pytest.mark.parametrize(
    "outcome",
    [
        *(Answer(code, {}, b"") for code in (400, 401, 404, 408, 429)),
        *(Fault(kind, "no") for kind in ("deadline", "invalid_request", "too_large")),
    ],
    ids=str,
)
def test_what_is_not_the_vendors_fault_does_not_count(bench, virtual, outcome) -> None:
    made = bench(outcome, breaker=(1, 2, "10s"))
    virtual(send_all(made, 10))
    assert (made.sent, made.heard.states) == (10, [])


def test_after_its_time_one_call_tries_and_closes_it(bench, virtual) -> None:
    made = bench(ERROR, OK, breaker=(100, 1, "10s"))

    async def main() -> list[str]:
        await made.send()
        await asyncio.sleep(9.9)
        early = await send_all(made, 1)
        await asyncio.sleep(0.2)
        return early + await send_all(made, 3)

    assert virtual(main()) == ["breaker_open", "200", "200", "200"]
    assert made.heard.states == ["open", "half_open", "closed"]


def test_a_probe_that_fails_opens_it_for_another_time(bench, virtual) -> None:
    made = bench(ERROR, ERROR, OK, breaker=(100, 1, "10s"))

    async def main() -> list[str]:
        told = await send_all(made, 1)
        for _ in range(2):
            await asyncio.sleep(10.1)
            told += await send_all(made, 2)
        return told

    assert virtual(main()) == ["500", "500", "breaker_open", "200", "200"]
    assert made.heard.states == ["open", "half_open", "open", "half_open", "closed"]


class Held:
    """Answers when it is let go."""

    def __init__(self, outcome: Answer | Fault) -> None:
        self.outcome = outcome
        self.go = asyncio.Event()

    async def __call__(self, _request: Request, _deadline: Deadline) -> Answer | Fault:
        await self.go.wait()
        return self.outcome


@pytest.mark.parametrize("limits", [None, {"concurrency": 5}, {"concurrency": 5, "rate": "50/s"}])
def test_the_probe_is_a_single_call_however_many_come_at_once(bench, virtual, limits) -> None:
    async def main() -> None:
        made = bench(ERROR, breaker=(100, 1, "10s"), limits=limits)
        await made.send()
        await asyncio.sleep(10.1)
        held = Held(OK)
        made.inner.by = held
        calls = [asyncio.create_task(made.send()) for _ in range(20)]
        await asyncio.sleep(0.1)
        assert made.inner.running == 1
        refused = [call.result().kind for call in calls if call.done()]
        assert refused == ["breaker_open"] * 19
        held.go.set()
        await asyncio.gather(*calls)
        assert made.heard.states == ["open", "half_open", "closed"]

    virtual(main())


@pytest.mark.parametrize("end", ["cancelled", "says nothing"])
def test_a_probe_that_says_nothing_leaves_its_place_to_the_next(bench, virtual, end) -> None:
    async def main() -> None:
        made = bench(ERROR, breaker=(100, 1, "10s"))
        await made.send()
        await asyncio.sleep(10.1)
        made.inner.by = held = Held(Fault("deadline", "unknown"))
        probe = asyncio.create_task(made.send())
        await asyncio.sleep(0)
        if end == "cancelled":
            probe.cancel()
        held.go.set()
        await asyncio.wait([probe])
        made.inner.by, made.inner.outcomes = None, [OK]
        assert await send_all(made, 1) == ["200"]
        assert made.heard.states == ["open", "half_open", "closed"]

    virtual(main())


def test_an_answer_to_a_call_from_before_neither_closes_nor_opens_it(bench, virtual) -> None:
    async def main() -> None:
        for outcome in (OK, ERROR):
            made = bench(ERROR, breaker=(100, 1, "10s"))
            held = Held(outcome)
            made.inner.by = held
            early = asyncio.create_task(made.send())
            await asyncio.sleep(0)
            made.inner.by = None
            await made.send()
            await asyncio.sleep(10.1)
            made.inner.outcomes = [OK]
            made.inner.by = probe = Held(OK)
            trying = asyncio.create_task(made.send())
            await asyncio.sleep(0)
            held.go.set()
            await early
            assert made.heard.states == ["open", "half_open"]
            probe.go.set()
            await trying
            assert made.heard.states == ["open", "half_open", "closed"]

    virtual(main())


def test_nobody_waits_in_line_for_a_vendor_that_is_spared(bench, virtual) -> None:
    """Not for a place, and not for the rate: the failure that opens it sends all away at once."""

    async def main() -> None:
        for limits in ({"concurrency": 1}, {"rate": "1/h"}, {"concurrency": 1, "rate": "1/h"}):
            held = Held(ERROR)
            made = bench(by=held, breaker=(100, 1, "1h"), limits=limits)
            calls = [asyncio.create_task(made.send(within=7200.0)) for _ in range(2)]
            await asyncio.sleep(1)
            held.go.set()
            await asyncio.wait(calls)
            assert made.clock.monotonic() < 1100
            assert (calls[1].result().kind, made.sent) == ("breaker_open", 1)
            assert made.heard.refusals == ["breaker_open"]

    virtual(main())


def test_a_retry_that_meets_the_open_breaker_tells_what_the_vendor_did(bench, virtual) -> None:
    made = bench(ERROR, breaker=(100, 2, "10s"), attempts=5)
    outcome = virtual(made.send())
    assert (outcome.status, outcome.attempts, made.sent) == (ERROR.status, 2, 2)


def test_an_effect_in_doubt_stays_in_doubt_when_the_breaker_refuses_its_repeat(
    bench, virtual
) -> None:
    made = bench(LOST, breaker=(100, 1, "10s"), attempts=3)
    outcome = virtual(made.send(Request("POST", "/", effect=True, idempotent=True)))
    assert (outcome.kind, outcome.sent) == (LOST.kind, "unknown")
