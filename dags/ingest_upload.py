"""### Ingest one upload

One run per upload; the run id *is* the upload id. From the landed file to a published partition:

`check → convert → settle_types → validate → publish → notify`

* **check** reads the whole file once: SHA-256, encoding, header, records.
* **convert** writes typed Parquet into staging; **settle_types** does so again where the table's types are wider.
* **validate** runs the table's Great Expectations suite over the staged Parquet.
* **publish** puts the raw file into raw_history, the Parquet into curated, widens the table, registers the partition.
* **refuse** takes the other way out: the file goes to `fail/` with its report.

*Refused* is not *failed*: a refused file leaves the stages after its fault **skipped** and `refuse` green. **Red means
ours.** Read the log, mend the cause, clear the failed task: every task may be cleared at any time. Clearing a finished
run changes nothing and sends nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, TriggerRule, chain, task

from include.orchestration.stages import record_failure, run_stage, send_notice

with DAG(
    dag_id="ingest_upload",
    description="Checks, converts, validates and publishes one uploaded file",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=16,
    tags=["data-uploader", "ingest"],
    on_failure_callback=record_failure,
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=6),
        # An upload under way is finished before the next one is begun: ten files at once are published one after
        # another, not all of them late.
        "weight_rule": "upstream",
    },
) as dag:

    @task
    def check(run: str) -> str:
        """Read the whole file once: SHA-256, encoding, header, records."""
        return run_stage("check", run)

    @task
    def convert(run: str) -> str:
        """Text to typed Parquet, in staging."""
        return run_stage("convert", run)

    @task
    def settle_types(run: str) -> str:
        """Convert again, from text, if the table's types are wider."""
        return run_stage("settle_types", run)

    @task
    def validate(run: str) -> str:
        """The Great Expectations suite over the staged Parquet."""
        return run_stage("validate", run)

    @task
    def publish(run: str) -> str:
        """Raw to raw_history, Parquet to curated, widen the table, the partition last."""
        return run_stage("publish", run)

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def refuse(run: str) -> str:
        """The file to fail/ with its report, if a stage refused it."""
        return run_stage("refuse", run)

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def notify(run: str) -> str | None:
        """The mail, once."""
        return send_notice(run)

    run = "{{ run_id }}"
    stages = [check(run), convert(run), settle_types(run), validate(run), publish(run)]
    chain(*stages)
    stages >> refuse(run) >> notify(run)
