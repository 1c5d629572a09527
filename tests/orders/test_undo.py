"""Several effects: each once, and taken back in reverse when a later one fails for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.faults import ResetAfterRead, Status
from tests.conftest import Canned
from tests.orders.conftest import crash, order, until_answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Heard, ScriptedVendor
    from tests.orders.conftest import Deploy

IMPATIENT = {"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "400ms"}

TWO = """
mapping: two
contract: sync.consume
vendor: acme
let: {key: "uuid5(order_key, attempt)"}
calls:
  take:
    request: {method: POST, path: /take, body: {key: key}}
    idempotency: key
    undo:
      request: {method: DELETE, path: "/take/{order_key}", body: {was: body.id}}
      idempotency: order_key
      errors: [{when: status == `404`, then: done}]
  ship:
    request: {method: POST, path: /ship, body: {key: key, taken: calls.take.body.id}}
    idempotency: key
"""

EACH = """
mapping: each
contract: sync.consume
vendor: acme
calls:
  take:
    each: orders
    as: sub
    let: {key: "uuid5(order_key, sub.id, attempt)"}
    request: {method: POST, path: "/take/{sub.id}", body: {key: key}}
    idempotency: key
    undo:
      let: {back: "uuid5(order_key, sub.id, attempt, 'undo')"}
      request: {method: POST, path: "/back/{sub.id}", body: {key: back}}
      idempotency: back
