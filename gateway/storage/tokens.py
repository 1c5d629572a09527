"""Refresh tokens and who may use one: each function is one transaction's work."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from gateway.storage.moment import moment
from gateway.storage.tables import TOKEN_CHAINS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Row, Update

_FORGET_SECONDS: Final = 400 * 86_400.0
"""Over a year: a vendor that is called once a year must not lose its only refresh token."""


@dataclass(frozen=True, slots=True, repr=False)
class Asker:
    """Who asks for a token, with what in hand, and for how many seconds it would hold the lease.

    `first` is the refresh token with which the chain begins; `spent` the access token that is no
    longer wanted.
    """

    chain: str
    first: str
    spent: str | None
    name: str
    lease: float


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """An access token that another has got already, for so many seconds; None: nobody knows."""

    access_token: str
    lifetime: float | None


@dataclass(frozen=True, slots=True, repr=False)
class Turn:
    """It is the asker's turn to use the refresh token, which has been noted.

    `doubt` is when the same token was sent before, if what became of that isn't known.
    """

    refresh_token: str
    renewals: int
    doubt: float | None


@dataclass(frozen=True, slots=True, repr=False)
class Renewed:
    """What is to be kept after a token was granted, for so many seconds where that is known."""

    access_token: str
    lifetime: float | None
    refresh_token: str


def digest(*parts: str) -> str:
    """Name secrets without telling them."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def claim(connection: Connection, asker: Asker, now: Callable[[], float]) -> Stored | Turn | None:
    """Give the stored token, or the turn to ask for one; None while it is another's turn.

    Before a turn is given, the intent to use the refresh token is on disk.
    """
    row = _row(connection, asker)
    time = moment(connection, now)
    if _is_wanted(row, asker, time):
        return Stored(row.access_token, row.expires_at and row.expires_at - time)
    if row.lease_until is not None and row.lease_until > time:
        return None
    used = digest(row.refresh_token)
    doubt: float | None = row.asking_since if row.asking_digest == used else None
    connection.execute(
        _of(asker.chain).values(
            lease=asker.name,
            lease_until=time + asker.lease,
            asking_since=time if doubt is None else doubt,
            asking_digest=used,
        )
    )
    return Turn(row.refresh_token, row.renewals, doubt)


def _row(connection: Connection, asker: Asker) -> Row[tuple[object, ...]]:
    """Read the chain's row and keep it locked; a new chain begins here."""
    query = select(TOKEN_CHAINS).where(TOKEN_CHAINS.c.chain == asker.chain).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is not None:
        return row
    values = {"chain": asker.chain, "refresh_token": asker.first, "renewals": 0}
    try:
        with connection.begin_nested():
            connection.execute(TOKEN_CHAINS.insert().values(values))
    except IntegrityError:  # another process began it at the same time
        pass
    return connection.execute(query).one()


def _is_wanted(row: Row[tuple[object, ...]], asker: Asker, time: float) -> bool:
    if row.access_token is None or row.access_token == asker.spent:
        return False
    return row.expires_at is None or bool(row.expires_at > time)


def keep(
    connection: Connection, chain: str, turn: Turn, renewed: Renewed, now: Callable[[], float]
) -> bool:
    """Store what was granted; False where another has moved the chain on meanwhile.

    That the lease has ended doesn't matter: the old refresh token is used up all the same. Chains
    of which nobody has stored anything for over a year are forgotten.
    """
    time = moment(connection, now)
    connection.execute(delete(TOKEN_CHAINS).where(TOKEN_CHAINS.c.kept_at < time - _FORGET_SECONDS))
    result = connection.execute(
        _of(chain)
        .where(TOKEN_CHAINS.c.renewals == turn.renewals)
        .values(
            access_token=renewed.access_token,
            expires_at=None if renewed.lifetime is None else time + renewed.lifetime,
            refresh_token=renewed.refresh_token,
            renewals=turn.renewals + 1,
            lease=None,
            lease_until=None,
            asking_since=None,
            asking_digest=None,
            kept_at=time,
        )
    )
    return result.rowcount == 1


def give_back(connection: Connection, chain: str, name: str, *, unused: bool) -> None:
    """End a turn that brought no token; `unused` where the refresh token was surely not used up."""
    values: dict[str, None] = {"lease": None, "lease_until": None}
    if unused:
        values |= {"asking_since": None, "asking_digest": None}
    connection.execute(_of(chain).where(TOKEN_CHAINS.c.lease == name).values(values))


def _of(chain: str) -> Update:
    return update(TOKEN_CHAINS).where(TOKEN_CHAINS.c.chain == chain)
