"""The tables as the code uses them; migrations make them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, Text

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
)
"""Refresh tokens that follow each other, one chain for each that gateway.yaml has given.

`chain` is a digest; moments are seconds since 1970. `lease` names who is renewing. `asking_since`
and `asking_digest` stand from before a refresh token is sent until it is known what became of it.
"""
