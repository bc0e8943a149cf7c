"""What all mails share: whom they go to, the facts of an upload, and findings without the values of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import names
from include.domain.append_findings import WIDENS
from include.domain.upload import Door, Upload
from include.ports import Mail
from include.services.areas import Areas

if TYPE_CHECKING:
    from include.domain.findings import Finding
    from include.services.context import PipelineContext

LINES_SHOWN = 10


def mail_id(upload: Upload, kind: str) -> str:
    """The id of a message about an upload: what can happen at each attempt is told at each attempt."""
    again = upload.attempt > 1 and kind in {"refused", "failed"}
    return f"{upload.id}-{kind}-{upload.attempt}" if again else f"{upload.id}-{kind}"


def about(
    context: PipelineContext, upload: Upload, kind: str, *, subject: str, body: list[str], to: str | None = None
) -> Mail:
    """A mail to who sent an upload, the team for a file dropped by hand; with the upload's id, `kind` makes its own.

    If it goes `to` somebody else it has no link to the status page, which only the sender may open.
    """
    settings = context.settings
    sender = settings.team_email if upload.door is Door.LANDING else upload.uploader
    status = f"Status: {settings.base_url.rstrip('/')}/uploads/{upload.id}"
    marked = f"[{settings.env}] {subject}"
    return Mail(
        id=mail_id(upload, kind),
        to=to or sender,
        subject="".join(char if char.isprintable() else " " for char in marked),
        text="\n".join(
            [
                *body,
                "",
                status if to in {None, sender} else f"Upload: {upload.id}",
                f"Data Uploader, {settings.env}",
                "",
            ]
        ),
    )


def facts(context: PipelineContext, upload: Upload) -> list[str]:
    """Where the data of an upload are, as people look for them."""
    areas = Areas(context.settings)
    return [
        f"Database name: {areas.database(upload.database)}",
        f"Table name: {upload.table}",
        f"Athena reference: {names.athena_reference(upload.database, upload.table, env=context.settings.env)}",
        f"S3 path: {areas.ap_partition(upload.key)}",
        f"extraction_timestamp: {upload.extraction_timestamp}",
    ]


def finding_lines(finding: Finding) -> list[str]:
    """A finding: its title, code, columns and lines."""
    where = _columns(finding)
    if finding.lines:
        shown = ", ".join(str(line) for line in finding.lines[:LINES_SHOWN])
        more = " and others" if len(finding.lines) > LINES_SHOWN else ""
        where.append(f"line{'s' if len(finding.lines) > 1 else ''} {shown}{more}")
    lines = [f"- {finding.title} ({finding.code})" + (f": {'; '.join(where)}" if where else "")]
    # Without a line or an example it is about the path, the names or the file as a whole: it quotes no value.
    return lines if finding.lines or finding.examples else [*lines, f"  {finding.message}"]


def _columns(finding: Finding) -> list[str]:
    """Which columns are meant, and what becomes of them.

    Several refused names are given by position: without a header they are values.
    """
    if finding.code == WIDENS:
        path, was = finding.details.get("path", finding.column), finding.details["from"]
        return [f"column {path}", f"{'no type' if was == 'null' else was} becomes {finding.details['to']}"]
    if finding.column:
        return [f"column {finding.column}"]
    entries = finding.details.get("names") or finding.details.get("columns") or finding.details.get("paths")
    if not isinstance(entries, list):
        return []
    places = [entry.get("column", entry.get("path")) if isinstance(entry, dict) else entry for entry in entries]
    shown = ", ".join(str(place) for place in places[:LINES_SHOWN])
    more = " and others" if len(places) > LINES_SHOWN else ""
    return [f"column{'s' if len(places) > 1 else ''} {shown}{more}"]
