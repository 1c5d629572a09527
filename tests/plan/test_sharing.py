"""`window`, `ttl` and `stale`: exchanges share what a vendor brings, and none notices."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.plan.exchange import Exchange
from gateway.plan.pool import Pools
from gateway.vendors.client import Fault
from tests.plan.sharing_kit import STOCK, Desk, Shop, lines, plans_in, settled, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.errors import Refusal
    from gateway.plan.flight import Queue
    from tests.conftest import ScriptedVendor
    from tests.plan.conftest import Deploy
    from tests.plan.sharing_kit import Deskmaker

LONG: Final = ", window: 1h"
"""A window whose end no test sees."""


@pytest.fixture
def desk(tmp_path: Path) -> Deskmaker:
    def make(sharing: str = LONG, *, quick: bool = False, **options: object) -> Desk:
        plans = plans_in(tmp_path, sharing, **options)  # type: ignore[arg-type]
        return Desk(plans, Shop({"a": 1, "b": 2, "c": 3, "d": 4}, quick=quick))

    return make


async def results(*tasks: asyncio.Task[Exchange | Refusal]) -> list[object]:
    return [told(came) for came in await asyncio.gather(*tasks)]


async def test_a_key_that_is_being_asked_for_is_not_asked_for_again(desk: Deskmaker):
    at = desk()
    first = at.checkout("a", "b")
    await settled()
    second = at.checkout("b", "a")
    await settled()
    await at.shop.answers()
    assert await results(first, second) == [([1, 2], ["a", "b"]), ([2, 1], ["b", "a"])]
    assert at.shop.asked == [["a", "b"]]


async def test_rows_come_in_the_order_of_the_keys_alone_and_with_others(desk: Deskmaker):
    at = desk()
    at.shop.untidy = True
    first = at.checkout("a", "b", "c")
    await settled()
    second = at.checkout("c", "b")
    await settled()
    await at.shop.answers()
    third = at.checkout("b", "a")
    await settled()
    await at.shop.answers()
    assert await results(first, second, third) == [
        ([1, 2, 3], ["a", "b", "c"]),
        ([3, 2], ["c", "b"]),
        ([2, 1], ["b", "a"]),
    ]


async def test_keys_are_gathered_while_a_call_is_under_way_and_go_when_it_is_back(desk: Deskmaker):
    at = desk()
    tasks = [at.checkout("a")]
    await settled()
    tasks += [at.checkout("b"), at.checkout("c")]
    await settled()
    assert at.shop.asked == [["a"]]
    await at.shop.answers()
    assert at.shop.asked == [["a"], ["b", "c"]]
    await at.shop.answers()
    assert await results(*tasks) == [([1], ["a"]), ([2], ["b"]), ([3], ["c"])]


async def test_gathered_keys_go_when_their_window_is_over(desk: Deskmaker):
    at = desk(", window: 1ms")
    first = at.checkout("a")
    await settled()
    second = at.checkout("b")
    while len(at.shop.asked) < 2:
        await asyncio.sleep(0.001)
    await at.shop.answers(1)
    assert await results(second) == [([2], ["b"])]
    assert not first.done()
    await at.shop.answers()
    await first


async def test_gathered_keys_go_when_they_fill_a_call(desk: Deskmaker):
    at = desk(size=2)
    tasks = [at.checkout("a")]
    await settled()
    tasks += [at.checkout("b"), at.checkout("c")]
    await settled()
    assert at.shop.asked == [["a"], ["b", "c"]]
    await at.shop.answers()
    await at.shop.answers()
    await asyncio.gather(*tasks)


async def test_no_more_calls_run_at_once_than_said_and_what_is_due_gathers_on(desk: Deskmaker):
    at = desk(", window: 1ms, at_once: 1")
    tasks = [at.checkout("a")]
    await settled()
    tasks.append(at.checkout("b"))
    await asyncio.sleep(0.01)  # its window is over, and there is no room
    tasks.append(at.checkout("c"))
    await settled()
    assert at.shop.asked == [["a"]]
    await at.shop.answers()
    assert at.shop.asked == [["a"], ["b", "c"]]
    await at.shop.answers()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("small", [[["x"]], [["x"], ["y"], ["z"]]], ids=["one", "several"])
async def test_a_giant_checkout_lets_small_ones_go_in_turns_with_it(
    desk: Deskmaker, small: list[list[str]]
):
    at = desk(", window: 1ms, at_once: 1", size=2)
    tasks = [at.checkout("a", "b", "c", "d", "e", "f", "g", "h")]
    await settled()
    tasks += [at.checkout(*keys) for keys in small]
    await asyncio.sleep(0.01)  # their window is over
    await at.shop.answers()
    assert at.shop.asked == [["a", "b"], [key for keys in small for key in keys][:2]]
    at.shop.quick = True
    await at.shop.answers()
    await asyncio.gather(*tasks)


async def test_only_calls_that_are_alike_but_for_their_keys_are_shared(desk: Deskmaker):
    at = desk(at="checkout.currency || 'EUR'")
    first = at.checkout("a")
    await settled()
    second = at.begin(
        "inventory.validate",
        {"currency": "USD", "items": [{"product_id": "p", "variant_id": "a", "quantity": 1}]},
        10.0,
    )
    await settled()
    assert at.shop.asked == [["a"], ["a"]]
    await at.shop.answers()
    await at.shop.answers()
    await asyncio.gather(first, second)


async def test_who_gives_up_takes_nothing_from_those_that_wait(desk: Deskmaker):
    at = desk()
    first = at.checkout("a")
    await settled()
    second = at.checkout("a", "b")
    await settled()
    first.cancel()
    await settled()
    await at.shop.hurries()
    assert await results(second) == [([1, 2], ["a", "b"])]


async def test_a_call_for_which_nobody_waits_any_more_is_called_off(desk: Deskmaker):
    at = desk()
    first = at.checkout("a")
    await settled()
    waiting = at.checkout("b")
    await settled()
    first.cancel()
    waiting.cancel()
    await settled()
    after = at.checkout("a")
    await settled()
    assert at.shop.asked == [["a"], ["a"]]
    await at.shop.answers(1)
    assert await results(after) == [([1], ["a"])]


async def test_one_exchanges_bad_key_never_fails_another(desk: Deskmaker):
    at = desk(quick=False)
    at.shop.bad = frozenset("c")
    tasks = [at.checkout("a")]
    await settled()
    tasks += [at.checkout("b"), at.checkout("c")]
    await settled()
    at.shop.quick = True
    await at.shop.answers()
    assert await results(*tasks) == [([1], ["a"]), ([2], ["b"]), "vendor_error"]
    assert at.shop.asked == [["a"], ["b", "c"], ["b"], ["c"]]


async def test_a_vendor_in_trouble_is_asked_once_for_all(desk: Deskmaker):
    at = desk()
    tasks = [at.checkout("a")]
    await settled()
    tasks += [at.checkout("b"), at.checkout("c")]
    await settled()
    at.shop.faults = [Fault("timeout", "yes"), Fault("timeout", "yes")]
    await at.shop.answers()
    await at.shop.answers()
    assert await results(*tasks) == ["vendor_timeout"] * 3
    assert len(at.shop.asked) == 2


async def test_nobody_waits_beyond_its_own_deadline(desk: Deskmaker):
    at = desk()
    patient = at.checkout("a")
    await settled()
    hasty = at.checkout("a", seconds=0.01)
    assert await results(hasty) == ["deadline"]
    await at.shop.answers()
    assert await results(patient) == [([1], ["a"])]


async def test_rows_are_kept_for_their_ttl_and_no_longer(desk: Deskmaker):
    at = desk(", ttl: 30s", quick=True)
    await at.checkout("a", "x")
    at.shop.stock["a"] = 9
    at.time += 29.9
    assert await results(at.checkout("a", "x")) == [([1, 0], ["a"])]
    at.time += 0.1
    assert await results(at.checkout("a", "x")) == [([9, 0], ["a"])]
    assert at.shop.asked == [["a", "x"], ["a", "x"]]


async def test_only_the_keys_that_are_missing_are_asked_for(desk: Deskmaker):
    at = desk(", ttl: 30s", quick=True)
    await at.checkout("a", "b")
    assert await results(at.checkout("c", "b", "a")) == [([3, 2, 1], ["c", "b", "a"])]
    assert at.shop.asked == [["a", "b"], ["c"]]


async def test_a_failure_is_not_kept(desk: Deskmaker):
    at = desk(", ttl: 30s", quick=True)
    at.shop.faults = [Fault("timeout", "yes")]
    assert await results(at.checkout("a")) == ["vendor_timeout"]
    assert await results(at.checkout("a")) == [([1], ["a"])]


async def test_an_order_makes_the_keys_of_its_lines_be_asked_for_again(desk: Deskmaker):
    at = desk(", ttl: 30s", quick=True)
    await at.checkout("a", "b")
    at.time += 1
    await at.order("a")
    at.time += 1
    at.shop.stock["a"] = 0
    assert await results(at.checkout("a", "b")) == [([0, 2], ["a", "b"])]
    assert at.shop.asked == [["a", "b"], ["a"]]


async def test_what_was_under_way_when_an_order_was_taken_is_neither_joined_nor_kept(
    desk: Deskmaker,
):
    at = desk(", ttl: 30s")
    before = at.checkout("a")
    await settled()
    at.time += 1
    await at.order("a")
    at.time += 1
    at.shop.stock["a"] = 0
    after = at.checkout("a")
    await settled()
    assert at.shop.asked == [["a"], ["a"]]
    at.shop.stock["a"] = 1
    await at.shop.answers()
    at.shop.stock["a"] = 0
    await at.shop.answers()
    assert await results(before, after) == [([1], ["a"]), ([0], ["a"])]
    at.shop.quick = True
    assert await results(at.checkout("a")) == [([0], ["a"])]


async def test_an_order_makes_everything_be_asked_for_again_where_keys_come_from_more_than_lines(
    tmp_path: Path,
):
    text = STOCK.replace('"lines[].variant_id"', '"checkout.items[].variant_id"')
    at = Desk(plans_in(tmp_path, ", ttl: 30s", stock=text), Shop({"a": 1, "b": 2}, quick=True))
    await at.checkout("a", "b")
    at.time += 1
    await at.order("a")
    at.time += 1
    await at.checkout("b")
    assert at.shop.asked == [["a", "b"], ["b"]]


async def test_stale_rows_stand_in_where_the_vendor_fails_and_the_checkout_says_how_old_they_are(
    desk: Deskmaker,
):
    at = desk(", ttl: 30s, stale: 5m", quick=True)
    await at.checkout("a", "b")
    at.time += 42
    at.shop.faults = [Fault("timeout", "yes")]
    came = await at.checkout("a")
    assert isinstance(came, Exchange)
    note = {"gateway": {"call": "call", "stale_seconds": 42}}
    assert told(came) == ([1], ["a", note])


@pytest.mark.parametrize(
    ("sharing", "later", "keys"),
    [
        (", ttl: 30s, stale: 5m", 331, ("a",)),
        (", ttl: 30s", 42, ("a",)),
        (", ttl: 30s, stale: 5m", 42, ("a", "c")),
    ],
    ids=["too old", "not asked for", "one key was never brought"],
)
async def test_without_rows_for_each_key_the_vendors_failure_counts(
    desk: Deskmaker, sharing: str, later: int, keys: tuple[str, ...]
):
    at = desk(sharing, quick=True)
    await at.checkout("a", "b")
    at.time += later
    at.shop.faults = [Fault("timeout", "yes")]
    assert await results(at.checkout(*keys)) == ["vendor_timeout"]


async def test_the_memory_of_kept_rows_is_bounded_and_the_longest_unused_go_first(
    desk: Deskmaker,
):
    at = desk(", ttl: 30s", quick=True, size=1)
    at.ports = replace(at.ports, pools=Pools(1500))  # room for about three
    for key in ("a", "b", "c", "a", "d"):
        await at.checkout(key)
    at.shop.asked.clear()
    await at.checkout("a", "d")
    assert at.shop.asked == []
    await at.checkout("b")
    assert at.shop.asked == [["b"]]


KEYS: Final = st.sampled_from(["a", "b", "c", "d", "x", "bad"])
STEPS: Final = st.one_of(
    st.tuples(st.just("checkout"), st.lists(KEYS, min_size=1, max_size=5)),
    st.tuples(st.just("answer"), st.integers(0, 3)),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("later"), st.sampled_from([0, 5, 40])),
)


@pytest.fixture(scope="module")
def shared_and_plain(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], tuple[Desk, Desk]]:
    plain = plans_in(tmp_path_factory.mktemp("plain"), size=100)
    made = {
        sharing: plans_in(tmp_path_factory.mktemp("shared"), sharing)
        for sharing in (LONG, ", ttl: 30s", f"{LONG}, ttl: 30s, at_once: 2")
    }

    def desks(sharing: str) -> tuple[Desk, Desk]:
        stock = {"a": 1, "b": 2, "c": 3, "d": 4}
        bad = frozenset({"bad"})
        return Desk(made[sharing], Shop(stock, bad=bad)), Desk(
            plain, Shop(stock, quick=True, bad=bad)
        )

    return desks


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sharing=st.sampled_from([LONG, ", ttl: 30s", f"{LONG}, ttl: 30s, at_once: 2"]),
    steps=st.lists(STEPS, max_size=25),
)
def test_each_exchange_gets_what_it_would_get_alone(
    shared_and_plain: Callable[[str], tuple[Desk, Desk]],
    sharing: str,
    steps: list[tuple[str, list[str] | int]],
) -> None:
    async def play() -> None:
        at, plain = shared_and_plain(sharing)
        begun: list[tuple[asyncio.Task[Exchange | Refusal], list[str]]] = []
        for step, value in steps:
            if isinstance(value, list):
                begun.append((at.checkout(*value, seconds=1000), value))
            elif step == "answer" and at.shop.waiting:
                await at.shop.answers(value % len(at.shop.waiting))
            elif step == "cancel" and value < len(begun):
                begun[value][0].cancel()
            elif step == "later":
                at.time += value
            await settled()
        await at.shop.hurries()
        for task, keys in begun:
            try:
                came = told(await task)
            except asyncio.CancelledError:
                continue
            assert came == told(await plain.checkout(*keys))
        assert all(queue.idle and not queue.by_key for queue in queues(at))  # nothing is left

    asyncio.run(play())


async def test_calls_that_no_other_is_like_leave_nothing_that_adds_up(desk: Deskmaker):
    at = desk(at="checkout.currency", quick=True)
    for number in range(300):
        items = {"currency": f"{number}", "items": lines(["a"])}
        await at.begin("inventory.validate", items, 10.0)
    assert len(queues(at)) <= 100


def queues(at: Desk) -> list[Queue]:
    return [queue for pool in at.ports.pools._pools.values() for queue in pool._queues.values()]


async def test_the_log_line_says_where_keys_came_from(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always({"rows": [{"id": "a", "n": 1}]})
    text = STOCK % {"size": 3, "sharing": ", ttl: 1h, stale: 1h", "at": "settings.place"}
    gateway = await deploy(text, settings={"place": "P"})
    for items in (["a"], ["a", "b"]):
        reply = await gateway.post("inventory.validate", {"items": lines(items)})
        assert reply.status == 200
    keys = [line["keys"] for line in gateway.told("exchange")]
    assert keys == [[{"call": "call", "asked": 1}], [{"call": "call", "kept": 1, "asked": 1}]]
    assert [heard.json["ids"] for heard in vendor.heard] == [["a"], ["b"]]  # type: ignore[index, call-overload]


async def test_pools_of_different_configurations_share_nothing(desk: Deskmaker):
    at = desk(", ttl: 30s", quick=True)
    await at.checkout("a")
    at.ports = replace(at.ports, pools=Pools(1_000_000))
    await at.checkout("a")
    assert at.shop.asked == [["a"], ["a"]]
