"""`on_fault`: lines that can do without their vendor, when others can't be blamed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.faults import ResetAfterRead
from tests.conftest import Canned

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Reply, ScriptedVendor
    from tests.plan.conftest import Deploy


def line(key: str, quantity: int = 1, **more: Json) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": key, "quantity": quantity, **more}


SPLIT = """
mapping: split
contract: inventory.validate
let:
  own: "lines[?!starts_with(variant_id, 'ns-')]"
  theirs: lines[?starts_with(variant_id, 'ns-')]
calls:
  shelf:
    vendor: acme
    batch: {keys: "own[].variant_id", row: row.id, rows: body, size: 10}
    request: {method: POST, path: /shelf, body: {ids: keys}}
  store:
    vendor: other
    batch: {keys: "theirs[].variant_id", row: row.id, rows: body, size: 10}
    request: {method: POST, path: /store, body: {ids: keys}}
    errors:
      - {when: "status == `404`", error: Unknown goods}
lines:
  - of: own
    from: shelf
    line: line.variant_id
    set: {available: row.n}
    unmatched: {available: 0}
  - of: theirs
    from: store
    line: line.variant_id
    set: {available: row.n}
    unmatched: {available: 0}
    on_fault: {available: line.quantity}
"""
ITEMS: list[Json] = [line("a", 2), line("ns-b", 3), line("a", 2), line("ns-b", 4)]


@pytest.fixture
def other(vendor_of: Callable[[], ScriptedVendor]) -> ScriptedVendor:
    return vendor_of()


async def split(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor, *items: Json, text: str = SPLIT
) -> Reply:
    vendor.always([{"id": "a", "n": 3}])
    gateway = await deploy(text, vendors={"acme": vendor.url, "other": other.url})
    return await gateway.post(
        "inventory.validate", {"items": list(items or ITEMS), "meta_data": [1]}
    )


def available(reply: Reply) -> list[Json]:
    return [each["available"] for each in reply.body["checkout"]["items"]]  # type: ignore[index, call-overload, union-attr]


async def test_stock_of_two_vendors_is_joined_into_one_checkout(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor
):
    other.always([{"id": "ns-b", "n": 9}])
    reply = await split(deploy, vendor, other)
    assert available(reply) == [3, 9, 1, 6]
    assert (vendor.heard[0].json, other.heard[0].json) == ({"ids": ["a"]}, {"ids": ["ns-b"]})
    assert reply.body["checkout"]["meta_data"] == [1]  # type: ignore[index, call-overload]
    assert (reply.log["level"], "failed" in reply.log) == ("info", False)


async def test_lines_of_one_vendor_alone_call_only_that_one(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor
):
    reply = await split(deploy, vendor, other, line("a"))
    assert (available(reply), other.heard) == ([3], [])


async def test_lines_of_a_vendor_that_fails_get_on_fault_and_the_checkout_says_so(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor
):
    other.faults.order(ResetAfterRead(applied=False))
    reply = await split(deploy, vendor, other)
    assert available(reply) == [3, 3, 1, 4], "what nobody knows isn't shared out"
    note = {"gateway": {"call": "store", "reason": "vendor_disconnected"}}
    assert reply.body["checkout"]["meta_data"] == [1, note]  # type: ignore[index, call-overload]
    assert reply.log["level"] == "warning"
    (failed,) = reply.log["failed"]  # type: ignore[misc]
    assert (failed["call"], failed["reason"]) == ("store", "vendor_disconnected")


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_any_failure_of_the_vendors_counts(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor, status: int
):
    other.say({}, status)
    assert available(await split(deploy, vendor, other)) == [3, 3, 1, 4]


async def test_a_rule_that_says_no_is_no_failure(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor
):
    other.say({}, 404)
    reply = await split(deploy, vendor, other)
    assert (reply.status, reply.error["error"]) == (422, "Unknown goods")


async def test_a_request_that_can_not_be_made_is_no_failure_of_the_vendors(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor
):
    text = SPLIT.replace("path: /store", 'path: "/store/{checkout.site}"')
    reply = await split(deploy, vendor, other, text=text)
    assert (reply.status, reply.reason) == (400, "missing_data")


async def test_lines_that_can_not_do_without_end_the_exchange(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor
):
    other.always([{"id": "ns-b", "n": 9}])
    vendor.answer_by(lambda _: Canned({}, 503))
    vendor.say({}, 503)
    reply = await split(deploy, vendor, other)
    assert (reply.status, reply.reason, reply.details["vendor"]) == (500, "vendor_error", "acme")


async def test_of_two_joins_from_one_call_the_one_that_needs_it_decides(
    deploy: Deploy, vendor: ScriptedVendor, other: ScriptedVendor
):
    other.say({}, 503)
    text = SPLIT.replace("of: own\n    from: shelf", "of: own\n    from: store")
    reply = await split(deploy, vendor, other, text=text)
    assert (reply.status, reply.reason, reply.details["vendor"]) == (500, "vendor_error", "other")


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("on_fault: {available: line.quantity}", "on_fault: {quantity: 0}", ["not-owned"]),
        ("on_fault: {available: line.quantity}", "on_fault: {available: row.n}", ["unknown-name"]),
        ("on_fault: {", "shortage: reject\n    on_fault: {", ["conflicting-keys"]),
    ],
)
def test_what_can_not_stand_in_is_found_at_load(
    problems_of: Callable[..., list[str]], old: str, new: str, codes: list[str]
):
    vendors = {"acme": "http://127.0.0.1:9", "other": "http://127.0.0.1:9"}
    assert old in SPLIT
    assert problems_of(SPLIT.replace(old, new), vendors=vendors) == codes
