"""Several calls: reads that don't need each other run at once, and the reply doesn't show it."""

from __future__ import annotations

import dataclasses
import re
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.plan.exchange import Exchange, Plan
from gateway.plan.group import GroupStep
from simulators.faults import Delay
from tests.conftest import Canned

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Gateway, Heard, Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

LINE: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 1}
CHECKOUT: dict[str, Json] = {"items": [LINE]}
ORDER: dict[str, Json] = {"id": "o-1", "order_items": [LINE]}
A_WEEK = 600_000_000

TWO = """
mapping: rates
contract: shipping.validate
vendor: acme
calls:
  parcel: {request: {method: GET, path: /parcel}}
  pickup: {request: {method: GET, path: /pickup}}
reply: {set: {shipping_rates: "[calls.parcel.body, calls.pickup.body]"}}
"""


def targets(vendor: ScriptedVendor) -> list[str]:
    return [heard.target for heard in vendor.heard]


async def test_reads_that_need_nothing_of_each_other_are_under_way_at_once(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.crowd = 2  # neither is answered before both are there
    vendor.answer_by(lambda heard: {"to": heard.target})
    reply = await (await deploy(TWO)).post("shipping.validate", CHECKOUT)
    rates = reply.body["checkout"]["shipping_rates"]  # type: ignore[index, call-overload]
    assert rates == [{"to": "/parcel"}, {"to": "/pickup"}]
    steps = set(reply.log["steps"])  # type: ignore[call-overload]
    assert steps == {"call:parcel", "call:pickup", "calls:parcel+pickup", "reply"}


async def test_two_vendors_are_asked_at_once(
    deploy: Deploy, vendor: ScriptedVendor, vendor_of: Callable[[], ScriptedVendor]
):
    other = vendor_of()
    text = TWO.replace("pickup: {", "pickup: {vendor: other, ")
    asked = threading.Event()  # the vendors answer in threads of their own

    def once_the_other_was_asked(heard: Heard) -> Json:
        return {"to": heard.target, "both": asked.wait(10)}

    def tell(heard: Heard) -> Json:
        asked.set()
        return {"to": heard.target}

    vendor.answer_by(once_the_other_was_asked)
    other.answer_by(tell)
    gateway = await deploy(text, vendors={"acme": vendor.url, "other": other.url})
    reply = await gateway.post("shipping.validate", CHECKOUT)
    rates = reply.body["checkout"]["shipping_rates"]  # type: ignore[index, call-overload]
    assert rates == [{"to": "/parcel", "both": True}, {"to": "/pickup"}]
    assert (targets(vendor), targets(other)) == (["/parcel"], ["/pickup"])


CONSUME = """
mapping: take
contract: inventory.consume
vendor: acme
let: {shop: calls.shop.body.id}
calls:
  shop: {request: {method: GET, path: /shop}}
  stock: {request: {method: GET, path: "/stock/{shop}"}}
  credit: {request: {method: GET, path: /credit}}
  take:
    request: {method: POST, path: /take, body: {key: order_key}}
    idempotency: order_key
lines:
  from: stock
  rows: body
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: 0}
  shortage: reject
"""


def of_consume(heard: Heard) -> Json:
    return [{"id": "A", "n": 5}] if heard.target.startswith("/stock") else {"id": "7"}


async def test_an_effect_waits_for_all_reads_and_needs_make_an_order(
    deploy: Deploy, vendor: ScriptedVendor
):
    """`stock` needs `shop` through a name of `let`; `credit` is needed by nobody."""
    vendor.crowd = 2
    vendor.answer_by(of_consume)
    reply = await (await deploy(CONSUME)).post("inventory.consume", ORDER)
    assert reply.status == 200
    assert (set(targets(vendor)[:2]), targets(vendor)[2:]) == (
        {"/shop", "/credit"},
        ["/stock/7", "/take"],
    )


async def test_a_read_that_fails_ends_the_exchange_before_the_effect(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(lambda h: Canned({}, 503) if h.target == "/credit" else of_consume(h))
    reply = await (await deploy(CONSUME)).post("inventory.consume", ORDER)
    assert (reply.status, reply.reason) == (500, "vendor_error")
    assert "/take" not in targets(vendor)


async def test_a_refusal_cuts_off_the_reads_below_it(deploy: Deploy, vendor: ScriptedVendor):
    vendor.crowd = 2
    vendor.faults.order(Delay(path="/pickup", delay_ms=A_WEEK))
    vendor.answer_by(lambda h: Canned({}, 401) if h.target == "/parcel" else {})
    reply = await (await deploy(TWO)).post("shipping.validate", CHECKOUT)
    assert reply.reason == "vendor_credentials"
    assert [call["call"] for call in reply.log["calls"]] == ["parcel"]  # type: ignore[attr-defined, index]


async def test_of_two_refusals_the_first_in_the_file_is_told_whichever_came_first(
    deploy: Deploy, vendor: ScriptedVendor
):
    """The second is refused long before the first: reads above a refusal go on to their end."""
    vendor.crowd = 2
    vendor.faults.order(Delay(path="/parcel", delay_ms=100))
    vendor.answer_by(lambda h: Canned({}, 401 if h.target == "/pickup" else 429))
    reply = await (await deploy(TWO)).post("shipping.validate", CHECKOUT)
    assert reply.reason == "vendor_throttled"


async def test_the_answers_stand_in_the_order_of_the_file(deploy: Deploy, vendor: ScriptedVendor):
    """Not in the order in which they could run: `last` needs nothing, `middle` needs `first`."""
    vendor.answer_by(lambda heard: heard.target)
    text = """
mapping: m
contract: shipping.validate
vendor: acme
calls:
  first: {request: {method: GET, path: /1}}
  middle: {request: {method: GET, path: /2, query: {after: calls.first.body}}}
  last: {request: {method: GET, path: /3}}
reply: {set: {shipping_rates: "keys(calls)[].{name: @}"}}
"""
    reply = await (await deploy(text)).post("shipping.validate", CHECKOUT)
    rates = reply.body["checkout"]["shipping_rates"]  # type: ignore[index, call-overload]
    assert rates == [{"name": "first"}, {"name": "middle"}, {"name": "last"}]


@pytest.mark.parametrize("name", ["key", "lines", "reply", "shortage", "call"])
async def test_a_call_may_have_the_name_of_a_step(
    deploy: Deploy, vendor: ScriptedVendor, name: str
):
    vendor.answer_by(of_consume)
    text = CONSUME.replace("credit:", f"{name}:")
    reply = await (await deploy(text)).post("inventory.consume", ORDER)
    steps = {"key", "call:shop", f"call:{name}", f"calls:shop+{name}", "call:stock"}
    steps |= {"lines", "shortage", "call:take", "reply"}
    assert set(reply.log["steps"]) == steps  # type: ignore[call-overload]


Needs = list[set[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Needs:
    """For each call the earlier ones whose answers it reads."""
    count = draw(st.integers(2, 7))
    return [set(draw(st.sets(st.integers(0, max(n - 1, 0)), max_size=n))) for n in range(count)]


def mapping_of(needs: Needs) -> str:
    calls = "\n".join(
        f"  c{number}: {{request: {{method: POST, path: /{number}, body: "
        f'{{seen: "[{", ".join(f"calls.c{each}.body.n" for each in sorted(needed))}]"}}}}}}'
        if needed
        else f"  c{number}: {{request: {{method: GET, path: /{number}}}}}"
        for number, needed in enumerate(needs)
    )
    bodies = ", ".join(f"calls.c{number}.body" for number in range(len(needs)))
    return f"""
mapping: graph
contract: shipping.validate
vendor: acme
calls:
{calls}
reply: {{set: {{shipping_rates: "[{bodies}]"}}}}
"""


def one_after_another(plan: Plan) -> Plan:
    steps = [step for each in plan.steps for step in getattr(each, "calls", (each,))]
    steps.sort(key=lambda step: plan.calls.index(step.call) if hasattr(step, "call") else 99)
    return dataclasses.replace(plan, steps=tuple(steps))


async def both_ways(gateway: Gateway) -> tuple[Reply, Reply]:
    plans = gateway.plans.by_contract
    at_once = await gateway.post("shipping.validate", CHECKOUT)
    usual = plans["shipping.validate"]
    plans["shipping.validate"] = one_after_another(usual)  # type: ignore[index]
    sequential = await gateway.post("shipping.validate", CHECKOUT)
    return at_once, sequential


GRAPHS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def seen_by(heard: Heard) -> Json:
    """An answer that depends on all that the call was told."""
    return {"n": f"{heard.target}<{heard.body.decode()}>"}


@GRAPHS
@given(needs=graphs())
async def test_the_reply_is_that_of_calls_one_after_another(
    deploy: Deploy, vendor: ScriptedVendor, needs: Needs
):
    vendor.answer_by(seen_by)
    at_once, sequential = await both_ways(await deploy(mapping_of(needs)))
    assert (at_once.status, at_once.content) == (200, sequential.content)


@GRAPHS
@given(needs=graphs(), data=st.data())
async def test_the_refusal_is_the_first_in_the_file_among_those_that_could_run(
    deploy: Deploy, vendor: ScriptedVendor, needs: Needs, data: st.DataObject
):
    bad = data.draw(st.sets(st.integers(0, len(needs) - 1), min_size=1))

    def answer(heard: Heard) -> Json | Canned:
        number = int(heard.target[1:])
        return Canned({}, 500 + number) if number in bad else seen_by(heard)

    vendor.answer_by(answer)
    reply = await (await deploy(mapping_of(needs))).post("shipping.validate", CHECKOUT)
    waves: list[int] = []
    for needed in needs:
        waves.append(max((waves[each] + 1 for each in needed), default=0))
    first = min(bad, key=lambda number: (waves[number], number))
    assert reply.details["vendor_status"] == 500 + first


async def test_bodies_are_not_kept_once_the_observer_has_seen_them(
    deploy: Deploy, vendor: ScriptedVendor
):
    fields = {each.name for each in dataclasses.fields(Exchange)}
    assert not fields & {"rounds", "timings"}
    vendor.always({"n": 1})
    reply = await (await deploy(TWO)).post("shipping.validate", CHECKOUT)
    told = [set(call) for call in reply.log["calls"]]  # type: ignore[attr-defined, call-overload]
    assert told == [{"call", "vendor", "status", "ms"}] * 2


async def test_reads_are_grouped_when_the_file_is_loaded(deploy: Deploy):
    plan = (await deploy(CONSUME)).plans.by_contract["inventory.consume"]
    names = [step.name for step in plan.steps]
    assert names == [
        "key",
        "calls:shop+credit",
        "call:stock",
        "lines",
        "shortage",
        "call:take",
        "reply",
    ]
    assert isinstance(plan.steps[1], GroupStep)
    assert re.fullmatch("[a-z]+", plan.steps[1].calls[0].call)
