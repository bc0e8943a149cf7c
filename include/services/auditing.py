"""The audit trail for whoever asks: actions, and of one upload its changes of state between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import NotFound
from include.ports import AuditEntry

if TYPE_CHECKING:
    from datetime import datetime

    from include.ports import AuditTrail, UploadLedger


def trail(
    audit: AuditTrail,
    *,
    who: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    limit: int,
) -> tuple[AuditEntry, ...]:
    """The newest `limit` entries, oldest first."""
    return audit.entries(who=who, since=since, before=before, limit=limit)


def trail_of_upload(audit: AuditTrail, ledger: UploadLedger, upload_id: str, *, limit: int) -> tuple[AuditEntry, ...]:
    """Everything that was done with an upload, and each state it went through, oldest first."""
    if ledger.get(upload_id) is None:
        raise NotFound(f"There is no upload {upload_id}.", code="upload_not_found", title="Upload not found")
    done = audit.entries(mentions=upload_id, limit=limit)
    states = (
        AuditEntry(
            change.at, change.actor, f"state: {change.state.value}", {"note": change.note} if change.note else {}
        )
        for change in ledger.history(upload_id)
    )
    return tuple(sorted((*done, *states), key=lambda entry: entry.at))[-limit:]
