"""Tables whose own columns promotion has to bring over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the notes."""
    op.create_table(
        "changed_tables",
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("database", sa.String(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("note", name="pk_changed_tables"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("changed_tables")
