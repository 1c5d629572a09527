"""A whole gateway before vendors that throttle, hang, cut connections and fail in bursts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from gateway.lossless import loads
from simulators import faults

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway, ScriptedVendor

LINE: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 2}
CHECKOUT: dict[str, Json] = {"items": [LINE]}
ORDER: dict[str, Json] = {"id": "o-1", "order_items": [LINE]}
READ = """
mapping: read
contract: inventory.validate
vendor: acme
call: {request: {method: GET, path: /stock}}
"""
PROMOTIONS = """
mapping: well
contract: promotions.validate
vendor: well
call: {request: {method: GET, path: /promotions}}
"""
TAKE = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  request: {method: POST, path: /take, body: {key: order_key}}
"""
KNOWN = f"{TAKE}  idempotency: order_key\n"
FAST = {"attempts": 3, "backoff": "1ms..1ms"}
SOON = {"connect": "5s", "total": "5s"}


async def post(gateway: Gateway, contract: str, document: Json) -> tuple[int, Json]:
    """Post where several are under way at once, so that no line of the log is theirs alone."""
    answer = await gateway.send(contract, document)
    document = loads(answer.content)
    error = document.get("error") if isinstance(document, dict) else None
    details = error["details"] if isinstance(error, dict) else {}
    return answer.status_code, details.get("reason") if isinstance(details, dict) else None


async def let_go(vendor: ScriptedVendor, tasks: list[asyncio.Task[tuple[int, Json]]]) -> None:
    """Release what is on hold until all have their answer."""
    async with httpx.AsyncClient(base_url=vendor.url) as client:
        while not all(task.done() for task in tasks):
            await client.post("/_simulator/release")
            await asyncio.sleep(0)


def acme(vendor: ScriptedVendor, **settings: Json) -> dict[str, Json]:
    return {"base_url": vendor.url, "timeout": SOON, **settings}


async def test_an_account_limited_to_five_calls_sees_five_at_ten_times_the_load(
    deploy, vendor
) -> None:
    """Reads and effects, which travel over two transports, share the five."""
    vendor.always({})
    vendor.faults.order(faults.Delay(delay_ms=5, times=100))
    block = acme(vendor, limits={"concurrency": 5, "queue": 100})
    gateway = await deploy(READ, TAKE, vendors={"acme": block})
    calls = [post(gateway, "inventory.validate", CHECKOUT) for _ in range(25)]
    calls += [post(gateway, "inventory.consume", ORDER) for _ in range(25)]
    assert set(await asyncio.gather(*calls)) == {(200, None)}
    assert len(vendor.heard) == 50
    assert vendor.ledger.most_at_once == 5


async def test_what_finds_the_queue_full_is_refused_while_the_others_still_wait(
    deploy, vendor
) -> None:
    vendor.always({})
    vendor.faults.order(faults.Hold(times=5))
    block = acme(vendor, limits={"concurrency": 5, "queue": 5})
    gateway = await deploy(READ, vendors={"acme": block})
    tasks = [asyncio.create_task(post(gateway, "inventory.validate", CHECKOUT)) for _ in range(50)]
    refused = []
    for ended in asyncio.as_completed(tasks):
        refused.append(await ended)
        if len(refused) == 40:
            break
    assert set(refused) == {(500, "vendor_busy")}
    await let_go(vendor, tasks)
    assert sorted(task.result() for task in tasks)[:10] == [(200, None)] * 10
    assert (len(vendor.heard), vendor.ledger.most_at_once) == (10, 5)


async def test_a_healthy_vendor_does_not_suffer_from_a_sick_one(deploy, vendor, vendor_of) -> None:
    well = vendor_of()
    for each in (vendor, well):
        each.always({})
    vendor.faults.order(faults.Hold(times=2))
    sick = acme(vendor, limits={"concurrency": 2, "queue": 100})
    vendors = {"acme": sick, "well": acme(well, limits={"concurrency": 2, "queue": 100})}
    gateway = await deploy(READ, PROMOTIONS, vendors=vendors)
    held = [asyncio.create_task(post(gateway, "inventory.validate", CHECKOUT)) for _ in range(20)]
    answers = await asyncio.gather(
        *(post(gateway, "promotions.validate", CHECKOUT) for _ in range(50))
    )
    assert set(answers) == {(200, None)}
    assert not any(task.done() for task in held)
    await let_go(vendor, held)
    assert {task.result() for task in held} == {(200, None)}
    assert vendor.ledger.most_at_once == 2


AFTER_THE_EFFECT = [
    *(faults.Status(status=status, applied=True, times=3) for status in (408, 500, 502, 503, 504)),
    faults.ResetAfterRead(applied=True, times=3),
    faults.Truncate(times=3),
]


@pytest.mark.parametrize("fault", AFTER_THE_EFFECT, ids=faults.name_of)
async def test_an_effect_that_may_have_happened_is_sent_once(deploy, vendor, fault) -> None:
    vendor.always({})
    vendor.faults.order(fault)
    gateway = await deploy(TAKE, vendors={"acme": acme(vendor, retry=FAST)})
    reply = await gateway.post("inventory.consume", ORDER)
    assert (reply.reason, reply.details["repeat"]) == ("in_doubt", "unsafe")
    assert len(vendor.ledger.requests) == 1


