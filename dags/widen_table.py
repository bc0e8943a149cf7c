"""### Widen a table

Uploads that need wider column types than a table has wait in `widening`. One run derives every partition that is too
narrow again from its raw file, flips the table to the new types, and publishes the uploads:

`plan → (ask) → divide → derive (batch by batch) → flip → finish`

* **plan** says what is to be derived. Above the budget (`DATA_UPLOADER_WIDEN_MAX_PARTITIONS`,
  `DATA_UPLOADER_WIDEN_MAX_BYTES`) the run waits in **ask** for a person: *Widen* goes on, *Decline* refuses the waiting
  uploads with a finding.
* **derive** writes new revisions beside the old ones, at most four batches at a time. Readers see nothing of it. What
  is ready is kept when the task runs again.
* **flip** takes along whatever waits by then, deriving what is still missing, and changes table and partitions. A query
  may be refused meanwhile; none is answered wrongly.
* **finish** publishes the waiting uploads and sends their mails.

The watch starts a run when uploads wait. **Run it by hand** for any table at any time: without waiting uploads it does
nothing. **Red means ours**: the uploads wait on; mend the cause and clear the red task.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param, TriggerRule, chain, task

from include.orchestration.widening import (
    AskToWiden,
    decline_job,
    derive_job,
    divide_job,
    finish_job,
    flip_job,
    plan_job,
    record_job_failure,
)

with DAG(
    dag_id="widen_table",
    description="Derives a table's partitions again for wider column types, and publishes what waits for them",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=32,  # those that wait for an answer must not hold up the others
    tags=["data-uploader", "ingest"],
    on_failure_callback=record_job_failure,
    params={
        "database": Param(type="string", minLength=1, description="Short database name"),
        "table": Param(type="string", minLength=1, description="Table of that database"),
    },
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": 2.0,  # a factor: True would be 1, every delay the same
        "max_retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=6),
    },
) as dag:

    @task.branch
    def plan(job: dict[str, str]) -> str:
        """What is to be derived, and whether that is within the budget."""
        return plan_job(job, within="divide", above="ask")

    ask = AskToWiden(
        task_id="ask",
        subject="Widen {{ params.database }}.{{ params.table }}?",
        body="{{ ti.xcom_pull(task_ids='plan', key='plan') }}",
        approved="divide",
        declined="decline",
        response_timeout=timedelta(days=14),
        doc_md="Waits for an answer in Airflow's UI, under *Required actions*: it is above the budget.",
    )

    @task
    def decline(job: dict[str, str]) -> list[str]:
        """The other answer: the waiting uploads are refused."""
        return decline_job(job)

    @task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    def divide(job: dict[str, str]) -> list[list[str]]:
        """The partitions to derive, in batches."""
        return divide_job(job)

    @task(max_active_tis_per_dagrun=4, map_index_template="{{ label }}")
    def derive(job: dict[str, str], timestamps: list[str]) -> int:
        """A batch of partitions from raw, with the wider types, beside what people read."""
        return derive_job(job, timestamps)

    @task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    def flip(job: dict[str, str]) -> None:
        """The table, then its partitions, with whatever waits by now."""
        flip_job(job)

    @task
    def finish(job: dict[str, str]) -> dict[str, str]:
        """Each waiting upload published, and its mail."""
        return finish_job(job)

    job = {"database": "{{ params.database }}", "table": "{{ params.table }}", "run": "{{ run_id }}"}
    planned, divided = plan(job), divide(job)
    derived = derive.partial(job=job).expand(timestamps=divided)
    chain(planned, ask, [divided, decline(job)])
    planned >> divided
    [divided, derived] >> flip(job) >> finish(job)
