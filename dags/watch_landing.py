"""### Watch landing

Runs all the time. It waits until something asks for a run, claims it, and starts the run:

* a file in the landing area whose upload is not being ingested: `ingest_upload`, with the upload's id as run id;
* a table for which uploads wait in `widening` while no job works on it: `widen_table`.

It is level-triggered: it looks at what *is* so, and no event can be lost. A claim is a lease of 60 seconds; what still
has no run after that is offered again, under the same run id. Files dropped by hand (AWS CLI, a transfer service) are
uploads too. **Red** means that landing or the ledger could not be reached. Paused, it loses nothing: unpause it and it
goes on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG

from include.orchestration.landing_trigger import ClaimWork

with DAG(
    dag_id="watch_landing",
    description="Starts a run for every file that arrives in landing, and for what else waits",
    doc_md=__doc__,
    schedule="@continuous",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["data-uploader", "ingest"],
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=5),
        "execution_timeout": timedelta(minutes=30),
        # Ahead of every ingestion: a backlog must not keep the watch from seeing what arrives.
        "priority_weight": 1000,
        "weight_rule": "absolute",
    },
) as dag:
    claim = ClaimWork(
        task_id="claim",
        doc_md="Waits in the triggerer, holding no worker; then takes a lease on each file or table.",
    )
    TriggerDagRunOperator.partial(
        task_id="start",
        map_index_template="{{ task.trigger_dag_id }} {{ task.trigger_run_id }}",
        skip_when_already_exists=True,
        fail_when_dag_is_paused=False,
    ).expand_kwargs(claim.output)
