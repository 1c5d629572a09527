"""Limits that several gateways share; and when a token was last stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_places",
        sa.Column("vendor", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(4), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("free_at", sa.Float, nullable=False),
    )
    op.create_index("limit_places_free", "limit_places", ["vendor", "kind", "free_at"])
    op.create_table(
        "limit_waiters",
        sa.Column("waiter", sa.String(32), primary_key=True),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.add_column("token_chains", sa.Column("kept_at", sa.Float))


def downgrade() -> None:
    op.drop_column("token_chains", "kept_at")
    op.drop_table("limit_waiters")
    op.drop_table("limit_places")
