"""Mail: what people are told of an upload that is published, refused, waiting or promoted, once each."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.errors import Terminal
from include.domain.promotion import LONDON
from include.domain.upload import LIVE, Door, State, Upload
from include.services import change_notices
from include.services.areas import Areas
from include.services.mail_words import about, facts, finding_lines, mail_id

if TYPE_CHECKING:
    from include.ports import Mail
    from include.services.context import PipelineContext

PROMOTION_MAIL_DAYS = 7


def notify(context: PipelineContext, upload_id: str, *, run_id: str | None = None) -> str | None:
    """Send the mail that the upload's state asks for, unless it was sent; returns the id of what was sent now.

    The owner of the table and the team are told what concerns them by mails of their own. `run_id` is of the widening
    that asks for an approval, if it does.
    """
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    if upload.state in LIVE:
        sent = send_once(context, published(context, upload))
        changed = change_notices.table_changed(context, upload)
        if changed is not None:
            send_once(context, changed)
        return sent
    if upload.state is State.REFUSED:
        return send_once(context, refused(context, upload))
    if upload.state is State.WAITING_FOR_APPROVAL:
        return waiting(context, upload, run_id=run_id)
    return None


def waiting(context: PipelineContext, upload: Upload, *, run_id: str | None = None) -> str | None:
    """Tell who sent an upload that it waits for an approval, and the team that one is wanted, once each."""
    send_once(context, change_notices.approval_wanted(context, upload, run_id=run_id))
    return send_once(context, change_notices.waiting_for_approval(context, upload))


def notify_promoted(context: PipelineContext) -> list[str]:
    """Send the mail of every upload promoted in the last days that has not had it; returns the ids of what was sent.

    It looks at what is promoted, not at what a run did: a mail that a killed run did not send goes out with the next.
    """
    lately = context.clock.now() - timedelta(days=PROMOTION_MAIL_DAYS)
    sent = [send_once(context, promoted(context, upload)) for upload in context.ledger.promoted_since(lately)]
    return [mail for mail in sent if mail is not None]


def send_once(context: PipelineContext, mail: Mail) -> str | None:
    """Hand a message to the transport if that was not done before; returns its id if it was done now.

    Between handing over and remembering, a kill may repeat a message: it then carries the same Message-ID.
    """
    if context.ledger.mailed(mail.id):
        return None
    context.mailer.send(mail)
    context.ledger.record_mail(mail.id, to=mail.to)
    return mail.id


def sent_by(upload: Upload) -> tuple[str, ...]:
    """The ids of the messages that the state of a finished upload says were sent."""
    if upload.state is State.REFUSED:
        return (mail_id(upload, "refused"),)
    if upload.state in LIVE or upload.state is State.WITHDRAWN:
        kinds = {"published": True, "table_changed": True, "promoted": upload.promoted_revision is not None}
        kinds["withdrawn"] = upload.state is State.WITHDRAWN
        return tuple(mail_id(upload, kind) for kind, was_sent in kinds.items() if was_sent)
    return ()


def next_promotion(now: datetime) -> datetime:
    """The next 01:00 in London. On the spring night when 01:00 does not exist it is the moment the clocks go on."""
    local = now.astimezone(LONDON)
    day = local.date() if local.time() < time(1) else local.date() + timedelta(days=1)
    return datetime.combine(day, time(1), tzinfo=LONDON)


def published(context: PipelineContext, upload: Upload) -> Mail:
    """The five facts, when it will be on the Analytical Platform, and what to do next."""
    settings, moment = context.settings, next_promotion(context.clock.now())
    first = _is_first_of_database(context, upload)
    reference = names.athena_reference(upload.database, upload.table, env=settings.env)
    if first:
        step = (
            f"{Areas(settings).database(upload.database)} is a new database. Who may read it, and the files to ask for "
            f"access with: {settings.base_url.rstrip('/')}/tables/{upload.database}/access"
        )
    else:
        step = "Everyone with access to this table will be able to read what you uploaded."
    return about(
        context,
        upload,
        "published",
        subject=f"Uploaded: {reference}",
        body=[
            f"Your file {upload.filename} has been checked and added.",
            "",
            *facts(context, upload),
            f"Rows: {upload.rows}",
            "",
            f"It will be on the Analytical Platform after {moment:%H:%M} on {moment.day} {moment:%B %Y} (London time).",
            "",
            "What to do next",
            step,
            *_worth_knowing(upload),
        ],
    )


def refused(context: PipelineContext, upload: Upload) -> Mail:
    """What is wrong with the file: code, column and lines. The values themselves stay behind sign-in."""
    wrong = [finding for finding in upload.findings if finding.severity.value == "error"]
    body = [
        f"Your file {upload.filename} could not be added, and nothing was changed.",
        "",
        f"Database: {upload.database or 'not known'}",
        f"Table: {upload.table or 'not known'}",
        f"Path: {upload.landing_uri}" if upload.door is Door.LANDING else f"File: {upload.filename}",
        "",
        "What is wrong",
    ]
    for finding in wrong:
        body += finding_lines(finding)
    body += ["", "What to do next", "Correct the file and upload it again. The details, with the values, are here:"]
    return about(context, upload, "refused", subject=f"Not uploaded: {upload.filename}", body=body)


def failed(context: PipelineContext, upload: Upload) -> Mail:
    """To the team: a run failed, and the upload waits for somebody to mend the cause."""
    settings = context.settings
    body = [
        f"The ingestion of an upload to {upload.database}.{upload.table} failed. The file is safe in landing.",
        "",
        f"Run: {settings.airflow_url.rstrip('/')}/dags/ingest_upload/runs/{upload.run_id}",
        "",
        "What to do next",
        "Read the log of the red task, mend the cause, and clear the task.",
    ]
    subject = f"Ingestion failed: {upload.database}.{upload.table}"
    return about(context, upload, "failed", subject=subject, body=body, to=settings.team_email)


def promoted(context: PipelineContext, upload: Upload) -> Mail:
    """The short one, when the data can be queried."""
    reference = names.athena_reference(upload.database, upload.table, env=context.settings.env)
    return about(
        context,
        upload,
        "promoted",
        subject=f"On the Analytical Platform: {reference}",
        body=[f"Your file {upload.filename} is now on the Analytical Platform.", "", *facts(context, upload)],
    )


def _worth_knowing(upload: Upload) -> list[str]:
    lines = [line for finding in upload.findings for line in finding_lines(finding)]
    return ["", "Worth knowing", *lines] if lines else []


def _is_first_of_database(context: PipelineContext, upload: Upload) -> bool:
    tables = context.ledger.tables(upload.database)
    if any(table.table != upload.table for table in tables):
        return False
    return all(other.id == upload.id for other in context.ledger.live(upload.database, upload.table))