"""


def said(vendor: ScriptedVendor) -> list[str]:
    return [f"{heard.method} {heard.target}" for heard in vendor.heard]


def parts(*ids: str) -> dict[str, Json]:
    subs: list[Json] = [
        {"id": id_, "order_items": [{"product_id": "p", "variant_id": id_, "quantity": 1}]}
        for id_ in ids
    ]
    return {"id": "o-1", "orders": subs}


def answering(**statuses: int) -> Callable[[Heard], Canned]:
    """Answer a path that ends like this with a status, everything else with a new id."""

    def answer(heard: Heard) -> Canned:
        for end, status in statuses.items():
            if heard.target.endswith(f"/{end}"):
                return Canned({"error": end}, status)
        return Canned({"id": "N-1"})

    return answer


async def test_effects_run_in_the_order_of_the_file_and_a_repeat_sends_neither(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(answering())
    gateway = await deploy(TWO, durable=True)
    for _ in range(2):
        assert (await gateway.post("sync.consume", order())).status == 200
    assert said(vendor) == ["POST /take", "POST /ship"]
    assert vendor.heard[1].json["taken"] == "N-1"  # type: ignore[call-overload, index]


async def test_what_was_done_is_taken_back_and_the_reply_says_so(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(answering(ship=422))
    gateway = await deploy(TWO, durable=True)
    reply = await gateway.post("sync.consume", order())
    assert (reply.status, reply.reason, reply.details["undone"]) == (422, "refused", ["take"])
    assert said(vendor) == ["POST /take", "POST /ship", "DELETE /take/o-1"]
    assert vendor.heard[2].json == {"was": "N-1"}


async def test_an_order_that_was_undone_may_come_again_and_is_no_repeat_to_the_vendor(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(answering(ship=422))
    gateway = await deploy(TWO, durable=True)
    await gateway.post("sync.consume", order())
    vendor.answer_by(answering())
    assert (await gateway.post("sync.consume", order())).status == 200
    keys = [heard.json["key"] for heard in vendor.heard if heard.method == "POST"]  # type: ignore[call-overload, index]
    assert keys[0] == keys[1] != keys[2] == keys[3]


async def test_a_doubt_about_a_later_effect_takes_nothing_back(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(ResetAfterRead(applied=False, path="/ship"))
    vendor.answer_by(answering())
    gateway = await deploy(TWO, durable=True)
    assert (await gateway.post("sync.consume", order())).status == 200
    assert said(vendor) == ["POST /take", "POST /ship"]


async def test_an_undoing_goes_on_after_a_crash_and_nothing_new_is_begun(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(answering(ship=422))
    vendor.faults.order(Status(status=503, method="DELETE", times=99))
    first = await deploy(TWO, durable=True, nacelle=IMPATIENT)
    assert (await first.post("sync.consume", order())).reason == "in_progress"
    await crash(first)
    vendor.faults.clear()
    vendor.answer_by(answering())  # the second effect would succeed now: it must not be sent
    second = await deploy(TWO, durable=True)
    reply = await until_answered(second, order())
    assert (reply.status, reply.details["undone"]) == (422, ["take"])
    assert said(vendor).count("POST /ship") == 1


async def test_an_undo_that_fails_holds_the_order_for_a_person(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(answering(**{"ship": 422, "o-1": 409}))
    gateway = await deploy(TWO, durable=True)
    reply = await gateway.post("sync.consume", order())
    assert (reply.reason, reply.details["held"]) == ("undo_failed", True)
    assert (await gateway.post("sync.consume", order(quantity=9))).reason == "key_reused"


async def test_an_undo_of_what_is_gone_already_is_done(deploy: Deploy, vendor: ScriptedVendor):
    vendor.answer_by(answering(**{"ship": 422, "o-1": 404}))
    gateway = await deploy(TWO, durable=True)
    reply = await gateway.post("sync.consume", order())
    assert (reply.reason, reply.details["undone"]) == ("refused", ["take"])


async def test_without_undo_an_order_that_is_done_in_part_is_held(
    deploy: Deploy, vendor: ScriptedVendor
):
    without = TWO[: TWO.index("    undo:")] + TWO[TWO.index("  ship:") :]
    vendor.answer_by(answering(ship=422))
    gateway = await deploy(without, durable=True)
    reply = await gateway.post("sync.consume", order())
    assert (reply.reason, reply.details["done"]) == ("partly_done", ["take"])
    assert reply.details["held"] is True


async def test_each_element_has_an_intent_and_those_done_are_taken_back_in_reverse(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(answering(c=422))
    gateway = await deploy(EACH, durable=True)
    reply = await gateway.post("sync.consume", parts("a", "b", "c"))
    assert (reply.status, reply.reason) == (422, "refused")
    assert reply.details["undone"] == ["take[0]", "take[1]"]
    assert said(vendor) == [
        "POST /take/a",
        "POST /take/b",
        "POST /take/c",
        "POST /back/b",
        "POST /back/a",
    ]


async def test_after_a_crash_the_elements_that_are_done_are_not_sent_again(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(answering())
    vendor.faults.order(Status(status=503, path="/take/b", times=99))
    first = await deploy(EACH, durable=True, nacelle=IMPATIENT)
    assert (await first.post("sync.consume", parts("a", "b", "c"))).reason == "in_progress"
    await crash(first)
    vendor.faults.clear()
    second = await deploy(EACH, durable=True)
    assert (await until_answered(second, parts("a", "b", "c"))).status == 200
    assert said(vendor).count("POST /take/a") == 1
    assert said(vendor)[-1] in {"POST /take/b", "POST /take/c"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    idempotency: key", "    idempotency: order_key", "unsafe-repeat"),
        ("uuid5(order_key, attempt)", "to_string(attempt)", "unsafe-repeat"),
        ("calls.take.body.id", "calls.ship.body.id", "call-order"),
        ("then: done", "then: find", "missing-key"),
        ("then: done", "then: done, error: x", "conflicting-keys"),
        ("then: done", "then: fail", "missing-key"),
    ],
)
def test_what_can_not_be_right_is_found_at_load(
    problems_of: Callable[..., list[str]], old: str, new: str, code: str
):
    assert old in TWO
    assert code in problems_of(TWO.replace(old, new))


def test_an_effect_that_nothing_takes_back_gets_a_warning(problems_of: Callable[..., list[str]]):
    without = TWO[: TWO.index("    undo:")] + TWO[TWO.index("  ship:") :]
    assert "no-undo" in problems_of(without)
