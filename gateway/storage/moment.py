"""The time by which all who use one database agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

_CLOCK: Final = text("SELECT extract(epoch FROM clock_timestamp())::float8")


def moment(connection: Connection, now: Callable[[], float]) -> float:
    """Give the database's time in seconds since 1970.

    With PostgreSQL it is the server's clock, so that those of the gateways' machines don't matter.
    Whoever uses SQLite is on one machine, and `now` is its clock. Asked for anew each time: the
    transaction may have waited for a lock since it began.
    """
    if connection.dialect.name != "postgresql":
        return now()
    return float(connection.execute(_CLOCK).scalar_one())
