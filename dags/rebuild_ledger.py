"""### Rebuild the ledger

Makes the uploads of a lost or damaged ledger again, from what lies beside the files: manifests in raw_history, reports
in fail, and the partitions of both Glue catalogues.

* It **adds** what the ledger does not know. Where a row says something else than what was found, both are named in the
  answer, and the row stays unless the form says otherwise.
* A **dry run** adds nothing and says what it would add.
* Codes, tokens, sessions, histories and the audit trail cannot be made again: restore a backup for those.

Pause `watch_landing` before, so that a file whose publication was cut short is not taken for one nobody announced.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task

from include.orchestration.repair import NAME_THEM, TAKE_WHAT_WAS_FOUND, rebuild_ledger

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
        "differing": Param(
            NAME_THEM,
            type="string",
            enum=[NAME_THEM, TAKE_WHAT_WAS_FOUND],
            title="Rows that say something else than what was found",
            description="Name them in the answer, or also give them what was found: sizes, rows, revisions, and that "
            "an upload is withdrawn. For a ledger that was restored from an old backup",
        ),
        "database": Param(
            None, type=["null", "string"], title="Database", description="Short database name; empty for all"
        ),
        "table": Param(
            None, type=["null", "string"], title="Table", description="Table of that database; empty for all"
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
