"""What is said of a database that can't be used."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from gateway.storage.database import Database, StorageFailed
from gateway.storage.trouble import told

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


def database(folder: Path) -> Database:
    return Database("sqlite:///orders.db", folder)


def test_a_database_of_a_newer_version_is_refused_and_the_way_out_named(tmp_path: Path):
    made = database(tmp_path)
    made.open()
    made.dispose()
    with sqlite3.connect(tmp_path / "orders.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    newer = database(tmp_path)
    with pytest.raises(StorageFailed, match=r"newer version of the gateway .*9999.*start that"):
        newer.open()
    newer.dispose()


async def test_a_full_disk_is_called_so(tmp_path: Path):
    full = database(tmp_path)

    def fill(connection: Connection) -> None:
        connection.execute(text("PRAGMA max_page_count = 60"))
        connection.execute(text("CREATE TABLE big (body BLOB)"))
        for _ in range(100):
            connection.execute(text("INSERT INTO big VALUES (zeroblob(100000))"))

    with pytest.raises(StorageFailed, match="the disk is full"):
        await full.run(fill)
    await full.close()


def test_a_locked_file_is_called_so(tmp_path: Path):
    holder = sqlite3.connect(tmp_path / "orders.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    engine = create_engine(f"sqlite:///{tmp_path}/orders.db", connect_args={"timeout": 0})
    with pytest.raises(OperationalError) as failed, engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a)"))
    engine.dispose()
    holder.close()
    assert told(failed.value) == "the file is locked by another process"


def test_a_file_that_is_no_database_is_called_so(tmp_path: Path):
    (tmp_path / "orders.db").write_bytes(b"no database at all" * 99)
    wrong = database(tmp_path)
    with pytest.raises(StorageFailed, match="no SQLite database"):
        wrong.open()
    wrong.dispose()


def test_a_folder_that_can_not_be_made_is_called_so(tmp_path: Path):
    (tmp_path / "var").write_text("a file")
    wrong = Database("sqlite:///var/orders.db", tmp_path)
    with pytest.raises(StorageFailed, match="can't be written"):
        wrong.open()
    wrong.dispose()


def test_a_server_that_is_not_there_is_called_so_and_its_password_is_not(tmp_path: Path):
    gone = Database("postgresql://user:planted@127.0.0.1:9/none", tmp_path)
    with pytest.raises(StorageFailed, match="the server can't be reached") as failed:
        gone.open()
    gone.dispose()
    assert "planted" not in str(failed.value)
