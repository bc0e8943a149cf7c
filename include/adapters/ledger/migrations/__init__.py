"""Migrations: the folder that Alembic reads; `migrate.py` runs them."""
