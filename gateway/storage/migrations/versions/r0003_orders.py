"""Orders that are delivered once: their attempts, intents, payloads, and who runs them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _orders()
    _history()
    _payloads()
    _people()


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("effect", sa.String(8), nullable=False),
        sa.Column("stored", sa.Boolean, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("give_up_at", sa.Float, nullable=False),
        sa.Column("due_at", sa.Float),
        sa.Column("owner", sa.String(32)),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("reply", sa.Text),
        sa.Column("undoing", sa.Text),
        sa.Column("reference", sa.Text),
        sa.UniqueConstraint("mapping", "key"),
    )
    op.create_index("orders_due", "orders", ["state", "due_at"])
    op.create_index("orders_owner", "orders", ["owner"])
    op.create_index("orders_received", "orders", ["received_at"])


def _history() -> None:
    op.create_table(
        "attempts",
        sa.Column("order_id", _ID, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("effect", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("reply", sa.Text),
        sa.Column("reference", sa.Text),
    )
    op.create_table(
        "intents",
        sa.Column("order_id", _ID, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("element", sa.Integer, primary_key=True),
        sa.Column("undo", sa.Boolean, primary_key=True),
        sa.Column("sent_at", sa.Float, nullable=False),
        sa.Column("sends", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String(5)),
        sa.Column("said", sa.Text),
        sa.Column("reference", sa.Text),
    )


def _payloads() -> None:
    op.create_table(
        "payloads",
        sa.Column("order_id", _ID, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("element", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("payloads_at", "payloads", ["at"])


def _people() -> None:
    op.create_table(
        "snapshots",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("member", sa.String(32), primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
    )
    op.create_table(
        "acts",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_index("acts_order", "acts", ["order_id"])


def downgrade() -> None:
    for table in ("acts", "members", "snapshots", "payloads", "intents", "attempts", "orders"):
        op.drop_table(table)
