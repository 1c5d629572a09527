"""What goes when its time is over, and what a backup brings back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from tests.orders.desk.mappings import STORED, TAKEN, order

if TYPE_CHECKING:
    from tests.conftest import ScriptedVendor
    from tests.orders.desk.conftest import Shop

SHORT = {"keep": "1ms", "keep_outcomes": "1ms"}
KNOWING = TAKEN.replace("  undo:", "  idempotency: order_key\n  undo:").partition("  undo:")[0]


async def _tidied(shop: Shop) -> dict[str, Any]:
    """Wait until the log says that something has been deleted."""
    while True:
        for line in shop.log.getvalue().splitlines():
            told: dict[str, Any] = json.loads(line)
            if told["event"] == "tidied":
                return told
        await asyncio.sleep(0.02)


async def test_payloads_go_first_and_what_became_of_the_order_stays(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(TAKEN)
    await gateway.post("inventory.consume", order())
    await gateway.stop()
    gateway = await shop.open(TAKEN, storage={"keep": "1ms"})
    assert (await _tidied(shop))["payloads"] == 1
    (attempt,) = (await shop.show())["attempts"]
    (effect,) = attempt["effects"]
    assert (attempt["received"], effect["request"], effect["answer"]) == (None, None, None)
    assert effect["verdict"] == "done"
    assert (await gateway.post("inventory.consume", order())).status == 200
    assert "payloads have been deleted" in await shop.refused("undo", "o1")
    assert len(vendor.heard) == 1


async def test_later_orders_go_whole_and_held_ones_never(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({})
    vendor.say({}, 503)
    gateway = await shop.open(TAKEN, STORED)
    await gateway.post("inventory.consume", order("over"))
    await gateway.post("sync.consume", order("held"))
    await shop.state("held", "held")
    await gateway.stop()
    await shop.open(TAKEN, STORED, storage=SHORT)
    assert (await _tidied(shop))["orders"] == 1
    listed = (await shop.orders("list", "--json")).splitlines()
    assert [json.loads(line)["key"] for line in listed] == ["held"]
    assert (await shop.show("held"))["attempts"][0]["received"] is not None


async def test_a_mapping_that_no_order_has_and_that_is_not_loaded_goes(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(TAKEN)
    await gateway.post("inventory.consume", order())
    await gateway.stop()
    await shop.open(STORED, storage=SHORT)
    told = await _tidied(shop)
    assert (told["orders"], told["mappings"]) == (1, 1)


@pytest.mark.parametrize("storage", ["sqlite:///var/gateway.db"])
async def test_a_backup_taken_while_it_runs_goes_on_and_nothing_is_delivered_twice(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    path = shop.folder / "var" / "gateway.db"
    gateway = await shop.open(KNOWING)
    await gateway.post("inventory.consume", order("before"))
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM INTO ?", [str(shop.folder / "backup.db")])
    await gateway.post("inventory.consume", order("after"))
    await gateway.stop()
    shutil.rmtree(path.parent)
    path.parent.mkdir()
    shutil.copy(shop.folder / "backup.db", path)
    gateway = await shop.open(KNOWING)
    heard = len(vendor.heard)
    assert (await gateway.post("inventory.consume", order("before"))).status == 200
    assert len(vendor.heard) == heard
    assert (await gateway.post("inventory.consume", order("after"))).status == 200
    *_, first_time, again = vendor.heard
    assert (first_time.target, first_time.body) == (again.target, again.body)
