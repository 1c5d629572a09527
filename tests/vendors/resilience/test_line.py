"""Places and rates: never more than the limit, in order, and no place is ever lost."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.resilience_spec import Limits
from gateway.config.units import Rate, parse_duration, parse_rate
from gateway.vendors.client import Answer, Deadline, Fault, Request
from gateway.vendors.resilience.line import Line
from tests.vendors.resilience.conftest import run_virtual

OK = Answer(200, {}, b"{}")


async def slowly(_request: Request, _deadline: Deadline) -> Answer | Fault:
    await asyncio.sleep(1)
    return OK


def kinds(outcomes: list[Answer | Fault]) -> list[str]:
    return [each.kind if isinstance(each, Fault) else str(each.status) for each in outcomes]


def test_ten_times_too_many_calls_meet_the_limit_and_a_full_queue_fails_at_once(
    bench, virtual
) -> None:
    async def main() -> None:
        made = bench(by=slowly, limits={"concurrency": 5, "queue": 20})
        calls = [asyncio.create_task(made.send()) for _ in range(50)]
        await asyncio.sleep(0.01)
        refused = [call for call in calls if call.done()]
        assert calls[25:] == refused
        assert kinds([call.result() for call in refused]) == ["queue_full"] * 25
        assert {call.result().sent for call in refused} == {"no"}
        assert kinds(await asyncio.gather(*calls[:25])) == ["200"] * 25
        assert made.inner.most == 5
        assert made.heard.queues[-1] == (0, 0)
        assert max(made.heard.queues, key=lambda told: told[1]) == (5, 20)

    virtual(main())


def test_who_waits_waits_no_longer_than_an_answer_could_still_come_in_time(bench, virtual) -> None:
    async def main() -> None:
        made = bench(by=slowly, limits={"concurrency": 1})
        first = asyncio.create_task(made.send())
        await asyncio.sleep(0)
        outcome = await made.send(within=0.5)
        assert (outcome.kind, outcome.sent) == ("deadline", "no")
        assert made.clock.monotonic() == pytest.approx(1000.45, abs=0.01)
        assert (await first).status == 200
        assert made.sent == 1

    virtual(main())


def test_a_call_that_waits_to_be_tried_again_holds_no_place(bench, virtual) -> None:
    async def main() -> None:
        made = bench(
            Answer(503, {"retry-after": "5"}, b""), OK, attempts=2, limits={"concurrency": 1}
        )
        unlucky = asyncio.create_task(made.send())
        await asyncio.sleep(0.01)
        assert (await made.send()).status == 200
        assert not unlucky.done()
        assert (await unlucky).status == 200

    virtual(main())


def test_a_call_whose_turn_would_come_too_late_is_refused_at_once(bench, virtual) -> None:
    async def main() -> None:
        made = bench(OK, limits={"rate": "2/m"})
        assert kinds([await made.send() for _ in range(2)]) == ["200", "200"]
        outcome = await made.send(within=59)
        assert (outcome.kind, outcome.sent) == ("rate_limited", "no")
        assert made.clock.monotonic() < 1000.1
        assert kinds(await asyncio.gather(*(made.send(within=61) for _ in range(3)))) == [
            "200",
            "200",
            "rate_limited",
        ]

    virtual(main())


@given(
    count=st.integers(1, 5),
    gaps=st.lists(st.floats(0, 1.5), min_size=1, max_size=40),
    concurrency=st.none() | st.integers(1, 3),
)
def test_no_stretch_of_time_sees_more_than_the_rate(
    count: int, gaps: list[float], concurrency: int | None
) -> None:
    begun: list[float] = []

    async def call(line: Line) -> None:
        if await line.enter(by=1e9) is None:
            begun.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.3)
            line.leave()

    async def main() -> None:
        now = asyncio.get_running_loop().time
        limits = Limits(concurrency=concurrency, rate=Rate(count, parse_duration("1s")))
        line = Line(limits, now, refuses=lambda: False, tell=lambda _running, _waiting: None)
        calls = []
        for gap in gaps:
            calls.append(asyncio.create_task(call(line)))
            await asyncio.sleep(gap)
        await asyncio.gather(*calls)

    run_virtual(main())
    assert len(begun) == len(gaps)
    for first, beyond in zip(begun, begun[count:], strict=False):
        assert beyond - first > 1 - 1e-4  # the line notes it a moment before the call goes


class Crowd:
    """Calls that come, go and are cancelled, and what must be true at any time."""

    def __init__(self, line: Line, limit: int | None) -> None:
        self.line = line
        self.limit = limit
        self.came = itertools.count()
        self.tasks: list[asyncio.Task[None]] = []
        self.inside: list[int] = []
        self.order: list[int] = []

    async def _call(self, by: float, done: asyncio.Event) -> None:
        number = next(self.came)
        if await self.line.enter(by) is not None:
            return
        self.order.append(number)
        self.inside.append(number)
        assert self.limit is None or len(self.inside) <= self.limit
        try:
            await done.wait()
        finally:
            self.inside.remove(number)
            self.line.leave()

    def come(self, patience: float) -> asyncio.Event:
        done = asyncio.Event()
        by = asyncio.get_running_loop().time() + patience
        self.tasks.append(asyncio.create_task(self._call(by, done)))
        return done


Action = tuple[str, float]
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["come", "end", "cancel", "time", "turn"]),
        st.floats(0, 1, exclude_max=True),
    ),
    max_size=60,
)


@given(
    actions=ACTIONS,
    concurrency=st.none() | st.integers(1, 3),
    queue=st.integers(0, 6),
    rate=st.none() | st.sampled_from(["1/s", "3/s"]),
    settle=st.booleans(),
)
def test_whatever_happens_the_limit_holds_no_place_is_lost_and_all_go_in_order(
    actions: list[Action],
    concurrency: int | None,
    queue: int,
    rate: str | None,
    *,
    settle: bool,
) -> None:
    if concurrency is None and rate is None:
        return
    limits = Limits(concurrency=concurrency, queue=queue, rate=parse_rate(rate) if rate else None)

    async def main() -> None:
        now = asyncio.get_running_loop().time
        line = Line(limits, now, refuses=lambda: False, tell=lambda _running, _waiting: None)
        crowd = Crowd(line, concurrency)
        ends: list[asyncio.Event] = []
        for kind, size in actions:
            await _act(crowd, ends, kind, size)
            if settle:  # else cancelling, ending and coming fall into one turn of the loop
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        for end in ends:
            end.set()
        results = await asyncio.gather(*crowd.tasks, return_exceptions=True)
        assert not [each for each in results if isinstance(each, Exception)]
        if settle:
            assert crowd.order == sorted(crowd.order)
        for _ in range(concurrency or 1):
            await asyncio.sleep(10)
            assert await line.enter(now() + 1e6) is None
        assert line._running == (concurrency or 1)
        assert not line._waiting

    run_virtual(main())


async def _act(crowd: Crowd, ends: list[asyncio.Event], kind: str, size: float) -> None:
    match kind:
        case "come":
            ends.append(crowd.come(size * 5))
        case "end" if ends:
            ends[int(size * len(ends))].set()
        case "cancel" if crowd.tasks:
            crowd.tasks[int(size * len(crowd.tasks))].cancel()
        case "time":
            await asyncio.sleep(size * 3)
        case "turn":
            await asyncio.sleep(0)


def test_who_comes_when_a_turn_is_free_goes_behind_those_who_wait_for_it(virtual: Callable) -> None:
    """The moment has come, but the alarm that tells those who wait hasn't rung yet."""

    async def main() -> None:
        now = [0.0]
        line = Line(
            Limits(rate=parse_rate("1/s")),
            lambda: now[0],
            refuses=lambda: False,
            tell=lambda _running, _waiting: None,
        )
        assert await line.enter(99) is None
        first = asyncio.create_task(line.enter(99))
        await asyncio.sleep(0)
        now[0] = 2.0
        second = asyncio.create_task(line.enter(99))
        assert await first is None
        assert not second.done()
        now[0] = 4.0
        assert await second is None

    virtual(main())


def test_a_turn_that_is_cancelled_as_it_comes_goes_to_the_next(virtual: Callable) -> None:
    async def main() -> None:
        now = asyncio.get_running_loop().time
        line = Line(
            Limits(concurrency=1), now, refuses=lambda: False, tell=lambda _running, _waiting: None
        )
        assert await line.enter(now() + 1) is None
        second, third = (asyncio.create_task(line.enter(now() + 99)) for _ in range(2))
        await asyncio.sleep(0)
        line.leave()
        second.cancel()
        assert await third is None
        assert second.cancelled()

    virtual(main())
