"""Sent and never answered: repeated, asked about, or held; never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.faults import ResetAfterRead, Status
from tests.conftest import Canned
from tests.orders.conftest import LOOKING, TAKE, UNKNOWABLE, WITH_FIND, crash, order, until_answered

if TYPE_CHECKING:
    from tests.conftest import Heard, ScriptedVendor
    from tests.orders.conftest import Deploy

IMPATIENT = {"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "400ms"}


async def test_where_the_vendor_knows_repeats_the_same_bytes_are_sent_again(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(ResetAfterRead(applied=False))
    vendor.always({})
    gateway = await deploy(TAKE, durable=True)
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert len(vendor.heard) == 1  # the reset one isn't among them


@pytest.mark.parametrize("status", [500, 503, 408])
async def test_an_error_of_the_vendors_is_a_doubt_too(
    deploy: Deploy, vendor: ScriptedVendor, status: int
):
    vendor.say({}, status=status)
    vendor.always({})
    gateway = await deploy(TAKE, durable=True)
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert vendor.heard[0].body == vendor.heard[1].body


async def test_a_no_to_a_repeat_says_nothing_of_what_was_sent_before(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(ResetAfterRead(applied=True))
    vendor.answer_by(lambda _: Canned({"error": "conflict"}, 409))
    gateway = await deploy(TAKE, durable=True, nacelle=IMPATIENT)
    assert (await gateway.post("inventory.consume", order())).reason == "in_progress"


async def test_what_the_vendor_has_is_found_and_not_sent_again(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(ResetAfterRead(applied=True, method="POST"))
    vendor.always({"id": "N-1"})
    gateway = await deploy(WITH_FIND, durable=True)
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert [heard.method for heard in vendor.heard if heard.method == "POST"] in ([], ["POST"])
    assert vendor.heard[-1].target == "/taken/o-1"
    (told,) = gateway.told("delivery")
    assert (told["state"], told["tries"]) == ("done", 1)


async def test_what_the_vendor_does_not_have_is_sent_again(deploy: Deploy, vendor: ScriptedVendor):
    def answer(heard: Heard) -> Canned:
        return Canned({"id": "N"}) if heard.method == "POST" else Canned({}, 404)

    vendor.faults.order(ResetAfterRead(applied=False, method="POST"))
    vendor.answer_by(answer)
    spec = {"base_url": vendor.url, "timeout": {"total": "300ms"}}
    gateway = await deploy(WITH_FIND, durable=True, vendors={"acme": spec})
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert [heard.method for heard in vendor.heard if heard.method == "POST"] == ["POST"]


async def test_a_question_that_fails_leaves_the_doubt_and_nothing_is_sent(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(
        ResetAfterRead(applied=False, method="POST"), Status(status=500, method="GET", times=50)
    )
    gateway = await deploy(WITH_FIND, durable=True, nacelle=IMPATIENT)
    assert (await gateway.post("inventory.consume", order())).reason == "in_progress"
    assert [heard for heard in vendor.heard if heard.method == "POST"] == []
    vendor.faults.clear()
    vendor.always({"id": "N"})
    assert (await until_answered(gateway, order())).status == 200


async def test_what_nobody_can_know_is_held_and_stays_so(deploy: Deploy, vendor: ScriptedVendor):
    vendor.faults.order(ResetAfterRead(applied=False))
    vendor.always({})
    gateway = await deploy(UNKNOWABLE, durable=True)
    for _ in range(2):
        reply = await gateway.post("inventory.consume", order())
        assert (reply.status, reply.reason) == (500, "in_doubt")
        assert reply.details["held"] is True
    assert vendor.heard == []
    (told,) = gateway.told("delivery")
    assert (told["state"], told["effect"], told["level"]) == ("held", "doubt", "error")
    changed = await gateway.post("inventory.consume", order(quantity=9))
    assert changed.reason == "key_reused"


async def test_a_crash_in_the_middle_of_sending_is_a_doubt(deploy: Deploy, vendor: ScriptedVendor):
    vendor.linger = 1.0
    first = await deploy(UNKNOWABLE, durable=True, nacelle=IMPATIENT)
    assert (await first.post("inventory.consume", order())).reason == "in_progress"
    await crash(first)
    second = await deploy(UNKNOWABLE, durable=True)
    assert (await until_answered(second, order())).reason == "in_doubt"
    assert len(vendor.heard) == 1


async def test_a_crash_before_anything_was_sent_is_none(deploy: Deploy, vendor: ScriptedVendor):
    mapping = LOOKING
    vendor.linger = 1.0
    vendor.always({})
    first = await deploy(mapping, durable=True, nacelle=IMPATIENT)
    reply = await first.post("inventory.consume", order())
    assert reply.reason in {"in_progress", "deadline", "vendor_timeout"}
    await crash(first)
    second = await deploy(mapping, durable=True)
    assert (await until_answered(second, order())).status == 200
    assert [heard.target for heard in vendor.heard] == ["/look", "/look", "/take"]


async def test_a_rule_may_say_that_the_vendor_has_it_already(
    deploy: Deploy, vendor: ScriptedVendor
):
    mapping = WITH_FIND + "  errors: [{when: status == `409`, then: find}]\n"

    def answer(heard: Heard) -> Canned:
        return Canned({}, 409) if heard.method == "POST" else Canned({"id": "N"})

    vendor.answer_by(answer)
    gateway = await deploy(mapping, durable=True)
    assert (await gateway.post("inventory.consume", order())).status == 200


async def test_a_rule_may_take_an_error_for_done(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"error": "exists"}, status=409)
    mapping = TAKE + "  errors: [{when: body.error == 'exists', then: done}]\n"
    gateway = await deploy(mapping, durable=True)
    assert (await gateway.post("inventory.consume", order())).status == 200


async def test_a_yes_without_the_result_is_a_doubt_and_is_not_sent_again(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.always({"ok": True})
    gateway = await deploy(UNKNOWABLE + "  result: body.id\n", durable=True)
    for _ in range(2):
        reply = await gateway.post("inventory.consume", order())
        assert (reply.status, reply.reason) == (500, "in_doubt")
    assert len(vendor.heard) == 1
