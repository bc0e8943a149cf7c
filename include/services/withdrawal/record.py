"""The record of a withdrawal beside the raw file: whoever rebuilds anything from raw_history leaves that upload out."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from include.domain.errors import Terminal
from include.domain.withdrawal import Approval, Withdrawal
from include.services.areas import Areas

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.ports import ObjectStore
    from include.services.context import PipelineContext


@dataclass(frozen=True, kw_only=True)
class WithdrawnRecord:
    """What `_withdrawn.json` says. Moments are ISO 8601; `approved_by` is None where no approval was needed."""

    upload_id: str
    requested_by: str
    requested_at: str
    reason: str
    approved_by: str | None
    approved_at: str | None


def keep_record(context: PipelineContext, upload: Upload, withdrawal: Withdrawal) -> None:
    """Write who withdrew the upload, when, why, and who approved it; a record that can be read is the truer one."""
    if _is_readable(context.objects, Areas(context.settings).withdrawn(upload)):
        return
    document = {
        "upload_id": upload.id,
        "requested_by": withdrawal.requested_by,
        "requested_at": withdrawal.requested_at.isoformat(),
        "reason": withdrawal.reason,
        "approved_by": withdrawal.decided_by,
        "approved_at": withdrawal.decided_at.isoformat() if withdrawal.decided_at else None,
    }
    context.objects.write(Areas(context.settings).withdrawn(upload), json.dumps(document, indent=1).encode())


def read_record(objects: ObjectStore, uri: str) -> WithdrawnRecord | None:
    """What a record says, or None where the upload was not withdrawn.

    Terminal (`record_unreadable`) for one that says nothing: it is a record all the same.
    """
    if objects.head(uri) is None:
        return None
    try:
        record = WithdrawnRecord(**json.loads(objects.read(uri)))
        for moment in (record.requested_at, record.approved_at):
            if moment is not None:
                datetime.fromisoformat(moment)
    except (ValueError, TypeError) as error:
        raise Terminal(f"{uri} cannot be read ({type(error).__name__}).", code="record_unreadable") from error
    return record


def restore_withdrawal(context: PipelineContext, upload: Upload, *, run_id: str | None = None) -> str:
    """Enter a withdrawal into the ledger again by its record. It is carried out again, to be sure that nothing is left.

    Its run is the one that is named, or has a name of its own: Airflow may remember the one that carried it before.
    Returns what is wrong with the record, in words, or nothing. One that cannot be read is of a withdrawal of which
    nothing else is known: only what was decided gets one.
    """
    if context.withdrawals.get(upload.id) is not None:
        return ""
    now = context.clock.now()
    restored = Withdrawal(
        upload_id=upload.id,
        requested_by=upload.uploader,
        reason="not known: its record cannot be read",
        requested_at=now,
        run_id=run_id or f"{upload.id}__{now:%Y%m%dT%H%M%S%f}",
        approval=Approval.NOT_NEEDED,
    )
    try:
        record = read_record(context.objects, Areas(context.settings).withdrawn(upload))
    except Terminal as error:
        context.withdrawals.restore(restored)
        return error.detail
    if record is not None:
        approved_at = datetime.fromisoformat(record.approved_at) if record.approved_at else None
        restored = replace(
            restored,
            requested_by=record.requested_by,
            reason=record.reason,
            requested_at=datetime.fromisoformat(record.requested_at),
            approval=Approval.GIVEN if approved_at else Approval.NOT_NEEDED,
            decided_by=record.approved_by,
            decided_at=approved_at,
        )
        context.withdrawals.restore(restored)
    return ""


def _is_readable(objects: ObjectStore, uri: str) -> bool:
    try:
        return read_record(objects, uri) is not None
    except Terminal:
        return False
