"""Mail: what people are told when an upload is published, refused or on the Analytical Platform, once each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.errors import Terminal
from include.domain.promotion import LONDON
from include.domain.upload import LIVE, Door, State, Upload
from include.ports import Mail
from include.services.areas import Areas

if TYPE_CHECKING:
    from include.domain.findings import Finding
    from include.services.context import PipelineContext

LINES_SHOWN = 10
PROMOTION_MAIL_DAYS = 7


def notify(context: PipelineContext, upload_id: str) -> str | None:
    """Send the mail that the upload's state asks for, unless it was sent; returns the id of what was sent now."""
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    if upload.state in LIVE:
        return send_once(context, published(context, upload))
    if upload.state is State.REFUSED:
        return send_once(context, refused(context, upload))
    return None


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


def mail_id(upload: Upload, kind: str) -> str:
    """The id of a message about an upload: what can happen at each attempt is told at each attempt."""
    again = upload.attempt > 1 and kind in {"refused", "failed"}
    return f"{upload.id}-{kind}-{upload.attempt}" if again else f"{upload.id}-{kind}"


def sent_by(upload: Upload) -> tuple[str, ...]:
    """The ids of the messages that the state of a finished upload says were sent."""
    if upload.state is State.REFUSED:
        return (mail_id(upload, "refused"),)
    if upload.state in LIVE or upload.state is State.WITHDRAWN:
        promoted_too = upload.promoted_revision is not None
        return (mail_id(upload, "published"), *((mail_id(upload, "promoted"),) if promoted_too else ()))
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
            f"{Areas(settings).database(upload.database)} is a new database, and nobody can read it yet. Ask for "
            f"access: {settings.access_request_url}"
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
            *_facts(context, upload),
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
        body += _finding_lines(finding)
    body += ["", "What to do next", "Correct the file and upload it again. The details, with the values, are here:"]
    return about(context, upload, "refused", subject=f"Not uploaded: {upload.filename}", body=body)


def failed(context: PipelineContext, upload: Upload) -> Mail:
    """To the team: a run failed, and the upload waits for somebody to mend the cause."""
    settings = context.settings
    body = [
        f"The ingestion of an upload to {upload.database}.{upload.table} failed. The file is safe in landing.",
        "",
        f"Upload: {upload.id}",
        f"Run: {settings.airflow_url.rstrip('/')}/dags/ingest_upload/runs/{upload.run_id}",
        "",
        "What to do next",
        "Read the log of the red task, mend the cause, and clear the task.",
    ]
    mail = about(context, upload, "failed", subject=f"Ingestion failed: {upload.database}.{upload.table}", body=body)
    return replace(mail, to=settings.team_email)


def promoted(context: PipelineContext, upload: Upload) -> Mail:
    """The short one, when the data can be queried."""
    reference = names.athena_reference(upload.database, upload.table, env=context.settings.env)
    return about(
        context,
        upload,
        "promoted",
        subject=f"On the Analytical Platform: {reference}",
        body=[f"Your file {upload.filename} is now on the Analytical Platform.", "", *_facts(context, upload)],
    )


def _facts(context: PipelineContext, upload: Upload) -> list[str]:
    areas = Areas(context.settings)
    return [
        f"Database name: {areas.database(upload.database)}",
        f"Table name: {upload.table}",
        f"Athena reference: {names.athena_reference(upload.database, upload.table, env=context.settings.env)}",
        f"S3 path: {areas.ap_partition(upload.key)}",
        f"extraction_timestamp: {upload.extraction_timestamp}",
    ]


def _finding_lines(finding: Finding) -> list[str]:
    where = _columns(finding)
    if finding.lines:
        shown = ", ".join(str(line) for line in finding.lines[:LINES_SHOWN])
        more = " and others" if len(finding.lines) > LINES_SHOWN else ""
        where.append(f"line{'s' if len(finding.lines) > 1 else ''} {shown}{more}")
    lines = [f"- {finding.title} ({finding.code})" + (f": {'; '.join(where)}" if where else "")]
    # Without a line or an example it is about the path, the names or the file as a whole: it quotes no value.
    return lines if finding.lines or finding.examples else [*lines, f"  {finding.message}"]


def _columns(finding: Finding) -> list[str]:
    """Which columns are meant. Several refused names are given by position: without a header they are values."""
    if finding.column:
        return [f"column {finding.column}"]
    entries = finding.details.get("names") or finding.details.get("columns") or finding.details.get("paths")
    if not isinstance(entries, list):
        return []
    places = [entry.get("column", entry.get("path")) if isinstance(entry, dict) else entry for entry in entries]
    shown = ", ".join(str(place) for place in places[:LINES_SHOWN])
    more = " and others" if len(places) > LINES_SHOWN else ""
    return [f"column{'s' if len(places) > 1 else ''} {shown}{more}"]


def _worth_knowing(upload: Upload) -> list[str]:
    lines = [line for finding in upload.findings for line in _finding_lines(finding)]
    return ["", "Worth knowing", *lines] if lines else []


def _is_first_of_database(context: PipelineContext, upload: Upload) -> bool:
    tables = context.ledger.tables(upload.database)
    if any(table.table != upload.table for table in tables):
        return False
    return all(other.id == upload.id for other in context.ledger.live(upload.database, upload.table))


def about(context: PipelineContext, upload: Upload, kind: str, *, subject: str, body: list[str]) -> Mail:
    """A message about one upload to its uploader, to the team for a file dropped by hand; `kind` makes it one."""
    settings = context.settings
    by_hand = upload.door is Door.LANDING
    status = f"Status: {settings.base_url.rstrip('/')}/uploads/{upload.id}"
    marked = f"[{settings.env}] {subject}"
    return Mail(
        id=mail_id(upload, kind),
        to=settings.team_email if by_hand else upload.uploader,
        subject="".join(char if char.isprintable() else " " for char in marked),
        text="\n".join([*body, "", status, f"Data Uploader, {settings.env}", ""]),
    )
