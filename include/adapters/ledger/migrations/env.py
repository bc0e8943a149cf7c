"""Alembic's entry: runs migrations in the transaction that `migrate.py` opened."""

from __future__ import annotations

from alembic import context

from include.adapters.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's too, since the engine begins its transactions itself
)
context.run_migrations()
