"""Which uploads of a table are of the same file."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NAME = "ix_uploads_sha256_database_table"


def upgrade() -> None:
    """Find them by an index."""
    op.create_index(_NAME, "uploads", ["sha256", "database", "table"])


def downgrade() -> None:
    """Go without it."""
    op.drop_index(_NAME, "uploads")
