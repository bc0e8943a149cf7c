"""Tokens that expire, codes bound to a browser, sessions of an identity provider, and counts of tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them. Codes that were mailed before belong to no browser, and are asked for again."""
    op.add_column("sign_in_codes", sa.Column("entry", sa.String()))
    op.add_column("api_tokens", sa.Column("expires_at", sa.DateTime(timezone=True)))
    op.add_column("sessions", sa.Column("admitted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("sessions", sa.Column("id_token", sa.String()))
    op.create_index("ix_sessions_email", "sessions", ["email"])
    op.create_table(
        "tries",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tries"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("tries")
    op.drop_index("ix_sessions_email", "sessions")
    op.drop_column("sessions", "id_token")
    op.drop_column("sessions", "admitted")
    op.drop_column("api_tokens", "expires_at")
    op.drop_column("sign_in_codes", "entry")
