"""The mail about a widening that failed; what its uploads come to is told by theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from include.ports import Mail

if TYPE_CHECKING:
    from include.services.context import PipelineContext


def failed(context: PipelineContext, database: str, table: str, *, run_id: str) -> Mail:
    """To the team: a run of `widen_table` failed, and uploads wait until somebody mends the cause."""
    settings = context.settings
    body = [
        f"Widening {database}.{table} failed. The table is as it was, and the uploads that need it wider wait.",
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
