"""The mail about a widening that failed; what its uploads come to is told by theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from include.domain.errors import UploaderError
from include.ports import Mail
from include.services import glue_tables
from include.services.areas import Areas

if TYPE_CHECKING:
    from include.services.context import PipelineContext


def failed(context: PipelineContext, database: str, table: str, *, run_id: str) -> Mail:
    """To the team: a run of `widen_table` failed, and uploads wait until somebody mends the cause."""
    settings = context.settings
    body = [
        f"Widening {database}.{table} failed. Uploads that need it wider and are not published yet wait.",
        "",
        *_standing(context, database, table),
        "",
        f"Run: {settings.airflow_url.rstrip('/')}/dags/widen_table/runs/{quote(run_id)}",
        "",
        "What to do next",
        "Read the log of the red task, mend the cause, and clear the task. What was derived is kept. If the red task",
        "is ask, nobody has answered it: clear it to be asked again.",
    ]
    return Mail(
        id=f"widening-{run_id}-failed",
        to=settings.team_email,
        subject=f"[{settings.env}] Widening failed: {database}.{table}",
        text="\n".join(body) + "\n",
    )


def _standing(context: PipelineContext, database: str, table: str) -> tuple[str, ...]:
    """What readers have of the table meanwhile; the run may have failed before its flip, in it, or after it."""
    try:
        known = context.catalogue.table(Areas(context.settings).database(database), table)
    except UploaderError as error:  # most likely what the run failed of: that must not cost the team its mail
        return (
            f"Glue could not be asked how the table is now ({error.code}). If it has the parameter",
            f"{glue_tables.WIDENING}, queries of it may be refused until the task has run again.",
        )
    if known is None:
        return ("Glue has no such table now.",)
    if glue_tables.WIDENING in known.parameters:
        return (
            "The table is wider already, and its partitions may not all have followed. Queries of it may be refused",
            "until the task has run again; none is answered wrongly. It is not promoted meanwhile.",
        )
    return ("The table can be read: no change of it is half done.",)
