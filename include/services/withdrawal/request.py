"""Asking: an uploader takes an upload back, or a data engineer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.withdrawal import check_reason, reason_missing
from include.services.reading import own_upload

if TYPE_CHECKING:
    from include.domain.withdrawal import Withdrawal
    from include.services.context import FrontContext, PipelineContext


def request_withdrawal(context: FrontContext, upload_id: str, *, by: str, reason: str) -> Withdrawal:
    """Withdraw an upload of this person, or ask for the approval that this needs; repeating it is harmless.

    NotFound when it is not theirs, Conflict (`wrong_state`) when it is not published, Refused (field `reason`).
    """
    own_upload(context, upload_id, by=by)
    return context.withdrawals.request(upload_id, by=by, reason=check_reason(reason))


def request_as_engineer(context: PipelineContext, upload_id: str, *, by: str, reason: str, run_id: str) -> Withdrawal:
    """The same for anybody's upload and always with a reason; the run of the form that asks carries the request."""
    why = check_reason(reason)
    if not why:
        raise reason_missing()
    return context.withdrawals.request(upload_id, by=by, reason=why, run_id=run_id)
