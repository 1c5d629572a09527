"""Alembic's entry: runs on the connection, and in the transaction, that it is handed."""

from __future__ import annotations

from alembic import context

from gateway.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite can alter little in place
)
with context.begin_transaction():
    context.run_migrations()
