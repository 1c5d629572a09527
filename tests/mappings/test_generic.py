"""The generic order mapping before the faked order system."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import faults

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.mappings.conftest import Open, Orders

ADDRESS: dict[str, Json] = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 High Street",
    "city": "York",
    "state": "Yorkshire",
    "zip": "YO1",
    "country_iso2": "GB",
}
LINE: dict[str, Json] = {
    "product_id": "p",
    "variant_id": "A",
    "sku": "S",
    "quantity": 2,
    "price": "9.95",
}
ORDER: dict[str, Json] = {
    "id": "o-1",
    "currency": "EUR",
    "price": "19.90",
    "email": "a@b.example",
    "created_at": "2026-11-22T11:00:00Z",
    "shipping_address": ADDRESS,
    "order_items": [LINE],
}


def sent(orders: Orders) -> list[dict[str, Json]]:
    return [
        json.loads(each.body, parse_float=Decimal)
        for each in orders.simulator.ledger.requests
        if each.body
    ]


async def test_an_order_arrives_whole_and_goes_back_as_it_came(open_orders: Open, orders: Orders):
    reply = await (await open_orders(orders.url)).post("sync.consume", ORDER)
    assert reply.body == {"order": ORDER}
    assert list(orders.simulator.orders.values()) == [
        {
            "reference": "o-1",
            "currency": "EUR",
            "total": Decimal("19.90"),
            "placed_at": "2026-11-22T11:00:00Z",
            "email": "a@b.example",
            "lines": [
                {
                    "sku": "S",
                    "product_id": "p",
                    "variant_id": "A",
                    "quantity": 2,
                    "unit_price": Decimal("9.95"),
                }
            ],
            "ship_to": {
                "name": "Ann Lee",
                "address1": "1 High Street",
                "city": "York",
                "region": "Yorkshire",
                "postcode": "YO1",
                "country": "GB",
            },
        }
    ]


async def test_money_keeps_its_last_zero(open_orders: Open, orders: Orders):
    await (await open_orders(orders.url)).post("sync.consume", ORDER)
    assert '"total":19.90' in str(orders.simulator.ledger.requests[0].body)


async def test_what_an_order_does_not_say_is_left_out(open_orders: Open, orders: Orders):
    bare = {key: ORDER[key] for key in ("id", "currency", "price", "order_items")}
    reply = await (await open_orders(orders.url)).post("sync.consume", bare)
    assert reply.status == 200, reply.cause
    assert sent(orders)[0].keys() == {"reference", "currency", "total", "lines"}


async def test_the_address_of_the_first_part_counts_where_the_order_has_none(
    open_orders: Open, orders: Orders
):
    parts = [{"order_items": [LINE], "shipping_address": ADDRESS}, {"order_items": [LINE]}]
    order = {key: ORDER[key] for key in ("id", "currency", "price")} | {"orders": parts}
    reply = await (await open_orders(orders.url)).post("sync.consume", order)
    assert reply.status == 200, reply.cause
    (arrived,) = sent(orders)
    assert arrived["ship_to"]["city"] == "York"  # type: ignore[index, call-overload]
    assert len(arrived["lines"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["currency", "price"])
async def test_an_order_that_lacks_what_the_vendor_needs_is_refused_unsent(
    open_orders: Open, orders: Orders, field: str
):
    order = {key: value for key, value in ORDER.items() if key != field}
    reply = await (await open_orders(orders.url)).post("sync.consume", order)
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert f"order.{field}" in reply.cause
    assert orders.simulator.ledger.requests == []


async def test_an_incomplete_address_is_refused_unsent(open_orders: Open, orders: Orders):
    order = {**ORDER, "shipping_address": {**ADDRESS, "city": None}}
    reply = await (await open_orders(orders.url)).post("sync.consume", order)
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "`ship.city` is null" in reply.cause


async def test_the_same_order_again_is_one_order(open_orders: Open, orders: Orders):
    gateway = await open_orders(orders.url)
    replies = [await gateway.post("sync.consume", ORDER) for _ in range(3)]
    assert [reply.status for reply in replies] == [200] * 3
    assert len(orders.simulator.orders) == 1
    requests = orders.simulator.ledger.requests
    assert len({(each.body, each.headers["idempotency-key"]) for each in requests}) == 1


async def test_an_order_that_changed_is_refused(open_orders: Open, orders: Orders):
    gateway = await open_orders(orders.url)
    await gateway.post("sync.consume", ORDER)
    reply = await gateway.post("sync.consume", {**ORDER, "price": "20.00"})
    assert (reply.status, reply.reason) == (422, "refused")
    assert reply.error["error"] == "This order was already sent, with other content"
    assert len(orders.simulator.orders) == 1


async def test_an_unknown_item_is_named(open_orders: Open, orders: Orders):
    orders.simulator.known = frozenset({"other"})
    reply = await (await open_orders(orders.url)).post("sync.consume", ORDER)
    assert (reply.status, reply.error["category"]) == (422, "sync_service")
    assert reply.details["problems"] == [{"field": "lines[0].sku", "message": "S is unknown."}]


async def test_a_wrong_key_is_our_trouble(open_orders: Open, orders: Orders):
    reply = await (await open_orders(orders.url, key="wrong")).post("sync.consume", ORDER)
    assert (reply.status, reply.reason) == (500, "vendor_credentials")


async def test_an_order_system_out_of_reach_is_our_trouble(open_orders: Open):
    reply = await (await open_orders("http://127.0.0.1:9")).post("sync.consume", ORDER)
    assert (reply.status, reply.reason) == (500, "vendor_unreachable")


async def test_a_lost_answer_leaves_the_order_in_doubt_and_a_repeat_is_safe(
    open_orders: Open, orders: Orders
):
    orders.simulator.faults.order(faults.ResetAfterRead(applied=True))
    gateway = await open_orders(orders.url)
    reply = await gateway.post("sync.consume", ORDER)
    assert (reply.status, reply.reason, reply.details["repeat"]) == (500, "in_doubt", "safe")
    assert (await gateway.post("sync.consume", ORDER)).status == 200
    assert len(orders.simulator.orders) == 1


ANSWERS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "code", "id", "status", "problems"]), inner)
    ),
    max_leaves=6,
)
KNOWN = st.fixed_dictionaries(
    {"error": st.fixed_dictionaries({"code": st.sampled_from(["unknown_sku", "invalid"])})}
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answer=ANSWERS | KNOWN, status=st.sampled_from([200, 201, 202, 400, 401, 409, 422, 500]))
async def test_whatever_is_answered_the_envelope_is_valid(
    open_orders: Open,
    vendor: ScriptedVendor,
    envelope: Draft202012Validator,
    answer: Json,
    status: int,
):
    vendor.reset()
    vendor.say(answer, status)
    reply = await (await open_orders(vendor.url)).post("sync.consume", ORDER)
    assert [error.message for error in envelope.iter_errors(json.loads(reply.content))] == []
    assert reply.reason not in {"internal", "reply_invalid", "vendor_request"}
    assert reply.status in {200, 422, 500}
