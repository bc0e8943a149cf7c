"""The mail of a consistency check that found something: what, and the repair for each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from include.ports import Mail
from include.services.notices import send_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from include.services.consistency.disagreement import Disagreement
    from include.services.consistency.examine import Report
    from include.services.context import PipelineContext
    from include.settings import Settings

MOST_BUSY = 20  # tables; the rest are counted
MOST_MAILED = 50  # disagreements; the rest are counted


def tell_team(context: PipelineContext, report: Report, *, run_id: str) -> str | None:
    """Mail the team what disagrees, once a run; nothing when all agrees. Returns the id of what was sent now."""
    return send_once(context, report_mail(context.settings, report, run_id=run_id)) if report.disagreements else None


def report_mail(settings: Settings, report: Report, *, run_id: str) -> Mail:
    """The team's mail about a report with disagreements; the same again for another try of the same run."""
    found = report.disagreements
    body = [
        f"{report.tables} tables were compared, and {_times(len(found), 'disagreement')} found.",
        "What each code means is in docs/running.md.",
    ]
    for one in found[:MOST_MAILED]:
        body += ["", *_lines(one)]
    if len(found) > MOST_MAILED:
        body += ["", f"… and {len(found) - MOST_MAILED} more, in the log of the run."]
    if report.busy:
        body += ["", not_looked_at(report.busy)]
    run = f"{settings.airflow_url.rstrip('/')}/dags/verify_catalogue/runs/{run_id}"
    return Mail(
        id=f"verify-{settings.env}-{hashlib.sha256(run_id.encode()).hexdigest()[:16]}",
        to=settings.team_email,
        subject=f"[{settings.env}] Consistency check: {_times(len(found), 'disagreement')}",
        text="\n".join([*body, "", f"Run: {run}", f"Data Uploader, {settings.env}", ""]),
    )


def agreement_of(report: Mapping[str, Any]) -> str:
    """What to say of a report (as its JSON object) in which nothing disagrees, without who was not looked at."""
    busy = report["busy"]
    whole = report["tables"] - len(busy)
    agree = f"{whole} tables with {report['partitions']} partitions and {report['files']} files agree."
    return f"{agree} {not_looked_at(busy)}" if busy else agree


def not_looked_at(busy: Sequence[str]) -> str:
    """A sentence about the tables that somebody was at work on."""
    named = ", ".join(busy[:MOST_BUSY]) + (f" and {len(busy) - MOST_BUSY} more" if len(busy) > MOST_BUSY else "")
    return f"{len(busy)} being written to meanwhile, so looked at only in part: {named}."


def lines_of(one: Disagreement) -> str:
    """A disagreement as text."""
    return "\n".join(_lines(one))


def _lines(one: Disagreement) -> Iterator[str]:
    where = f"{one.database}.{one.table}" + (f", {one.extraction_timestamp}" if one.extraction_timestamp else "")
    yield f"{where}: {one.code}"
    yield f"  {one.what}" + (f" (upload {one.upload_id})" if one.upload_id else "")
    if one.repair.first:
        yield f"  {one.repair.first}."
    if one.repair.dag:
        form = ", ".join(f"{name}={value}" for name, value in one.repair.form.items())
        yield f"  Repair: {one.repair.dag}" + (f" with {form}" if form else "")


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
