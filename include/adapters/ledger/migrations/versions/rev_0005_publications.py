"""Which published uploads have the same columns, so that the history of a table's columns is read from an index."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AT_ONCE = 1000
_IS_PUBLISHED = sa.text("published_at IS NOT NULL")
_INDEXED = ("database", "table", "published_at", "id", "state", "uploader", "extraction_timestamp", "columns_digest")
_uploads = sa.table(
    "uploads", sa.column("id", sa.String()), sa.column("columns", sa.JSON()), sa.column("columns_digest")
)


def upgrade() -> None:
    """Add the digest to every upload, and the index."""
    op.add_column("uploads", sa.Column("columns_digest", sa.String()))
    connection, last = op.get_bind(), ""
    while True:
        query = sa.select(_uploads.c.id, _uploads.c.columns).where(_uploads.c.id > last).order_by(_uploads.c.id)
        rows = connection.execute(query.limit(_AT_ONCE)).all()
        if not rows:
            break
        for upload_id, columns in rows:
            change = sa.update(_uploads).where(_uploads.c.id == upload_id).values(columns_digest=_digest(columns))
            connection.execute(change)
        last = rows[-1][0]
    op.create_index(
        "ix_uploads_published", "uploads", list(_INDEXED), sqlite_where=_IS_PUBLISHED, postgresql_where=_IS_PUBLISHED
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_index("ix_uploads_published", "uploads")
    op.drop_column("uploads", "columns_digest")


def _digest(columns: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(sorted(columns)).encode()).hexdigest()[:16]
