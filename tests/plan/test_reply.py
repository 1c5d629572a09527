"""What goes back: owned fields, the lines wherever they stand, objects without a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.lossless import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.plan.conftest import Deploy

LINE: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 2}
RATES = """
mapping: rates
contract: shipping.validate
vendor: acme
call: {{request: {{method: GET, path: /rates}}}}
reply:
  set:
    {set}
"""
STOCK = """
mapping: stock
contract: inventory.validate
vendor: acme
call: {request: {method: GET, path: /stock}}
lines:
  from: call
  rows: body
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: 0}
"""
EFFECT = """
mapping: sync
contract: sync.consume
vendor: acme
call:
  request:
    method: POST
    path: /orders
    body: {key: order_key, orders: length(orders), lines: "lines[].variant_id"}
  idempotency: order_key
"""


def rates(fields: str) -> str:
    return RATES.format(set=fields.strip().replace("\n", "\n    "))


async def test_the_mapping_sets_fields_and_leaves_the_rest(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"rates": [{"id": "std", "price": "4.90"}]})
    gateway = await deploy(rates("shipping_rates: body.rates\n'shipping_rate?': body.chosen"))
    checkout: dict[str, Json] = {"shipping_rate": {"id": "old"}, "x": 1, "items": [LINE]}
    reply = await gateway.post("shipping.validate", checkout)
    assert reply.body == {
        "checkout": {**checkout, "shipping_rates": [{"id": "std", "price": "4.90"}]}
    }


async def test_a_field_that_is_set_keeps_its_place(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"rates": []})
    gateway = await deploy(rates("shipping_rates: body.rates"))
    checkout: dict[str, Json] = {"shipping_rates": [{"id": 1}], "items": [LINE]}
    reply = await gateway.post("shipping.validate", checkout)
    assert list(reply.body["checkout"]) == ["shipping_rates", "items"]  # type: ignore[arg-type, call-overload]


@pytest.mark.parametrize("before", [{}, {"meta_data": None}, {"meta_data": [{"a": 1}]}])
async def test_notes_are_added_to_those_that_are_there(
    deploy: Deploy, vendor: ScriptedVendor, before: dict[str, Json]
):
    vendor.say({"note": "late"})
    gateway = await deploy(
        rates("meta_data:\n  $concat:\n    - checkout.meta_data\n    - [{note: body.note}]")
    )
    reply = await gateway.post("shipping.validate", {**before, "items": [LINE]})
    expected = [*(before.get("meta_data") or []), {"note": "late"}]  # type: ignore[misc]
    assert reply.body["checkout"]["meta_data"] == expected  # type: ignore[index]


async def test_a_reply_that_would_break_the_contract_is_not_sent(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"rates": "none"})
    gateway = await deploy(rates("shipping_rates: body.rates"))
    reply = await gateway.post("shipping.validate", {"items": [LINE]})
    assert (reply.status, reply.reason) == (500, "reply_invalid")
    assert "/shipping_rates" in reply.cause
    assert "none" not in str(reply.body)


@pytest.mark.parametrize("field", ["price", "items", "email", "$$x", "meta_data??", "tax"])
def test_only_owned_fields_can_be_set(problems_of: Callable[..., list[str]], field: str):
    assert "not-owned" in problems_of(rates(f"{field}: 1"))


def test_a_consume_sets_nothing(problems_of: Callable[..., list[str]]):
    assert "not-owned" in problems_of(EFFECT + "reply: {set: {meta_data: []}}")


LAYOUTS: dict[str, dict[str, Json]] = {
    "items": {"items": [LINE, {**LINE, "variant_id": "B"}]},
    "order_items": {"order_items": [LINE, {**LINE, "variant_id": "B"}]},
    "orders": {"orders": [{"order_items": [LINE]}, {"order_items": [{**LINE, "variant_id": "B"}]}]},
    "an order without lines beside": {
        "orders": [{"id": "x"}, {"order_items": [LINE, {**LINE, "variant_id": "B"}]}]
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("wrapped", [False, True])
async def test_lines_are_found_and_set_wherever_they_stand(
    deploy: Deploy, vendor: ScriptedVendor, layout: str, *, wrapped: bool
):
    vendor.say([{"id": "A", "n": 5}, {"id": "B", "n": 7}])
    gateway = await deploy(STOCK)
    checkout = LAYOUTS[layout]
    reply = await gateway.post(
        "inventory.validate", {"checkout": checkout} if wrapped else checkout
    )
    assert reply.log["lines"] == 2
    text = reply.content.decode()
    assert text == (
        '{"checkout":'
        + _compact(checkout)
        .replace('"A","quantity":2', '"A","quantity":2,"available":5')
        .replace('"B","quantity":2', '"B","quantity":2,"available":7')
        + "}"
    )


def _compact(document: Json) -> str:
    return dumps(document).decode()


@pytest.mark.parametrize("wrapped", [False, True])
async def test_an_order_of_several_is_one_order_with_all_lines(
    deploy: Deploy, vendor: ScriptedVendor, *, wrapped: bool
):
    vendor.say({})
    gateway = await deploy(EFFECT)
    order = {"id": "o", **LAYOUTS["orders"]}
    reply = await gateway.post("sync.consume", {"order": order} if wrapped else order)
    assert reply.body == {"order": order}
    assert vendor.heard[0].json == {"key": "o", "orders": 2, "lines": ["A", "B"]}


EMPTY: list[dict[str, Json]] = [
    {"id": "x"},
    {"id": "x", "items": []},
    {"id": "x", "items": None},
    {"id": "x", "order_items": [], "orders": []},
    {"id": "x", "orders": [{"order_items": []}]},
]


@pytest.mark.parametrize("document", EMPTY)
@pytest.mark.parametrize("text", [STOCK, rates("shipping_rates: body")], ids=["stock", "rates"])
async def test_a_checkout_without_a_line_goes_back_as_it_came_and_asks_nobody(
    deploy: Deploy, vendor: ScriptedVendor, document: dict[str, Json], text: str
):
    contract = "inventory.validate" if text is STOCK else "shipping.validate"
    reply = await (await deploy(text)).post(contract, document)
    assert (reply.status, reply.body, vendor.heard) == (200, {"checkout": document}, [])


@pytest.mark.parametrize("document", EMPTY)
async def test_an_order_without_a_line_is_refused_and_asks_nobody(
    deploy: Deploy, vendor: ScriptedVendor, document: dict[str, Json]
):
    reply = await (await deploy(EFFECT)).post("sync.consume", document)
    assert (reply.status, reply.reason, vendor.heard) == (400, "no_lines", [])
