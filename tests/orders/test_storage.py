"""The database: gone and back, full, shared by several processes, one too many."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from gateway.storage.database import Database
from gateway.storage.members import Taken
from simulators.faults import Status
from tests.orders.conftest import TAKE, crash, deliveries, order, stored, until_answered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Gateway, ScriptedVendor
    from tests.orders.conftest import Deploy

READS = """
mapping: reads
contract: inventory.validate
vendor: acme
call: {request: {method: GET, path: /stock}}
"""
IMPATIENT = {"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "400ms"}


async def until(gateway: Gateway, status: str) -> None:
    """Wait until readiness says so."""
    while (await gateway.client.get("/health/ready")).json()["status"] != status:
        await asyncio.sleep(0.01)


async def test_while_the_database_is_gone_orders_are_refused_before_any_vendor_is_called(
    deploy: Deploy, vendor: ScriptedVendor, tmp_path: Path
):
    vendor.always({})
    gateway = await deploy(TAKE, READS, durable=True)
    database = sqlite3.connect(tmp_path / "var" / "gateway.db")
    database.execute("ALTER TABLE orders RENAME TO away")
    database.commit()
    reply = await gateway.post("inventory.consume", order())
    assert (reply.status, reply.reason) == (500, "storage_unavailable")
    assert vendor.heard == []
    checkout = {"items": order()["order_items"]}
    assert (await gateway.post("inventory.validate", checkout)).status == 200
    await until(gateway, "degraded")
    database.execute("ALTER TABLE away RENAME TO orders")
    database.commit()
    database.close()
    assert (await until_answered(gateway, order())).status == 200
    await until(gateway, "ready")


async def test_what_was_done_while_the_database_went_is_written_down_when_it_is_back(
    deploy: Deploy, vendor: ScriptedVendor, tmp_path: Path
):
    vendor.linger = 0.3
    vendor.always({})
    gateway = await deploy(TAKE, durable=True, nacelle=IMPATIENT)
    path = tmp_path / "var" / "gateway.db"
    vendor.answer_by(lambda _: _away(path))
    assert (await gateway.post("inventory.consume", order())).reason == "in_progress"
    database = sqlite3.connect(path)
    named = "SELECT count(*) FROM sqlite_master WHERE name = 'away'"
    while not database.execute(named).fetchone()[0]:
        await asyncio.sleep(0.01)
    database.execute("ALTER TABLE away RENAME TO orders")
    database.commit()
    database.close()
    assert (await until_answered(gateway, order())).status == 200
    assert len(vendor.heard) == 1


def _away(path: Path) -> dict[str, object]:
    database = sqlite3.connect(path)
    database.execute("ALTER TABLE orders RENAME TO away")
    database.commit()
    database.close()
    return {}


async def test_a_second_process_on_an_sqlite_file_is_refused(deploy: Deploy, tmp_path: Path):
    await deploy(TAKE, durable=True)
    second = Database("sqlite:///var/gateway.db", tmp_path)
    with pytest.raises(Taken):
        second.join()
    assert second.taken_by_another() is True
    second.dispose()


async def test_what_a_dead_process_ran_goes_on_at_another(
    deploy: Deploy, vendor: ScriptedVendor, postgres: str
):
    vendor.linger = 1.0
    vendor.always({})
    settings = {"durable": True, "storage": {"url": postgres}}
    first = await deploy(TAKE, **settings, nacelle=IMPATIENT)
    second = await deploy(TAKE, **settings)
    assert (await first.post("inventory.consume", order())).reason == "in_progress"
    await crash(first)
    vendor.linger = 0
    assert (await until_answered(second, order())).status == 200
    assert second.told("orders adopted")


async def test_a_living_process_keeps_what_it_runs(
    deploy: Deploy, vendor: ScriptedVendor, postgres: str
):
    vendor.linger = 0.5
    vendor.always({})
    settings = {"durable": True, "storage": {"url": postgres}}
    first = await deploy(TAKE, **settings, nacelle=IMPATIENT)
    second = await deploy(TAKE, **settings)
    assert (await first.post("inventory.consume", order())).reason == "in_progress"
    await deliveries(second).worker._call_the_roll()
    assert (await until_answered(second, order())).status == 200
    assert len(vendor.heard) == 1
    assert not second.told("orders adopted")


async def test_stored_orders_are_shared_by_all_processes_and_delivered_once(
    deploy: Deploy, vendor: ScriptedVendor, postgres: str
):
    vendor.always({})
    settings = {"durable": True, "storage": {"url": postgres}}
    gateways = [await deploy(stored(TAKE), **settings) for _ in range(3)]
    for number in range(12):
        reply = await gateways[number % 3].post("inventory.consume", order(f"o-{number}"))
        assert reply.status == 200
    while len(gateways[0].told("delivery")) < 12:
        await asyncio.sleep(0.01)
    keys = [heard.json["key"] for heard in vendor.heard]  # type: ignore[call-overload, index]
    assert sorted(keys) == sorted(f"o-{number}" for number in range(12))


async def test_a_member_whose_session_broke_joins_anew_and_loses_nothing(
    deploy: Deploy, vendor: ScriptedVendor, postgres: str
):
    vendor.linger = 0.5
    vendor.always({})
    gateway = await deploy(TAKE, durable=True, storage={"url": postgres}, nacelle=IMPATIENT)
    assert (await gateway.post("inventory.consume", order())).reason == "in_progress"
    engine = create_engine(postgres.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        )
    engine.dispose()
    assert (await until_answered(gateway, order())).status == 200
    assert (await until_answered(gateway, order("o-2"))).status == 200


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_file_that_can_not_be_written_is_said(deploy: Deploy, tmp_path: Path):
    folder = tmp_path / "var"
    folder.mkdir(mode=0o500)
    with pytest.raises(Exception, match=r"unable to open|denied|StorageFailed"):
        await deploy(TAKE, durable=True)


async def test_nothing_in_the_database_is_anything_but_text_and_numbers(
    deploy: Deploy, vendor: ScriptedVendor, tmp_path: Path
):
    vendor.say(b"\xff\xfe bytes", status=200, headers={"content-type": "text/plain"})
    vendor.faults.order(Status(status=503))
    await (await deploy(TAKE, durable=True, nacelle=IMPATIENT)).post("inventory.consume", order())
    database = sqlite3.connect(tmp_path / "var" / "gateway.db")
    kinds = set()
    tables = [
        row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    for table in tables:
        for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 - the database's own
            kinds |= {type(value) for value in row}
    database.close()
    assert kinds <= {str, int, float, type(None)}
