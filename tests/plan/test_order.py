"""The order of evaluation: key, reads, joins, shortage, the effect, the reply."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gateway.plan.journal import Spot
from gateway.vendors.client import Answer
from tests.plan.journals import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.plan.conftest import Deploy

LINE: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 2}
ORDER: dict[str, Json] = {"id": "o-1", "order_items": [LINE]}
MAPPING = """
mapping: steps
contract: inventory.consume
vendor: acme
calls:
  token: {request: {method: GET, path: /token}}
  stock:
    effect: false
    request: {method: POST, path: /stock, body: {token: calls.token.body.token}}
  take:
    request:
      method: POST
      path: /take
      body: {key: order_key, token: calls.token.body.token, ref: calls.stock.body.ref}
    idempotency: order_key
lines:
  from: stock
  rows: body.rows
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: 0}
  shortage: reject
delivery: {key: order_key}
"""


def answers(vendor: ScriptedVendor, stock: int = 9) -> None:
    vendor.say({"token": "t"})
    vendor.say({"ref": "r", "rows": [{"id": "A", "n": stock}]})
    vendor.say({"done": True})


async def test_reads_then_the_join_then_the_effect(deploy: Deploy, vendor: ScriptedVendor):
    answers(vendor)
    reply = await (await deploy(MAPPING)).post("inventory.consume", ORDER)
    assert reply.body == {"order": ORDER}
    assert list(reply.log["steps"]) == [
        "key",
        "call:token",
        "call:stock",
        "lines",
        "shortage",
        "call:take",
        "reply",
    ]  # type: ignore[call-overload]
    assert [heard.target for heard in vendor.heard] == ["/token", "/stock", "/take"]


async def test_a_later_call_sees_the_answers_of_earlier_ones(
    deploy: Deploy, vendor: ScriptedVendor
):
    answers(vendor)
    await (await deploy(MAPPING)).post("inventory.consume", ORDER)
    assert vendor.heard[1].json == {"token": "t"}
    assert vendor.heard[2].json == {"key": "o-1", "token": "t", "ref": "r"}


async def test_a_shortage_ends_the_exchange_before_the_effect(
    deploy: Deploy, vendor: ScriptedVendor
):
    answers(vendor, stock=1)
    reply = await (await deploy(MAPPING)).post("inventory.consume", ORDER)
    assert reply.reason == "out_of_stock"
    assert [heard.target for heard in vendor.heard] == ["/token", "/stock"]


@pytest.mark.parametrize(
    "key",
    [{}, {"id": None}, {"id": ""}, {"id": " \t"}, {"metadata": {"order_id": ""}}],
)
async def test_an_order_without_a_key_calls_no_vendor(
    deploy: Deploy, vendor: ScriptedVendor, key: dict[str, Json]
):
    gateway = await deploy(MAPPING)
    reply = await gateway.post("inventory.consume", {**key, "order_items": [LINE]})
    assert (reply.status, reply.reason, vendor.heard) == (400, "key_missing", [])


@pytest.mark.parametrize(
    ("expression", "order", "key"),
    [
        ("order_key", {"id": 7}, "7"),
        ("order_key", {"order_id": "b", "metadata": {"order_id": "z"}}, "b"),
        ("order_key", {"client_data": {"order_id": "c"}}, "c"),
        ("order.number", {"number": 12345678901234567890123}, "12345678901234567890123"),
        ("join('-', [order.shop, order.id])", {"shop": "s", "id": "1"}, "s-1"),
    ],
)
async def test_the_key_is_what_the_mapping_says(
    deploy: Deploy, vendor: ScriptedVendor, expression: str, order: dict[str, Json], key: str
):
    answers(vendor)
    text = MAPPING.replace("order_key", "own") + f'\nlet: {{own: "{expression}"}}\n'
    reply = await (await deploy(text)).post("inventory.consume", {**order, "order_items": [LINE]})
    assert (reply.status, reply.log["key"]) == (200, key)


async def test_an_id_of_zero_is_no_id(deploy: Deploy, vendor: ScriptedVendor):
    """It is what an unsaved order has, and all of them would be the same."""
    order: dict[str, Json] = {"id": 0, "order_items": [LINE]}
    reply = await (await deploy(MAPPING)).post("inventory.consume", order)
    assert (reply.status, reply.reason, vendor.heard) == (400, "key_missing", [])


async def test_an_idempotency_value_that_is_null_is_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor
):
    """Left out under a `?` key it would make every repeat unsafe."""
    text = """
mapping: m
contract: sync.consume
vendor: acme
call:
  request: {method: POST, path: /take, body: {"ref?": order.ref}}
  idempotency: order.ref
