"""### Housekeeping

Every morning at 06:00 Europe/London, after the promotion: takes away what nothing needs any more. How long each kind is
kept is in the settings (`DATA_UPLOADER_KEEP_…`).

* **abandoned_uploads**, **abandoned_copies**: multipart uploads that nobody completes; their uploads are cancelled.
* **staging**: documents of finished uploads; what a cancelled upload left goes at once.
* **refused_files**: the file goes, its report stays and says so.
* **superseded_in_curated**, **superseded_on_platform**: Parquet that no table points at any more. What the Analytical
  Platform still has is never taken from curated.
* **past_sign_ins**: used and expired codes, ended sessions, old leases.

Nothing that is under way is touched: a table somebody writes to is left for the next morning. **Dry run** in the form
lists in each task's log exactly what would go. Every removal is in the audit trail. **Red** means that something could
not be read or deleted: nothing is lost by that; mend the cause and clear the task.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, Param, task

from include.orchestration.housekeeping import run_step, sum_up
from include.orchestration.runs import report_failure

STEPS = {
    "abandoned_uploads": "Multipart uploads in our account that nobody completes",
    "abandoned_copies": "Multipart copies on the Analytical Platform that nobody completes",
    "staging": "What finished and cancelled uploads left in staging",
    "refused_files": "Files in fail/, not their reports",
    "superseded_in_curated": "Revisions that our tables do not point at",
    "superseded_on_platform": "Revisions that the Analytical Platform's tables do not point at",
    "past_sign_ins": "Codes, sessions and leases that are over",
}

with DAG(
    dag_id="housekeeping",
    description="Takes away what was kept for its time and nothing needs any more",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 6 * * *", timezone="Europe/London"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=2,  # ahead of nothing: it has all morning
    tags=["data-uploader", "repair"],
    on_failure_callback=report_failure,
    params={
        "dry_run": Param(
            default=False,
            type="boolean",
            title="Dry run",
            description="Only list what would be removed, in the log of each task.",
        ),
    },
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=6),
    },
) as dag:

    @task
    def tidy(step: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """One step."""
        return run_step(step, params or {})

    @task
    def report(steps: list[dict[str, Any]]) -> dict[str, Any]:
        """What all steps did together."""
        return sum_up(steps)

    done = [tidy.override(task_id=step, doc_md=what)(step) for step, what in STEPS.items()]
    report(done)  # type: ignore[arg-type]  # Airflow resolves them before the task runs
