"""### Ingest one upload

One run per upload; the run id *is* the upload id. From the landed file to a published partition:

`check → convert (each group) → settle_types → reconvert (where it must be wider) → validate → publish → notify`

* **check** reads the whole file once: SHA-256, encoding, header, records. It divides a large file into groups of rows.
* **convert** writes typed Parquet into staging, a task for each group, at most four at a time. A file below about 1 GB
  is one group.
* **settle_types** decides the types by what all groups and the table have shown.
* **reconvert** converts again what several groups wrote too narrow; it is skipped when there is no such work, and
  `settle_types` does it itself when it is in one group.
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

from include.orchestration.stages import record_failure, run_check, run_settle, run_stage, send_notice

GROUPS_AT_ONCE = 4  # of one upload: a very large file leaves room for all others

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
        "retry_exponential_backoff": 2.0,  # a factor: True would be 1, every delay the same
        "max_retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=6),
        # An upload under way is finished before the next one is begun: ten files at once are published one after
        # another, not all of them late.
        "weight_rule": "upstream",
    },
) as dag:

    @task
    def check(run: str) -> list[int]:
        """Read the whole file once: SHA-256, encoding, header, records; divide it into groups."""
        return run_check(run)

    @task(max_active_tis_per_dagrun=GROUPS_AT_ONCE, map_index_template="{{ label }}")
    def convert(run: str, group: int) -> str:
        """A group's text to typed Parquet, in staging."""
        return run_stage("convert", run, group=group)

    @task
    def settle_types(run: str) -> list[int]:
        """Decide the types by all groups and the table; the groups to convert again."""
        return run_settle(run)

    @task(max_active_tis_per_dagrun=GROUPS_AT_ONCE, map_index_template="{{ label }}")
    def reconvert(run: str, group: int) -> str:
        """A group's parts again, from text, where they must be wider."""
        return run_stage("reconvert", run, group=group)

    @task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
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
    groups = check(run)
    converted = convert.partial(run=run).expand(group=groups)
    narrow = settle_types(run)
    reconverted = reconvert.partial(run=run).expand(group=narrow)
    validated, published = validate(run), publish(run)
    # Mostly nothing is left to convert again, `reconvert` is skipped, and `validate` follows `settle_types`.
    chain(converted, narrow, validated, published)
    reconverted >> validated
    [groups, converted, narrow, reconverted, validated, published] >> refuse(run) >> notify(run)
