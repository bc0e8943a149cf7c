"""What promotion has begun, attempts, withdrawals, and the reports of the nights."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PUBLISHED = "CASE WHEN (state IN ('promoted', 'published')) THEN revision END"
_UNFINISHED = (
    "'checking', 'converting', 'failed', 'landed', 'publishing', 'started', 'uploading', 'validating', "
    "'waiting_for_approval', 'widening'"
)


def upgrade() -> None:
    """Add them. What is promoted was taken before; uploads under way are taken again by the next promotion."""
    op.add_column("uploads", sa.Column("taken_revision", sa.String()))
    op.add_column("uploads", sa.Column("landed_at", sa.DateTime(timezone=True)))
    op.add_column("uploads", sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE uploads SET taken_revision = promoted_revision")
    _index_unmirrored(f" OR {_PUBLISHED} IS NULL AND taken_revision IS NOT NULL")
    unfinished = sa.text(f"state IN ({_UNFINISHED})")
    op.create_index(
        "ix_uploads_unfinished",
        "uploads",
        ["state", "created_at"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_table(
        "withdrawals",
        sa.Column(
            "upload_id", sa.String(), sa.ForeignKey("uploads.id", name="fk_withdrawals_upload_id"), nullable=False
        ),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("approval", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("upload_id", name="pk_withdrawals"),
    )
    op.create_index("ix_withdrawals_done_at", "withdrawals", ["done_at"])
    op.create_table(
        "promotion_nights",
        sa.Column("london_date", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("covers", sa.JSON(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("london_date", name="pk_promotion_nights"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("promotion_nights")
    op.drop_table("withdrawals")
    op.drop_index("ix_uploads_unfinished", "uploads")
    _index_unmirrored("")
    op.drop_column("uploads", "attempt")
    op.drop_column("uploads", "landed_at")
    op.drop_column("uploads", "taken_revision")


def _index_unmirrored(more: str) -> None:
    op.drop_index("ix_uploads_unmirrored", "uploads")
    op.create_index(
        "ix_uploads_unmirrored",
        "uploads",
        ["database", "table", "extraction_timestamp"],
        sqlite_where=sa.text(f"{_PUBLISHED} IS NOT promoted_revision{more}"),
        postgresql_where=sa.text(f"{_PUBLISHED} IS DISTINCT FROM promoted_revision{more}"),
    )
