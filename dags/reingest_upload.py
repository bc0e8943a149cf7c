"""### Ingest a refused file again

After a rule changed: a suite, a setting, the reading options of a table. The file that was refused goes back to landing
and through every stage again, as the next attempt of the same upload: same id, same extraction_timestamp, and a run of
`ingest_upload` named `<upload id>__2`, `__3` and so on. Its uploader gets a mail of how it came out.

* The upload must be *refused*, and its file still in `fail/` (it is kept for `DATA_UPLOADER_KEEP_FAILED_DAYS`).
* A file whose extraction_timestamp was taken by another upload cannot come back: it has to be uploaded again.
* What it was refused for stays in the audit trail.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, Param, task

from include.orchestration.repair import AS_BEFORE, AS_THE_TABLE_NOW
from include.orchestration.repair import bring_back as bring_file_back

with DAG(
    dag_id="reingest_upload",
    description="Ingests a refused file again, after a rule changed",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=4,
    tags=["data-uploader", "repair"],
    params={
        "upload_id": Param(
            type="string",
            pattern="^[0-9a-f]{32}$",
            title="Upload",
            description="The id of the refused upload: 32 letters and digits, the end of its status page's address",
        ),
        "reason": Param(
            type="string",
            minLength=3,
            maxLength=500,
            title="Reason",
            description="Which rule changed; kept in the upload's history and in the audit trail",
        ),
        "read": Param(
            AS_BEFORE,
            type="string",
            enum=[AS_BEFORE, AS_THE_TABLE_NOW],
            title="How to read the file",
            description="With the reading options it was bound to, or with those that its table has now",
        ),
    },
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(hours=1),
    },
) as dag:

    @task
    def bring_back(params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The file from fail/ to landing; the upload from refused to checking."""
        return bring_file_back(params or {})

    TriggerDagRunOperator.partial(
        task_id="start_ingestion",
        skip_when_already_exists=True,
        fail_when_dag_is_paused=False,
    ).expand_kwargs(bring_back())
