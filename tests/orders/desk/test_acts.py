"""What people do about orders while the gateway runs, on each kind of storage."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from tests.orders.desk.mappings import BOTH, STORED, TAKEN, order

if TYPE_CHECKING:
    from tests.conftest import ScriptedVendor
    from tests.orders.desk.conftest import Shop


def _keys(vendor: ScriptedVendor) -> list[tuple[str, Any]]:
    return [(heard.target, heard.json["key"]) for heard in vendor.heard]  # type: ignore[index,call-overload]


async def test_a_held_order_of_which_nothing_is_done_is_sent_anew_and_its_history_stays(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 422)
    vendor.always({})
    gateway = await shop.open(STORED)
    assert (await gateway.post("sync.consume", order())).status == 200
    await shop.state("o1", "held", "none")
    said = await shop.orders("retry", "o1", "--by", "ann", "--note", "they mended it")
    assert "as attempt 2" in said
    found = await shop.state("o1", "done")
    assert [(each["attempt"], each["state"]) for each in found["attempts"]] == [
        (1, "held"),
        (2, "done"),
    ]
    (act,) = found["acts"]
    assert (act["act"], act["by"], act["note"]) == ("retry", "ann", "they mended it")
    assert [heard.json for heard in vendor.heard] == [vendor.heard[0].json] * 2


async def test_what_is_done_of_an_order_is_not_repeated(shop: Shop, vendor: ScriptedVendor) -> None:
    vendor.say({})
    vendor.say({}, 422)
    vendor.always({})
    gateway = await shop.open(BOTH)
    assert (await gateway.post("sync.consume", order())).status == 500
    found = await shop.state("o1", "held", "part")
    assert any("goes on with what is left" in can["what"] for can in found["advice"]["can"])
    await shop.orders("retry", "o1")
    await shop.state("o1", "done")
    assert [target for target, _ in _keys(vendor)] == ["/first", "/second", "/second"]
    assert (await gateway.post("sync.consume", order())).status == 200


async def test_with_current_an_order_goes_on_with_the_mapping_of_today(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.answer_by(lambda heard: {} if heard.target == "/newer" else b"{}")
    vendor.say({}, 422)
    gateway = await shop.open(STORED)
    await gateway.post("sync.consume", order())
    await shop.state("o1", "held")
    (shop.folder / "mapping0.yaml").write_text(STORED.replace("/orders", "/newer"))
    await shop.orders("retry", "o1", "--current")
    await shop.state("o1", "done")
    assert [target for target, _ in _keys(vendor)] == ["/orders", "/newer"]


async def test_what_was_refused_of_a_part_is_said_anew_by_the_mapping_of_today(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({})
    vendor.say({}, 422)
    vendor.always({})
    gateway = await shop.open(BOTH)
    await gateway.post("sync.consume", order())
    await shop.state("o1", "held", "part")
    (shop.folder / "mapping0.yaml").write_text(BOTH.replace("/second", "/mended"))
    await shop.orders("retry", "o1", "--current")
    await shop.state("o1", "done")
    assert [target for target, _ in _keys(vendor)] == ["/first", "/second", "/mended"]


async def test_an_order_of_which_nobody_can_know_is_not_sent_on_a_guess(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 503)
    gateway = await shop.open(STORED)
    await gateway.post("sync.consume", order())
    found = await shop.state("o1", "held", "doubt")
    assert "release --not-done" in await shop.refused("retry", "o1")
    commands = " ".join(can["command"] for can in found["advice"]["can"])
    assert "gateway orders release o1 --mapping acme.orders --not-done" in commands
    assert len(vendor.heard) == 1


async def test_released_as_done_a_repeat_is_answered_with_200_and_nothing_is_sent(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 503)
    gateway = await shop.open(TAKEN)
    assert (await gateway.post("inventory.consume", order())).reason == "in_doubt"
    await shop.orders("release", "o1", "--done", "--note", "it is in their list")
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert len(vendor.heard) == 1
    assert "isn't known" in await shop.refused("undo", "o1")


async def test_released_as_not_done_a_repeat_is_sent(shop: Shop, vendor: ScriptedVendor) -> None:
    vendor.say({}, 503)
    vendor.always({})
    gateway = await shop.open(TAKEN)
    await gateway.post("inventory.consume", order())
    said = await shop.orders("release", "o1", "--not-done", "--note", "it isn't in their list")
    assert "Its key is free" in said
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert len(vendor.heard) == 2


async def test_a_release_needs_an_order_in_doubt_and_a_note(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 422)
    gateway = await shop.open(STORED)
    await gateway.post("sync.consume", order())
    await shop.state("o1", "held", "none")
    assert (await shop.command("release", "o1", "--done")).exit_code == 2
    assert "`cancel` it" in await shop.refused("release", "o1", "--done", "--note", "so")


async def test_a_cancelled_order_stays_so_until_somebody_retries_it(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 422)
    vendor.always({})
    gateway = await shop.open(STORED)
    await gateway.post("sync.consume", order())
    await shop.state("o1", "held")
    await shop.orders("cancel", "o1")
    assert (await gateway.post("sync.consume", order())).reason == "cancelled"
    await shop.orders("retry", "o1")
    await shop.state("o1", "done")
    assert (await gateway.post("sync.consume", order())).status == 200
    assert len(vendor.heard) == 2


async def test_an_order_of_which_something_may_be_done_can_not_be_cancelled(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 503)
    gateway = await shop.open(STORED)
    await gateway.post("sync.consume", order())
    await shop.state("o1", "held", "doubt")
    assert "or may be" in await shop.refused("cancel", "o1")


async def test_undo_takes_back_what_was_done_and_frees_the_key(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(TAKEN)
    await gateway.post("inventory.consume", order())
    await shop.orders("undo", "o1", "--note", "the payment bounced")
    await shop.state("o1", "undone", "undone")
    assert _keys(vendor) == [("/take", "o1"), ("/back", "o1")]
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert _keys(vendor)[2:] == [("/take", "o1")]


async def test_an_order_taken_back_on_request_does_not_wait_for_a_person_again(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(f"{TAKEN}delivery: {{answer: when_stored}}\n")
    await gateway.post("inventory.consume", order())
    await shop.state("o1", "done")
    await shop.orders("undo", "o1")
    await shop.state("o1", "undone", "undone")


async def test_an_undo_that_failed_goes_on_when_it_is_retried(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({})
    vendor.say({}, 422)
    vendor.always({})
    gateway = await shop.open(TAKEN)
    await gateway.post("inventory.consume", order())
    await shop.orders("undo", "o1")
    found = await shop.state("o1", "held", "part")
    assert any(can["what"] == "goes on with taking it back" for can in found["advice"]["can"])
    await shop.orders("retry", "o1")
    await shop.state("o1", "undone")
    assert [target for target, _ in _keys(vendor)] == ["/take", "/back", "/back"]


async def test_an_order_whose_mapping_can_not_undo_stays_done(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(BOTH)
    await gateway.post("sync.consume", order())
    assert "no `undo` for first, second" in await shop.refused("undo", "o1")
    assert (await shop.show())["state"] == "done"


async def test_an_order_that_is_being_delivered_is_never_touched(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    vendor.crowd = 2
    gateway = await shop.open(TAKEN)
    waiting = asyncio.create_task(gateway.post("inventory.consume", order()))
    while not vendor.heard:
        await asyncio.sleep(0)
    for act in (["retry", "o1"], ["cancel", "o1"], ["release", "o1", "--done", "--note", "so"]):
        assert "being delivered right now" in await shop.refused(*act)
    async with httpx.AsyncClient() as other:
        await other.post(f"{vendor.url}/other")
    assert (await waiting).status == 200
    assert (await shop.show())["acts"] == []


async def test_several_are_retried_at_once_after_a_question(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    for _ in range(3):
        vendor.say({}, 422)
    gateway = await shop.open(STORED)
    for key in ("o1", "o2", "o3"):
        await gateway.post("sync.consume", order(key))
        await shop.state(key, "held")
    assert (await shop.command("retry")).exit_code == 2
    asked = await shop.command("retry", "--state", "held", stdin="n\n")
    assert (asked.exit_code, "Retry 3 orders?" in asked.stderr) == (1, True)
    said = await shop.orders("retry", "--state", "held", "--mapping", "acme.orders", stdin="y\n")
    assert "3 of 3 orders go on now." in said
    for key in ("o1", "o2", "o3"):
        await shop.state(key, "done")
