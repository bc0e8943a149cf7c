"""The audit trail, read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import String, cast, func, select

from include.adapters.ledger.engine import reading
from include.adapters.ledger.tables import audit_trail
from include.ports import AuditEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


@dataclass(frozen=True)
class SqlAuditTrail:
    """`AuditTrail` over SQLite or PostgreSQL."""

    engine: Engine

    def entries(
        self,
        *,
        who: str | None = None,
        mentions: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
        limit: int,
    ) -> tuple[AuditEntry, ...]:
        """What was done, the newest `limit` of it, oldest first."""
        kept = audit_trail.c
        query = select(kept.at, kept.who, kept.what, kept.details).order_by(kept.at.desc(), kept.id.desc()).limit(limit)
        if who is not None:
            query = query.where(func.lower(kept.who) == who.lower())
        if mentions is not None:  # details name an upload in several ways: `upload_id`, in a list of `uploads`
            query = query.where(cast(kept.details, String).contains(mentions, autoescape=True))
        if since is not None:
            query = query.where(kept.at >= since)
        if before is not None:
            query = query.where(kept.at < before)
        with reading(self.engine) as connection:
            return tuple(reversed([AuditEntry(*row) for row in connection.execute(query)]))
