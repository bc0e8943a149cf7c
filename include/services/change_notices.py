"""Mail about uploads that change their table: to its owner, and while one waits for an approval."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.append_findings import CODES, WIDENS
from include.domain.upload import Door, State
from include.services.mail_words import about, finding_lines
from include.services.table_owners import owner_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.domain.findings import Finding
    from include.domain.upload import Upload
    from include.ports import Mail
    from include.services.context import PipelineContext

WIDENING_DAG = "widen_table"
LISTED = 20  # findings; the status page has all


def table_changed(context: PipelineContext, upload: Upload) -> Mail | None:
    """To the owner of a table, which an upload of somebody else has changed; None if there is nothing to tell.

    Who owns the table and sent the file reads the same in the mail that it is published.
    """
    changes = [finding for finding in upload.findings if finding.code in CODES]
    owner = owner_of(context, upload.database, upload.table) if changes else None
    if owner is None:
        return None
    made_by_hand = owner == Door.LANDING.value
    to = context.settings.team_email if made_by_hand else owner
    reference = names.athena_reference(upload.database, upload.table, env=context.settings.env)
    body = [
        f"An upload has changed the columns of {reference}, a table that is yours.",
        "",
        f"Uploaded by: {upload.uploader}",
        f"File: {upload.filename}",
        f"extraction_timestamp: {upload.extraction_timestamp}",
        "",
        "What changed",
        *_listed(changes),
        "",
        "What to do next",
        "Check queries and reports that use these columns. If the change is a mistake, ask who uploaded the file to",
        "withdraw it." if made_by_hand else "withdraw it. What was changed, and what else was found:",
    ]
    subject = f"Columns changed: {reference}"
    mail = about(context, upload, "table_changed", subject=subject, body=body, to=to if made_by_hand else None)
    if made_by_hand:
        return None if upload.door is Door.LANDING else mail
    return None if mail.to == to else replace(mail, to=to)  # the owner may see what was found


def waiting_for_approval(context: PipelineContext, upload: Upload) -> Mail:
    """To who sent the file: why it is not in its table yet, and what can be done."""
    reference = names.athena_reference(upload.database, upload.table, env=context.settings.env)
    body = [
        f"Your file {upload.filename} has been checked. It is not in {reference} yet: it makes columns of the table",
        "wider, so earlier partitions have to be written again. That is more than is done without asking: a data",
        "engineer decides about it. The data engineers have been told.",
        "",
        "What makes the columns wider",
        *_listed(_widening(upload)),
        "",
        "What to do next",
        "If the file is right, you need not do anything: you get a mail when it is added, or when it is declined. If a",
        "value is a mistake, cancel the upload, correct the file and upload it again. The values, and the button to",
        "cancel, are here:",
    ]
    return about(context, upload, "waiting_for_approval", subject=f"Waiting for approval: {reference}", body=body)


def approval_wanted(context: PipelineContext, upload: Upload, *, run_id: str | None) -> Mail:
    """To the team: uploads of a table wait for an approval in this run. One mail, however many there are by then."""
    waiting = context.ledger.in_states({State.WAITING_FOR_APPROVAL}, database=upload.database, table=upload.table)
    first = waiting[0] if waiting else upload
    settings = context.settings
    reference = names.athena_reference(upload.database, upload.table, env=settings.env)
    body = [
        f"Uploads to {reference} make columns wider, and more partitions have to be written again for it than is done",
        "without an approval.",
        "",
        f"Uploads that wait: {max(1, len(waiting))}",
        f"First of them: {first.filename}, uploaded by {first.uploader}",
        *_listed(_widening(first)),
        "",
        "What to do next",
        "Approve or decline in Airflow. How many partitions and bytes there are is said there:",
        f"{settings.airflow_url.rstrip('/')}/dags/{WIDENING_DAG}{f'/runs/{run_id}' if run_id else ''}",
    ]
    subject = f"Approval wanted: {reference}"
    return about(context, first, "approval_wanted", subject=subject, body=body, to=settings.team_email)


def _widening(upload: Upload) -> list[Finding]:
    return [finding for finding in upload.findings if finding.code == WIDENS]


def _listed(findings: Sequence[Finding]) -> list[str]:
    lines = [line for finding in findings[:LISTED] for line in finding_lines(finding)]
    return [*lines, f"- and {len(findings) - LISTED} more"] if len(findings) > LISTED else lines
