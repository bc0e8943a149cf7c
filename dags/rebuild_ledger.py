"""### Rebuild the ledger

Makes the uploads of a lost or damaged ledger again, from what lies beside the files: manifests in raw_history, reports
in fail, and the partitions of both Glue catalogues.

* It only **adds** what the ledger does not know. Where a row says something else than what was found, both are named in
  the answer and the row stays: `verify_catalogue` says which repair to run.
* A **dry run** adds nothing and says what it would add.
* Codes, tokens, sessions, histories and the audit trail cannot be made again: restore a backup for those.

Pause `watch_landing` before, so that a file whose publication was cut short is not taken for one nobody announced.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task

from include.orchestration.repair import rebuild_ledger

with DAG(
    dag_id="rebuild_ledger",
    description="Adds to the ledger every upload that manifests and reports know",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["data-uploader", "repair"],
    params={
        "dry_run": Param(
            default=True,
            type="boolean",
            title="Dry run",
            description="Only say what would be added. Look at the answer of the task first.",
        ),
    },
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(hours=6),
    },
) as dag:

    @task
    def rebuild(params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read every manifest and report; add what is missing."""
        return rebuild_ledger(params or {})

    rebuild()
