"""What a sender says of a file's bytes, what they confirmed, and when a token was last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them. Nobody was asked to confirm before; what was accepted then is not to be refused when it runs again."""
    op.add_column("uploads", sa.Column("confirmed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("uploads", sa.Column("sent_sha256", sa.String()))
    op.execute(sa.text("UPDATE uploads SET confirmed = :yes").bindparams(yes=True))
    op.add_column("api_tokens", sa.Column("last_used_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("api_tokens", "last_used_at")
    op.drop_column("uploads", "sent_sha256")
    op.drop_column("uploads", "confirmed")
