"""The reading options that an upload is bound to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; uploads that are there were read with the defaults."""
    op.add_column("uploads", sa.Column("reading_options", sa.JSON()))
    op.add_column("uploads", sa.Column("options_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Forget them; the manifests still have them."""
    op.drop_column("uploads", "options_since")
    op.drop_column("uploads", "reading_options")
