"""The tables as the code uses them; migrations make them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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

_ID: Final = BigInteger().with_variant(Integer, "sqlite")  # only that counts up by itself there

ORDERS: Final = Table(
    "orders",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("mapping", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("vendor", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("effect", String(8), nullable=False),
    Column("stored", Boolean, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("snapshot", String(64), nullable=False),
    Column("received_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("give_up_at", Float, nullable=False),
    Column("due_at", Float),
    Column("owner", String(32)),
    Column("run", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Text),
    Column("error", Text),
    Column("reply", Text),
    Column("undoing", Text),
    Column("reference", Text),
    UniqueConstraint("mapping", "key"),
    Index("orders_due", "state", "due_at"),
    Index("orders_owner", "owner"),
    Index("orders_received", "received_at"),
)
"""Orders, each with its present attempt; what they mean: `storage.order`.

Moments are seconds since 1970. `stored` where Nacelle was answered once it was stored. `owner` is
the gateway process that runs it, and `run` counts how often one took it: who writes with an older
number has lost it. `reply` and `undoing` are refusals as JSON; `error` is why, for people.
"""

ATTEMPTS: Final = Table(
    "attempts",
    METADATA,
    Column("order_id", _ID, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("effect", String(8), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("snapshot", String(64), nullable=False),
    Column("received_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Text),
    Column("error", Text),
    Column("reply", Text),
    Column("reference", Text),
)
"""The earlier attempts of orders, as they ended."""

INTENTS: Final = Table(
    "intents",
    METADATA,
    Column("order_id", _ID, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("call", Text, primary_key=True),
    Column("element", Integer, primary_key=True),
    Column("undo", Boolean, primary_key=True),
    Column("sent_at", Float, nullable=False),
    Column("sends", Integer, nullable=False),
    Column("verdict", String(5)),
    Column("said", Text),
    Column("reference", Text),
)
"""Effects, written down before they are sent; `verdict` once it is known what came of them.

`element` is the number in the call's `each`, -1 without one; `sends` counts.
"""

PAYLOADS: Final = Table(
    "payloads",
    METADATA,
    Column("order_id", _ID, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("call", Text, primary_key=True),
    Column("element", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
    Index("payloads_at", "at"),
)
"""What was said, as JSON: the one place with personal data, kept for as long as it must be.

`kind` is `received`, `read` (what a call that reads brought, by its `number`), `request` and
`answer` of an effect, or `unsend` and `unsaid` of its undoing.
"""

SNAPSHOTS: Final = Table(
    "snapshots",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("content", Text, nullable=False),
    Column("since", Float, nullable=False),
)
"""Mappings with all that they are made of, as orders have begun with them."""

MEMBERS: Final = Table(
    "members",
    METADATA,
    Column("member", String(32), primary_key=True),
    Column("since", Float, nullable=False),
)
"""The gateway processes that take orders; each holds a lock of the server's while it lives."""

ACTS: Final = Table(
    "acts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("order_id", _ID, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("act", String(12), nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text),
    Index("acts_order", "order_id"),
)
"""What people did about orders: who, when, and why."""
