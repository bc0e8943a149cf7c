"""The first tables of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from datetime import datetime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    _uploads()
    op.create_table(
        "upload_states",
        sa.PrimaryKeyConstraint("id", name="pk_upload_states"),
        _serial(),
        sa.Column(
            "upload_id", sa.String(), sa.ForeignKey("uploads.id", name="fk_upload_states_upload_id"), nullable=False
        ),
        sa.Column("state", sa.String(), nullable=False),
        _moment("at"),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
    )
    op.create_index("ix_upload_states_upload_id_id", "upload_states", ["upload_id", "id"])
    op.create_table(
        "leases",
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        _moment("expires_at"),
    )
    op.create_table(
        "mails",
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        _moment("sent_at"),
    )
    op.create_table(
        "audit_trail",
        sa.PrimaryKeyConstraint("id", name="pk_audit_trail"),
        _serial(),
        _moment("at"),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
    )
    op.create_index("ix_audit_trail_at", "audit_trail", ["at"])
    _identity()


def downgrade() -> None:
    """Remove everything."""
    for table in (
        "api_tokens",
        "sessions",
        "sign_in_codes",
        "audit_trail",
        "mails",
        "leases",
        "upload_states",
        "uploads",
    ):
        op.drop_table(table)


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("database", sa.String(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("extraction_timestamp", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("uploader", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("governance", sa.JSON(), nullable=False),
        sa.Column("may_create", sa.Boolean(), nullable=False),
        sa.Column("landing_uri", sa.String(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("multipart_id", sa.String()),
        sa.Column("part_size", sa.BigInteger(), nullable=False),
        sa.Column("part_count", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String()),
        _moment("claimed_at", nullable=True),
        sa.Column("sha256", sa.String()),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("revision", sa.String()),
        sa.Column("promoted_revision", sa.String()),
        _moment("published_at", nullable=True),
        _moment("promoted_at", nullable=True),
        sa.UniqueConstraint(
            "database", "table", "extraction_timestamp", name="uq_uploads_database_table_extraction_timestamp"
        ),
    )
    op.create_index("ix_uploads_created_at_id", "uploads", ["created_at", "id"])
    op.create_index("ix_uploads_uploader_created_at_id", "uploads", ["uploader", "created_at", "id"])
    live = sa.text("state IN ('promoted', 'published')")
    op.create_index("ix_uploads_live", "uploads", ["database", "table"], sqlite_where=live, postgresql_where=live)
    published = "CASE WHEN (state IN ('promoted', 'published')) THEN revision END"
    op.create_index(
        "ix_uploads_unmirrored",
        "uploads",
        ["database", "table", "extraction_timestamp"],
        sqlite_where=sa.text(f"{published} IS NOT promoted_revision"),
        postgresql_where=sa.text(f"{published} IS DISTINCT FROM promoted_revision"),
    )


def _identity() -> None:
    op.create_table(
        "sign_in_codes",
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_codes"),
        _serial(),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        _moment("sent_at"),
        _moment("expires_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("used_at", nullable=True),
    )
    op.create_index("ix_sign_in_codes_email_id", "sign_in_codes", ["email", "id"])
    op.create_table(
        "sessions",
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
        sa.Column("answers", sa.JSON(), nullable=False),
        _moment("ended_at", nullable=True),
    )
    op.create_table(
        "api_tokens",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("email", "name", name="pk_api_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )


def _serial() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
