"""The tables as the code uses them; migrations make them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

METADATA: Final = MetaData()

TOKEN_CHAINS: Final = Table(
    "token_chains",
    METADATA,
    Column("chain", String(64), primary_key=True),
    Column("refresh_token", Text, nullable=False),
    Column("access_token", Text),
    Column("expires_at", Float),
    Column("renewals", Integer, nullable=False),
    Column("lease", Text),
    Column("lease_until", Float),
    Column("asking_since", Float),
    Column("asking_digest", String(64)),
    Column("kept_at", Float),
)
"""Refresh tokens that follow each other, one chain for each that gateway.yaml has given.

`chain` is a digest; moments are seconds since 1970. `lease` names who is renewing. `asking_since`
and `asking_digest` stand from before a refresh token is sent until it is known what became of it.
`kept_at` is when a token was last stored; null where that was before there was this column.
"""

LIMIT_PLACES: Final = Table(
    "limit_places",
    METADATA,
    Column("vendor", Text, primary_key=True),
    Column("kind", String(4), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("free_at", Float, nullable=False),
    Index("limit_places_free", "vendor", "kind", "free_at"),
)
"""The places of shared limits, as many rows as were ever taken at once; `kind` is `call` or `turn`.

`holder` is the call that has it, or had it last; `free_at` when anybody may take it.
"""

LIMIT_WAITERS: Final = Table(
    "limit_waiters",
    METADATA,
    Column("waiter", String(32), primary_key=True),
    Column("vendor", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("until", Float, nullable=False),
)
"""Processes that wait for a place, since when, and `until` when unless they ask again."""
