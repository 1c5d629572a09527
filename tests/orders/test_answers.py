"""When Nacelle is answered: with what the vendor says, in time, or as soon as the order is safe."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.telemetry.clock import Clock
from gateway.telemetry.watch import NoWatch
from simulators.faults import Status
from tests.orders.conftest import LOOKING, TAKE, crash, order, stored, until_answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Gateway, ScriptedVendor
    from tests.orders.conftest import Deploy

IMPATIENT = {"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "300ms"}


async def told(gateway: Gateway, number: int = 1) -> list[dict[str, object]]:
    """Wait until so many runs have ended."""
    while len(lines := gateway.told("delivery")) < number:
        await asyncio.sleep(0.01)
    return lines  # type: ignore[return-value]


async def test_when_the_deadline_comes_first_the_work_goes_on_and_a_repeat_gets_the_result(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.linger = 0.6
    vendor.always({})
    gateway = await deploy(TAKE, durable=True, nacelle=IMPATIENT)
    reply = await gateway.post("inventory.consume", order())
    assert (reply.status, reply.reason) == (500, "in_progress")
    assert reply.details["repeat"] == "safe"
    assert (await until_answered(gateway, order())).status == 200
    assert len(vendor.heard) == 1


async def test_nothing_is_sent_for_the_first_time_when_the_deadline_has_come(
    deploy: Deploy, vendor: ScriptedVendor
):
    mapping = LOOKING
    vendor.linger = 0.4
    vendor.always({})
    gateway = await deploy(mapping, durable=True, nacelle=IMPATIENT)
    reply = await gateway.post("inventory.consume", order())
    assert reply.reason in {"in_progress", "deadline"}
    (line,) = await told(gateway)
    assert (line["state"], line["reason"], line["effect"]) == ("refused", "deadline", "none")
    assert [heard.target for heard in vendor.heard] == ["/look"]


async def test_a_stored_order_is_answered_at_once_and_delivered_in_the_background(
    deploy: Deploy, vendor: ScriptedVendor, storage: str
):
    vendor.linger = 0.2
    vendor.always({})
    gateway = await deploy(stored(TAKE), durable=True, storage={"url": storage})
    for key in ("o-1", "o-2"):
        reply = await gateway.post("inventory.consume", order(key))
        assert (reply.status, reply.body) == (200, {"order": order(key)})
    assert {line["state"] for line in await told(gateway, 2)} == {"done"}


async def test_a_stored_order_is_delivered_after_a_restart(deploy: Deploy, vendor: ScriptedVendor):
    vendor.linger = 1.0
    first = await deploy(stored(TAKE), durable=True)
    await first.post("inventory.consume", order())
    await crash(first)
    vendor.linger = 0
    vendor.always({})
    second = await deploy(stored(TAKE), durable=True)
    assert (await told(second))[0]["state"] == "done"


async def test_a_stored_order_is_tried_again_until_the_vendor_is_back(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(Status(status=429, times=2), Status(status=401))
    vendor.always({})
    gateway = await deploy(stored(TAKE), durable=True)
    await gateway.post("inventory.consume", order())
    (line,) = await told(gateway)
    assert (line["state"], line["tries"]) == ("done", 4)


async def test_a_stored_order_that_the_vendor_refuses_is_held_for_a_person(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"error": "no"}, status=422)
    gateway = await deploy(stored(TAKE), durable=True)
    await gateway.post("inventory.consume", order())
    (line,) = await told(gateway)
    assert (line["state"], line["effect"], line["reason"]) == ("held", "none", "refused")


async def test_a_stored_order_is_given_up_after_its_time_and_held(
    deploy: Deploy, vendor: ScriptedVendor
):
    clock = Clock(now=lambda: datetime.now(UTC) + ahead[0])
    ahead = [timedelta()]
    vendor.answer_by(lambda _: b"")
    vendor.faults.order(Status(status=503, times=99))
    gateway = await deploy(stored(TAKE, give_up_after="1h"), durable=True, clock=clock)
    await gateway.post("inventory.consume", order())
    ahead[0] = timedelta(hours=2)
    while (line := (await told(gateway))[-1])["state"] == "waiting":
        await asyncio.sleep(0.02)
    assert (line["state"], line["effect"], line["reason"]) == ("held", "doubt", "in_doubt")


async def test_the_oldest_orders_are_delivered_first_and_no_more_at_once_than_the_vendor_takes(
    deploy: Deploy, vendor: ScriptedVendor
):
    spec = {"base_url": vendor.url, "limits": {"concurrency": 2}}
    vendor.linger = 0.02
    vendor.always({})
    gateway = await deploy(stored(TAKE), durable=True, vendors={"acme": spec})
    for number in range(8):
        await gateway.post("inventory.consume", order(f"o-{number}"))
    await told(gateway, 8)
    keys = [heard.json["key"] for heard in vendor.heard]  # type: ignore[call-overload, index]
    assert {*keys[:2]} == {"o-0", "o-1"}
    assert {*keys[-2:]} == {"o-6", "o-7"}
    assert vendor.busiest == 2


async def test_a_vendor_that_hangs_keeps_no_other_waiting(
    deploy: Deploy, vendor: ScriptedVendor, vendor_of: Callable[[], ScriptedVendor]
):
    slow = vendor_of()
    slow.linger = 3.0
    vendor.always({})
    vendors = {
        "acme": vendor.url,
        "slow": {"base_url": slow.url, "limits": {"concurrency": 1}},
    }
    other = stored(TAKE.replace("acme", "slow").replace("mapping: take", "mapping: slow"))
    sync = stored(TAKE.replace("inventory.consume", "sync.consume"))
    gateway = await deploy(other, sync, durable=True, vendors=vendors)
    for number in range(3):
        await gateway.post("inventory.consume", order(f"s-{number}"))
    await gateway.post("sync.consume", order("o-1"))
    (line, *_) = await told(gateway)
    assert (line["key"], line["state"]) == ("o-1", "done")


class Counted(NoWatch):
    """Counts what is told of orders."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []
        self.now: dict[str, int] = {}

    def delivered(self, mapping: str, state: str) -> None:
        self.ended.append((mapping, state))

    def orders(self, state: str, count: int) -> None:
        self.now[state] = count


async def test_what_becomes_of_orders_is_counted_and_those_that_are_held_are_shown(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"error": "no"}, status=422)
    vendor.always({})
    watch = Counted()
    gateway = await deploy(stored(TAKE), durable=True, watch=watch)
    for key in ("o-1", "o-2"):
        await gateway.post("inventory.consume", order(key))
        await told(gateway, int(key[-1]))
    assert watch.ended == [("take", "held"), ("take", "done")]
    while watch.now != {"waiting": 0, "running": 0, "held": 1}:
        await asyncio.sleep(0.01)
