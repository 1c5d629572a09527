"""One key, one effect: repeats, changes, orders that come at once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest

from gateway.lossless import dumps
from simulators.faults import ResetAfterRead, Status
from tests.conftest import SECRET
from tests.orders.conftest import TAKE, crash, order, until_answered

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.orders.conftest import Deploy


async def test_a_repeat_gets_the_answer_and_nothing_is_sent(
    deploy: Deploy, vendor: ScriptedVendor, storage: str
):
    vendor.always({})
    gateway = await deploy(TAKE, durable=True, storage={"url": storage})
    replies = [await gateway.post("inventory.consume", order()) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert replies[2].body == {"order": order()}
    assert len(vendor.heard) == 1


async def test_a_repeat_after_a_restart_gets_the_answer_too(
    deploy: Deploy, vendor: ScriptedVendor, storage: str
):
    vendor.always({})
    first = await deploy(TAKE, durable=True, storage={"url": storage})
    await first.post("inventory.consume", order())
    await first.stop()
    second = await deploy(TAKE, durable=True, storage={"url": storage})
    assert (await second.post("inventory.consume", order())).status == 200
    assert len(vendor.heard) == 1


async def test_orders_that_come_at_once_are_delivered_once_and_all_are_answered(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.always({})
    vendor.linger = 0.05
    gateway = await deploy(TAKE, durable=True)
    client, path = gateway.client, gateway.plans.paths["inventory.consume"]
    headers = _signed(order())
    answers = await asyncio.gather(
        *(client.post(path, content=headers[0], headers=headers[1]) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len(vendor.heard) == 1


def _signed(document: dict[str, Json]) -> tuple[bytes, dict[str, str]]:
    body = dumps(document)
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-nacelle-signature-sha256": digest}
    return body, headers


async def test_a_new_timestamp_makes_no_other_order(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always({})
    gateway = await deploy(TAKE, durable=True)
    await gateway.post("inventory.consume", order(modified_at="10:00"))
    reply = await gateway.post("inventory.consume", order(modified_at="10:05"))
    assert reply.body == {"order": order(modified_at="10:05")}
    assert len(vendor.heard) == 1


@pytest.mark.parametrize(
    "changed", [{"quantity": 3}, {"price": "11.00"}, {"currency": "USD"}, {"tax": "1.00"}]
)
async def test_another_order_under_the_same_key_is_refused(
    deploy: Deploy, vendor: ScriptedVendor, changed: dict[str, Json]
):
    vendor.always({})
    gateway = await deploy(TAKE, durable=True)
    await gateway.post("inventory.consume", order())
    reply = await gateway.post("inventory.consume", order(**changed))  # type: ignore[arg-type]
    assert (reply.status, reply.reason) == (422, "key_reused")
    (told,) = gateway.told("key reused")
    assert told["first"] != told["second"]
    assert len(vendor.heard) == 1


async def test_what_makes_orders_the_same_is_the_mappings_to_say(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.always({})
    gateway = await deploy(TAKE + "delivery: {same: order.version}\n", durable=True)
    await gateway.post("inventory.consume", order(version=1))
    assert (await gateway.post("inventory.consume", order(quantity=9, version=1))).status == 200
    assert (await gateway.post("inventory.consume", order(version=2))).reason == "key_reused"


async def test_a_changed_order_may_be_answered_as_the_first(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always({})
    gateway = await deploy(TAKE + "delivery: {changed: ignore}\n", durable=True)
    await gateway.post("inventory.consume", order())
    assert (await gateway.post("inventory.consume", order(quantity=5))).status == 200
    assert len(vendor.heard) == 1


async def test_a_changed_order_may_be_delivered_as_well(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always({})
    mapping = TAKE.replace("key: order_key", 'key: "uuid5(order_key, attempt)"').replace(
        "idempotency: order_key", "idempotency: uuid5(order_key, attempt)"
    )
    gateway = await deploy(mapping + "delivery: {changed: send}\n", durable=True)
    for quantity in (1, 1, 2):
        reply = await gateway.post("inventory.consume", order(quantity=quantity))
        assert reply.status == 200
    bodies = [heard.json for heard in vendor.heard]
    assert [body["quantity"] for body in bodies] == [1, 2]  # type: ignore[call-overload, index]
    assert bodies[0]["key"] != bodies[1]["key"]  # type: ignore[call-overload, index]


async def test_an_order_without_a_key_is_refused_before_anything_is_stored(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(TAKE, durable=True)
    reply = await gateway.post("inventory.consume", {"order_items": order()["order_items"]})
    assert (reply.status, reply.reason) == (400, "key_missing")
    assert vendor.heard == []


async def test_an_order_that_was_refused_frees_its_key(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"error": "no"}, status=422)
    vendor.say({})
    gateway = await deploy(TAKE, durable=True)
    reply = await gateway.post("inventory.consume", order())
    assert (reply.status, reply.reason) == (422, "refused")
    assert (await gateway.post("inventory.consume", order(quantity=1))).status == 200
    assert [heard.json["quantity"] for heard in vendor.heard] == [2, 1]  # type: ignore[call-overload, index]


async def test_an_order_that_was_surely_never_sent_frees_its_key(
    deploy: Deploy, vendor: ScriptedVendor
):
    dead = {"base_url": "http://127.0.0.1:9", "timeout": {"total": "1s"}}
    first = await deploy(TAKE, durable=True, vendors={"acme": dead})
    assert (await first.post("inventory.consume", order())).reason == "vendor_unreachable"
    await first.stop()
    vendor.always({})
    second = await deploy(TAKE, durable=True)
    assert (await second.post("inventory.consume", order(quantity=7))).status == 200


async def test_a_repeat_of_what_was_sent_carries_the_same_bytes_also_after_a_crash(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.crowd = 2  # the first request waits for an answer until the second is there
    vendor.always({})
    first = await deploy(TAKE, durable=True, nacelle=_impatient())
    assert (await first.post("inventory.consume", order())).reason == "in_progress"
    await crash(first)
    second = await deploy(TAKE, durable=True)
    reply = await until_answered(second, order(modified_at="later"))
    assert reply.status == 200
    assert len(vendor.heard) == 2
    assert vendor.heard[0].body == vendor.heard[1].body


def _impatient() -> dict[str, Json]:
    return {"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "300ms"}


async def test_an_order_is_finished_with_the_mapping_that_it_began_with(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(ResetAfterRead(applied=False), Status(status=503), Status(status=503))
    vendor.always({})
    old = TAKE.replace("body: {key", "body: {made_by: \"'old'\", key")
    first = await deploy(old, durable=True, nacelle=_impatient())
    assert (await first.post("inventory.consume", order())).reason == "in_progress"
    await crash(first)
    vendor.faults.clear()
    second = await deploy(TAKE.replace("/take", "/newer"), durable=True)
    assert (await until_answered(second, order())).status == 200
    assert {heard.target for heard in vendor.heard} == {"/take"}
    assert (await second.post("inventory.consume", order("o-2"))).status == 200
    assert vendor.heard[-1].target == "/newer"
