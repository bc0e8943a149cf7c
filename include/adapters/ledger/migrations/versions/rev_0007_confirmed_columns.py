"""Of which columns somebody said that they belong into the table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it. What was confirmed before was confirmed whatever the columns are."""
    op.add_column("uploads", sa.Column("confirmed_columns", sa.String()))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("uploads", "confirmed_columns")
