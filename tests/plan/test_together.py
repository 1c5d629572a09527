"""Jobs at once: the bound, the order, and the one refusal that counts whoever is the fastest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Refusal
from gateway.plan.together import together


@dataclass
class Work:
    """Jobs that take some turns of the event loop each, and may be refused."""

    turns: list[int]
    bad: set[int]
    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    busiest: int = 0
    at_work: int = 0

    async def job(self, number: int) -> None:
        self.begun.append(number)
        self.at_work += 1
        self.busiest = max(self.busiest, self.at_work)
        try:
            for _ in range(self.turns[number]):
                await asyncio.sleep(0)
            if number in self.bad:
                raise Refusal(500, "vendor_error", str(number))
            self.ended.append(number)
        finally:
            self.at_work -= 1

    async def run(self, at_once: int, *, cut: bool) -> dict[int, Refusal]:
        jobs = [partial(self.job, number) for number in range(len(self.turns))]
        return await together(jobs, at_once=at_once, cut=cut)


@st.composite
def works(draw: st.DrawFn) -> Work:
    turns = draw(st.lists(st.integers(0, 6), max_size=9))
    numbers = range(len(turns))
    return Work(turns, draw(st.sets(st.sampled_from(numbers))) if turns else set())


@settings(deadline=None)
@given(work=works(), at_once=st.integers(1, 5), cut=st.booleans())
def test_the_first_refusal_is_the_one_that_comes_first_one_after_another(
    work: Work, at_once: int, *, cut: bool
):
    refused = asyncio.run(work.run(at_once, cut=cut))
    assert min(refused, default=None) == min(work.bad, default=None)
    assert {number: error.message for number, error in refused.items()} == {
        number: str(number) for number in refused
    }
    assert work.busiest <= at_once
    assert work.begun == list(range(len(work.begun))), "they begin in their order"
    first = min(work.bad, default=len(work.turns))
    assert set(range(first)) <= set(work.ended), "what stands before it goes on to its end"
    if not cut:
        assert set(work.begun) == set(work.ended) | set(refused), "what has begun is waited for"


async def test_what_stands_behind_a_refusal_is_cut_off():
    work = Work([3, 1, 10_000], {1})
    assert list(await work.run(3, cut=True)) == [1]
    assert (work.begun, work.ended) == ([0, 1, 2], [0])


async def test_a_bug_is_raised_as_it_is_with_its_causes():
    async def buggy() -> None:
        await asyncio.sleep(0)
        raise ValueError("bug") from KeyError("cause")

    work = Work([9], set())
    with pytest.raises(ValueError, match="bug") as caught:
        await together([buggy, partial(work.job, 0)], at_once=2, cut=True)
    assert isinstance(caught.value.__cause__, KeyError)
    assert work.ended == []


async def test_who_waits_can_be_cancelled_and_nothing_is_left_running():
    work = Work([10_000, 10_000], set())
    task = asyncio.ensure_future(work.run(2, cut=False))
    for _ in range(9):
        await asyncio.sleep(0)
    assert work.begun == [0, 1]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (work.at_work, work.ended) == (0, [])


async def test_a_bug_in_one_effect_does_not_cut_off_another_on_its_way():
    async def buggy() -> None:
        await asyncio.sleep(0)
        raise ValueError("bug")

    work = Work([9], set())
    with pytest.raises(ValueError, match="bug"):
        await together([buggy, partial(work.job, 0), buggy], at_once=2, cut=False)
    assert work.ended == [0]
