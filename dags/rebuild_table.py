"""### Rebuild a table

Makes a table, or one partition of it, again from raw_history: a table or partition that was lost from Glue, evidence
lost from its parameters, Parquet that is missing or damaged. After a withdrawal it may take types back.

`plan → go_on → approve → divide → derive (batch by batch) → flip`

* **plan** compares every partition with what its raw file makes it, down to the footers of the Parquet, and shows the
  difference in its answer and log. A **dry run**, or one that finds nothing, ends there.
* **approve** waits for a person, who is shown the same.
* **derive** writes new revisions beside what people read. What is ready is kept when the task runs again.
* **flip** changes table, partitions and ledger, with what was published since. A query may be refused meanwhile; none
  is answered wrongly. If it would take more from readers than was approved, it fails: start again.

Promotion brings the result to the Analytical Platform.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, TriggerRule, chain, task

from include.orchestration.rebuild_table import (
    EVERYTHING,
    WHAT_DIFFERS,
    derive_rebuild,
    divide_rebuild,
    flip_rebuild,
    plan_table,
    wants_approval,
)
from include.orchestration.unanswered import Approval

with DAG(
    dag_id="rebuild_table",
    description="Makes a table, or one partition of it, again from raw_history",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=16,  # those that wait for an answer must not hold up the others
    tags=["data-uploader", "repair"],
    params={
        "database": Param(type="string", minLength=1, title="Database", description="Short database name"),
        "table": Param(type="string", minLength=1, title="Table", description="Table of that database"),
        "extraction_timestamp": Param(
            None,
            type=["null", "string"],
            title="Partition",
            description="Its extraction_timestamp, such as 20260131T235959Z, for that partition alone; empty for all",
        ),
        "take_types_back": Param(
            default=False,
            type="boolean",
            title="Take types back",
            description="Let columns that no upload has go, and types become as narrow as the uploads allow. Otherwise "
            "no column goes and no type becomes narrower",
        ),
        "derive": Param(
            WHAT_DIFFERS,
            type="string",
            enum=[WHAT_DIFFERS, EVERYTHING],
            title="Partitions to derive again",
            description="Those with which something is wrong, or all: for damage that a footer does not tell",
        ),
        "dry_run": Param(default=True, type="boolean", title="Dry run", description="Only show what would be changed"),
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

    @task(multiple_outputs=False)
    def plan(run: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """What differs, and what it takes to put it right."""
        return plan_table(params or {}, run=run)

    @task.short_circuit
    def go_on(shown: dict[str, Any], params: dict[str, Any] | None = None) -> bool:
        """Ends here on a dry run, or if nothing differs."""
        return wants_approval(shown, params or {})

    approve = Approval(
        task_id="approve",
        subject="Rebuild {{ params.database }}.{{ params.table }}?",
        body="{{ ti.xcom_pull(task_ids='plan')['markdown'] }}",
        execution_timeout=None,
        response_timeout=timedelta(days=6),  # staging, where the plan lies, is kept for seven
        doc_md="Waits for an answer in Airflow's UI, under *Required actions*.",
    )

    @task
    def divide(shown: dict[str, Any]) -> list[list[str]]:
        """The partitions to derive, in batches."""
        return divide_rebuild(shown)

    @task(max_active_tis_per_dagrun=4, map_index_template="{{ label }}")
    def derive(run: str, timestamps: list[str], params: dict[str, Any] | None = None) -> int:
        """A batch of partitions from raw, beside what people read."""
        return derive_rebuild(params or {}, timestamps, run=run)

    @task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    def flip(run: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Table, partitions and ledger; what that changed."""
        return flip_rebuild(params or {}, run=run)

    run = "{{ run_id }}"
    shown = plan(run)
    divided = divide(shown)  # type: ignore[arg-type]  # what the task returns
    chain(go_on(shown), approve, divided)  # type: ignore[arg-type]  # as above
    derived = derive.partial(run=run).expand(timestamps=divided)
    [divided, derived] >> flip(run)
