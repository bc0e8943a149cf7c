"""### Verify the catalogue

Every Sunday at 04:00 Europe/London, after the promotion, all places that tell of a table are compared: raw_history,
the ledger, the ends of the Parquet files, Glue's partitions, the Glue table, and the Analytical Platform. It changes
nothing.

* **compare** lists in its log, and in its answer, what disagrees, each with the repair: a DAG and what to put into its
  form. What is under way, or waits for a promotion, is no disagreement. The team gets a mail if there is one.
* **agree** is red when something disagrees.
* **Run it by hand** at any time, for everything, a database, or a table. **Thorough** also reads every raw file to
  compare its SHA-256. The run of Sunday does not: bytes that were replaced by as many others are found by hand only.

`python -m include.cli verify` does the same on the command line.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, Param, task

from include.orchestration.consistency import compare_catalogue, expect_agreement
from include.orchestration.runs import report_failure

with DAG(
    dag_id="verify_catalogue",
    description="Compares raw files, ledger, Parquet and both catalogues, and names the repairs",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 4 * * SUN", timezone="Europe/London"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["data-uploader", "repair"],
    params={
        "database": Param(None, type=["null", "string"], description="Short database name; empty for all"),
        "table": Param(None, type=["null", "string"], description="Table; empty for all"),
        "thorough": Param(default=False, type="boolean", description="Read every raw file, to compare its SHA-256"),
    },
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=12),
    },
) as dag:

    @task(on_failure_callback=report_failure)  # that something disagrees has a mail of its own
    def compare(run: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Compare everything; mail what disagrees."""
        return compare_catalogue(params or {}, run_id=run)

    @task
    def agree(report: dict[str, Any]) -> str:
        """Red when something disagrees."""
        return expect_agreement(report)

    agree(compare(run="{{ run_id }}"))  # type: ignore[arg-type]  # Airflow resolves it before the task runs
