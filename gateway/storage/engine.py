"""SQLite or PostgreSQL through SQLAlchemy, and the migrations that make the tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from gateway.storage.trouble import Newer

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Connection as SqliteConnection

_WAIT_SECONDS: Final = 5
_MIGRATION_LOCK: Final = 0x6D617070
"""Any number, but always the same: PostgreSQL's lock under which the tables are made."""


def make_engine(url: str, folder: Path) -> Engine:
    """Make the engine; an SQLite file is made where there is none, for its owner only."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, folder)
    limits = f"-c statement_timeout={_WAIT_SECONDS}s -c lock_timeout={_WAIT_SECONDS}s"
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": _WAIT_SECONDS, "options": limits},
        pool_pre_ping=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        if not _lasts(connection):
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    return engine


def sqlite_path(url: str, folder: Path) -> Path | None:
    """Give the file of an SQLite database; None for one of another kind."""
    parsed = make_url(url)
    return _path(parsed, folder) if parsed.get_backend_name() == "sqlite" else None


def _path(url: URL, folder: Path) -> Path:
    return folder / (url.database or "")


def _sqlite(url: URL, folder: Path) -> Engine:
    path = _path(url, folder)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Its journal files get the mode of the file itself.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(
        url.set(database=str(path)), connect_args={"timeout": _WAIT_SECONDS}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def connected(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says so
        # Only for a file that is still empty: then it can shrink later, a little at a time.
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        # As Debian's is anyway: what is deleted or written over isn't left in the file.
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        waits = "FULL" if _lasts(connection) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={waits}")
        # A transaction that reads first and writes later would fail where another wrote meanwhile.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _lasts(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("lasting", True))


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date; of several processes one does it, the others wait."""
    config = Config()
    config.set_main_option("script_location", "gateway.storage:migrations")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        _check_known(connection, config)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _check_known(connection: Connection, config: Config) -> None:
    """Raise Newer where the tables are those of a version that isn't known here."""
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise Newer(revision)