@pytest.mark.parametrize("fault", AFTER_THE_EFFECT, ids=faults.name_of)
async def test_an_idempotent_one_is_sent_again_byte_for_byte_until_the_attempts_are_used_up(
    deploy, vendor, fault
) -> None:
    vendor.always({})
    vendor.faults.order(fault)
    gateway = await deploy(KNOWN, vendors={"acme": acme(vendor, retry=FAST)})
    reply = await gateway.post("inventory.consume", ORDER)
    assert (reply.reason, reply.details["repeat"]) == ("in_doubt", "safe")
    assert [each.body for each in vendor.ledger.requests] == ['{"key":"o-1"}'] * 3
    assert reply.log["calls"][0]["attempts"] == 3


@pytest.mark.parametrize("says", ["seconds", "date", "reset", "reset_ms"])
async def test_a_throttled_effect_that_would_have_to_wait_beyond_the_deadline_is_told_at_once(
    deploy, vendor, says
) -> None:
    vendor.faults.order(faults.Throttle(seconds=3600, says=says))
    gateway = await deploy(TAKE, vendors={"acme": acme(vendor, retry=FAST)})
    reply = await gateway.post("inventory.consume", ORDER)
    assert reply.reason == "vendor_throttled"
    assert len(vendor.ledger.requests) == 1


async def test_a_throttled_effect_was_not_done_and_is_sent_again(deploy, vendor) -> None:
    vendor.always({})
    vendor.faults.order(faults.Throttle(says="nothing", times=2))
    gateway = await deploy(TAKE, vendors={"acme": acme(vendor, retry=FAST)})
    assert (await gateway.post("inventory.consume", ORDER)).status == 200
    assert (len(vendor.ledger.requests), len(vendor.heard)) == (3, 1)


@pytest.mark.parametrize(
    "fault",
    [
        faults.Status(status=503, times=2),
        faults.ResetBeforeRead(times=2),
        faults.ResetAfterRead(applied=False, times=2),
        faults.Truncate(times=2),
    ],
    ids=faults.name_of,
)
async def test_a_read_outlives_a_burst_of_faults(deploy, vendor, fault) -> None:
    vendor.always({})
    vendor.faults.order(fault)
    retry = {"attempts": 4, "backoff": "1ms..1ms"}
    gateway = await deploy(READ, vendors={"acme": acme(vendor, retry=retry)})
    assert (await gateway.post("inventory.validate", CHECKOUT)).status == 200


@pytest.mark.parametrize("answer", [401, 409, 422, 429])
async def test_no_repeats_refusal_hides_that_the_first_attempt_may_have_been_taken(
    deploy, vendor, answer
) -> None:
    vendor.faults.order(faults.ResetAfterRead(applied=True), faults.Status(status=answer, times=3))
    vendor.always({})
    gateway = await deploy(
        KNOWN, vendors={"acme": acme(vendor, retry={"attempts": 2, "backoff": "1ms..1ms"})}
    )
    reply = await gateway.post("inventory.consume", ORDER)
    assert (reply.status, reply.reason) == (500, "in_doubt")


async def test_a_repeat_of_which_succeeds_is_not_true_leaves_the_doubt_too(deploy, vendor) -> None:
    vendor.faults.order(faults.ResetAfterRead(applied=True))
    vendor.always({"ok": False})
    mapping = f"{KNOWN}  response: {{succeeds: body.ok}}\n"
    gateway = await deploy(mapping, vendors={"acme": acme(vendor, retry=FAST)})
    assert (await gateway.post("inventory.consume", ORDER)).reason == "in_doubt"
    vendor.reset()
    assert (await gateway.post("inventory.consume", ORDER)).reason == "refused"


async def test_a_vendor_that_failed_too_often_is_spared_and_the_caller_is_told(
    deploy, vendor
) -> None:
    vendor.faults.order(faults.Status(status=500, times=4))
    block = acme(vendor, breaker={"open_at": "100%", "of_last": 4, "for": "1h"})
    gateway = await deploy(READ, TAKE, vendors={"acme": block})
    told = [(await gateway.post("inventory.validate", CHECKOUT)).reason for _ in range(6)]
    assert told == ["vendor_error"] * 4 + ["vendor_down"] * 2
    reply = await gateway.post("inventory.consume", ORDER)
    assert (reply.status, reply.reason) == (500, "vendor_down")
    assert reply.log["calls"][0]["sent"] == "no"
    assert len(vendor.ledger.requests) == 4


async def test_a_call_may_have_a_timeout_and_a_retry_of_its_own(deploy, vendor) -> None:
    vendor.faults.order(faults.Hold(times=9))
    own = "  timeout: {total: 50ms}\n  retry: {attempts: 2, backoff: 1ms..1ms}\n"
    mapping = READ.replace("call: {request: {method: GET, path: /stock}}", "call:\n" + own)
    mapping = f"{mapping}  request: {{method: GET, path: /stock}}\n"
    gateway = await deploy(mapping, vendors={"acme": acme(vendor)})
    reply = await gateway.post("inventory.validate", CHECKOUT)
    assert reply.reason == "vendor_timeout"
    assert reply.log["calls"][0]["attempts"] == 2


async def test_a_call_that_is_cancelled_gives_its_place_back(deploy, vendor) -> None:
    vendor.always({})
    vendor.faults.order(faults.Hold(times=1))
    block = acme(vendor, limits={"concurrency": 1, "queue": 10})
    gateway = await deploy(READ, vendors={"acme": block})
    tasks = [asyncio.create_task(post(gateway, "inventory.validate", CHECKOUT)) for _ in range(4)]
    while not vendor.ledger.running:
        await asyncio.sleep(0)
    for task in tasks[:3]:  # one that is being answered, and two that wait
        task.cancel()
    assert await tasks[3] == (200, None)
    assert await post(gateway, "inventory.validate", CHECKOUT) == (200, None)
