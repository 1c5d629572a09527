"""`when`: a call that isn't made, and what is seen of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.plan.journal import ForgetfulJournal

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.plan.conftest import Deploy

LINE: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 1, "available": 3}
STOCK = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  when: checkout.ask
  request: {method: GET, path: /stock}
lines:
  from: call
  rows: body
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: error
"""


async def test_a_call_is_made_where_its_when_is_true(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always([{"id": "A", "n": 5}])
    checkout: Json = {"ask": True, "items": [LINE]}
    reply = await (await deploy(STOCK)).post("inventory.validate", checkout)
    assert reply.body["checkout"]["items"][0]["available"] == 5  # type: ignore[index, call-overload]


@pytest.mark.parametrize("no", [False, "", [], {}])
async def test_the_lines_of_a_skipped_call_stay_as_they_came(
    deploy: Deploy, vendor: ScriptedVendor, no: Json
):
    checkout: Json = {"ask": no, "items": [LINE]}
    reply = await (await deploy(STOCK)).post("inventory.validate", checkout)
    assert (reply.status, reply.body["checkout"], vendor.heard) == (200, checkout, [])


async def test_null_is_no_answer_to_when(deploy: Deploy, vendor: ScriptedVendor):
    """A misspelt field must not switch a call off."""
    reply = await (await deploy(STOCK)).post("inventory.validate", {"items": [LINE]})
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


@pytest.mark.parametrize(
    ("when", "status", "reason"),
    [
        ("to_int(checkout.ask)", 400, "missing_data"),
        ("settings.ask", 500, "config"),
        ("to_int(settings.word)", 500, "config"),
    ],
)
async def test_a_when_that_fails_is_refused_by_whose_data_it_is(
    deploy: Deploy, vendor: ScriptedVendor, when: str, status: int, reason: str
):
    gateway = await deploy(STOCK.replace("checkout.ask", when), settings={"word": "x", "ask": None})
    reply = await gateway.post("inventory.validate", {"ask": "x", "items": [LINE]})
    assert (reply.status, reply.reason, vendor.heard) == (status, reason, [])


TWO = """
mapping: rates
contract: shipping.validate
vendor: acme
calls:
  first: {request: {method: GET, path: /1}}
  second:
    when: calls.first.body.more
    request: {method: GET, path: /2}
reply: {set: {shipping_rates: "[calls.second.status, calls.second.body, calls.second.headers]"}}
"""


async def test_a_skipped_calls_answer_is_null_and_when_waits_for_what_it_reads(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(TWO)
    vendor.say({"more": False})
    reply = await gateway.post("shipping.validate", {"items": [LINE]})
    assert reply.body["checkout"]["shipping_rates"] == [None, None, {}]  # type: ignore[index, call-overload]
    assert [heard.target for heard in vendor.heard] == ["/1"]


async def test_a_when_on_a_vendors_null_is_a_useless_answer(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"mor": True})
    reply = await (await deploy(TWO)).post("shipping.validate", {"items": [LINE]})
    assert (reply.status, reply.reason) == (500, "vendor_answer")


async def test_a_skipped_effect_is_no_attempt(deploy: Deploy, vendor: ScriptedVendor):
    text = """
mapping: take
contract: sync.consume
vendor: acme
call:
  when: order.wanted
  request: {method: POST, path: /take, body: {key: order_key}}
  idempotency: order_key
"""
    order: dict[str, Json] = {"id": "1", "wanted": False, "order_items": [LINE]}
    reply = await (await deploy(text, journal=NeverAsked())).post("sync.consume", order)
    assert (reply.status, reply.body, vendor.heard) == (200, {"order": order}, [])


class NeverAsked(ForgetfulJournal):
    """A journal that no effect may reach."""

    async def intend(self, spot: object, request: object) -> None:
        raise AssertionError((spot, request))
