"""The mail about a run that failed and has nobody sitting in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from include.ports import Mail

if TYPE_CHECKING:
    from include.services.context import PipelineContext


def run_failed(context: PipelineContext, *, dag_id: str, run_id: str) -> Mail:
    """To the team: the run is red after its last try, and stays so until somebody mends the cause."""
    settings = context.settings
    body = [
        f"A run of {dag_id} failed after its last try. What it was to do is not done.",
        "",
        f"Run: {settings.airflow_url.rstrip('/')}/dags/{dag_id}/runs/{quote(run_id)}",
        "",
        "What to do next",
        "Read the log of the red task, mend the cause, and clear the task.",
    ]
    return Mail(
        id=f"{dag_id}-{run_id}-failed",
        to=settings.team_email,
        subject=f"[{settings.env}] Failed: {dag_id}",
        text="\n".join(body) + "\n",
    )
