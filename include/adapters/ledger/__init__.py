"""The ledger: uploads, their history and who may act, in SQL through SQLAlchemy and Alembic."""