"""
    reply = await (await deploy(text)).post("sync.consume", {"id": "1", "order_items": [LINE]})
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


@pytest.mark.parametrize(
    "homes",
    [
        {"items": [LINE], "order_items": [LINE]},
        {"order_items": [LINE], "orders": [{"order_items": [LINE]}]},
    ],
)
async def test_an_order_that_names_a_variant_in_two_places_is_refused(
    deploy: Deploy, vendor: ScriptedVendor, homes: dict[str, Json]
):
    """Nobody knows whether one or two were bought: a guess could take stock twice."""
    reply = await (await deploy(MAPPING)).post("inventory.consume", {"id": "1", **homes})
    assert (reply.status, reply.reason, vendor.heard) == (400, "invalid", [])


@pytest.mark.parametrize(
    "key", ["order.list", "order.yes", "order.half", "order.none", "to_int('x')", "' '"]
)
async def test_a_key_that_is_neither_text_nor_whole_is_no_key(
    deploy: Deploy, vendor: ScriptedVendor, key: str
):
    text = MAPPING.replace("delivery: {key: order_key}", f'delivery: {{key: "{key}"}}')
    own: dict[str, Json] = {"id": "o", "list": [1], "yes": True, "half": Decimal("1.5")}
    order = {**own, "order_items": [LINE]}
    reply = await (await deploy(text)).post("inventory.consume", order)
    assert (reply.status, reply.reason, vendor.heard) == (400, "key_missing", [])


TWO = """
mapping: two
contract: shipping.validate
vendor: acme
calls:
  mine: {request: {method: GET, path: /mine}}
  theirs:
    vendor: other
    request: {method: POST, path: /theirs, body: {seen: calls.mine.body.n}}
reply: {set: {shipping_rates: "[calls.mine.body, calls.theirs.body]"}}
"""


async def test_one_mapping_may_call_two_vendors(
    deploy: Deploy, vendor: ScriptedVendor, vendor_of: Callable[[], ScriptedVendor]
):
    other = vendor_of()
    vendor.say({"n": 1})
    other.say({"n": 2})
    gateway = await deploy(TWO, vendors={"acme": vendor.url, "other": other.url})
    reply = await gateway.post("shipping.validate", {"items": [LINE]})
    assert reply.body["checkout"]["shipping_rates"] == [{"n": 1}, {"n": 2}]  # type: ignore[index]
    assert ([heard.target for heard in vendor.heard], other.heard[0].json) == (
        ["/mine"],
        {"seen": 1},
    )


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("{token: calls.token.body.token}", "{token: calls.take.body.token}", ["call-order"]),
        ("{token: calls.token.body.token}", "{token: calls.tokn.body.token}", ["unknown-call"]),
        ("effect: false\n    ", "", ["effect-order", "unsafe-repeat"]),
        ("vendor: acme", "vendor: acne", ["unknown-vendor"]),
        ("contract: inventory.consume", "contract: inventory.consum", ["unknown-contract"]),
        ("    idempotency: order_key\n", "    idempotency: lines\n", ["unused-idempotency"]),
        ("    idempotency: order_key\n", "    idempotency: order\n", ["unused-idempotency"]),
        ("    idempotency: order_key\n", "", ["unsafe-repeat"]),
    ],
)
def test_what_can_not_run_in_order_is_found_at_load(
    problems_of: Callable[..., list[str]], old: str, new: str, codes: list[str]
):
    assert old in MAPPING
    assert set(codes) <= set(problems_of(MAPPING.replace(old, new)))


async def test_only_the_effect_goes_through_the_journal_with_its_very_bytes(
    deploy: Deploy, vendor: ScriptedVendor
):
    answers(vendor)
    journal = Remembering()
    reply = await (await deploy(MAPPING, journal=journal)).post("inventory.consume", ORDER)
    assert reply.status == 200
    ((spot, request),) = journal.intents
    assert spot == Spot("take")
    assert (request.method, request.target) == ("POST", "/take")
    assert request.body == vendor.heard[2].body
    assert request.effect


async def test_a_journal_that_knows_the_answer_prevents_the_sending(
    deploy: Deploy, vendor: ScriptedVendor
):
    answers(vendor)
    journal = Remembering(Answer(200, {}, b'{"done": true}'), "done")
    reply = await (await deploy(MAPPING, journal=journal)).post("inventory.consume", ORDER)
    assert reply.status == 200
    assert [heard.target for heard in vendor.heard] == ["/token", "/stock"]


async def test_a_remembered_refusal_is_told_as_the_vendors_own(
    deploy: Deploy, vendor: ScriptedVendor
):
    answers(vendor)
    journal = Remembering(Answer(409, {}, b"{}"), "no")
    reply = await (await deploy(MAPPING, journal=journal)).post("inventory.consume", ORDER)
    assert (reply.status, reply.reason) == (422, "refused")


async def test_a_repeat_of_an_order_renders_the_same_bytes(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(MAPPING)
    for _ in range(2):
        answers(vendor)
        await gateway.post("inventory.consume", ORDER)
    first, second = (heard for heard in vendor.heard if heard.target == "/take")
    assert first.body == second.body
