"""Mail about withdrawals: that one waits for an approval, was carried out, or was declined; each once.

The reason is a person's own words about data, so it stays behind sign-in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import names
from include.domain.errors import Terminal
from include.domain.upload import Door
from include.domain.withdrawal import Approval
from include.services.mail_words import about
from include.services.notices import send_once
from include.services.table_owners import owner_of

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.domain.withdrawal import Withdrawal
    from include.ports import Mail
    from include.services.context import PipelineContext


def notify_withdrawal(context: PipelineContext, upload_id: str) -> list[str]:
    """Send what the state of a withdrawal asks for and was not sent; returns the ids of what was sent now."""
    upload, withdrawal = context.ledger.get(upload_id), context.withdrawals.get(upload_id)
    if upload is None or withdrawal is None:
        raise Terminal(f"Nobody asked to withdraw upload {upload_id}.", code="no_such_withdrawal")
    sent = [send_once(context, mail) for mail in _mails(context, upload, withdrawal)]
    return [mail for mail in sent if mail is not None]


def _mails(context: PipelineContext, upload: Upload, withdrawal: Withdrawal) -> list[Mail]:
    if withdrawal.approval is Approval.WANTED:
        return [_approval_wanted(context, upload, withdrawal)]
    if withdrawal.approval is Approval.DECLINED:
        return [_declined(context, upload, withdrawal)]
    if withdrawal.done_at is None:
        return []
    mail = _withdrawn(context, upload, withdrawal)
    owner = owner_of(context, upload.database, upload.table)  # of what is left in the table, if anything is
    if owner is None:
        return [mail]
    if owner == Door.LANDING.value:
        owner = context.settings.team_email
    return [mail] if owner == mail.to else [mail, _withdrawn(context, upload, withdrawal, owner=owner)]


def _withdrawn(context: PipelineContext, upload: Upload, withdrawal: Withdrawal, *, owner: str | None = None) -> Mail:
    return about(
        context,
        upload,
        "withdrawn" if owner is None else "withdrawn-owner",
        to=owner,
        subject=f"Withdrawn: {_reference(context, upload)}",
        body=[
            f"The file {upload.filename} has been withdrawn, and its rows are no longer in the table.",
            "",
            *_facts(context, upload, withdrawal),
            *([f"Approved by: {withdrawal.decided_by}"] if withdrawal.decided_by else []),
            "",
            "What to do next",
            "To put it right, correct the file and upload it again."
            if owner is None
            else "You own this table. Check queries and reports that use these rows.",
        ],
    )


def _declined(context: PipelineContext, upload: Upload, withdrawal: Withdrawal) -> Mail:
    # A data engineer asks under a name of Airflow, which is no address.
    asked_by_mail = "@" in withdrawal.requested_by
    return about(
        context,
        upload,
        f"withdrawal-declined-{withdrawal.requested_at:%Y%m%dT%H%M%S}",
        subject=f"Not withdrawn: {_reference(context, upload)}",
        body=[
            f"The file {upload.filename} has not been withdrawn: a data engineer declined it. Nothing was changed.",
            "",
            *_facts(context, upload, withdrawal),
            f"Declined by: {withdrawal.decided_by}",
            "",
            "What to do next",
            f"Ask the team why: {context.settings.team_email}. You can ask to withdraw it again with another reason.",
        ],
        to=withdrawal.requested_by if asked_by_mail else context.settings.team_email,
    )


def _approval_wanted(context: PipelineContext, upload: Upload, withdrawal: Withdrawal) -> Mail:
    place = f"{context.settings.airflow_url.rstrip('/')}/dags/withdraw_upload/runs/{withdrawal.run_id}"
    return about(
        context,
        upload,
        f"withdrawal-approval-{withdrawal.requested_at:%Y%m%dT%H%M%S}",
        subject=f"Approve a withdrawal: {_reference(context, upload)}",
        body=[
            "Somebody asks to withdraw an upload that is on its way to the Analytical Platform, or on it already.",
            "",
            *_facts(context, upload, withdrawal),
            "",
            "What to do next",
            f"Read the reason, and approve or decline it: {place}",
        ],
        to=context.settings.team_email,
    )


def _facts(context: PipelineContext, upload: Upload, withdrawal: Withdrawal) -> list[str]:
    return [
        f"Athena reference: {_reference(context, upload)}",
        f"extraction_timestamp: {upload.extraction_timestamp}",
        f"Rows: {upload.rows}",
        f"Uploaded by: {upload.uploader}",
        f"Asked for by: {withdrawal.requested_by}",
    ]


def _reference(context: PipelineContext, upload: Upload) -> str:
    return names.athena_reference(upload.database, upload.table, env=context.settings.env)
