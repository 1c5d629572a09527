"""Refresh tokens that change with each use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_chains",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("refresh_token", sa.Text, nullable=False),
        sa.Column("access_token", sa.Text),
        sa.Column("expires_at", sa.Float),
        sa.Column("renewals", sa.Integer, nullable=False),
        sa.Column("lease", sa.Text),
        sa.Column("lease_until", sa.Float),
        sa.Column("asking_since", sa.Float),
        sa.Column("asking_digest", sa.String(64)),
    )


def downgrade() -> None:
    op.drop_table("token_chains")
