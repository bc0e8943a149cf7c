"""### Withdraw an upload

Takes a published upload out again: off the Analytical Platform at once, then out of the table. Columns that no other
upload has go too, and a table in which nothing is left. The raw file stays, with a record of who withdrew it, when and
why beside it; nothing that is rebuilt later brings it back.

`check → (approve) → withdraw → notify`, or `… → decline → notify`

* **Started by the watch** for what people ask for on the pages, by the API or on the command line. Until promotion has
  begun to bring an upload over, its uploader's word is enough and the run goes straight to *withdraw*.
* **approve** waits, for as long as it takes, until somebody answers under *Required actions*. It shows table,
  partition, rows, uploader and reason.
* **Run it by hand** for any upload: give its id, which is the run id of its ingestion, and a reason.
* Types stay as wide as they are. *Rebuild table* takes them back.

A run that carries no request is skipped: another run has it, or it was declined. What is done is carried out again
by clearing its run, or by a new one with its id: that takes away what should not be there any more, and sends nothing.
**Red means ours**, and the team gets a mail. Read the log, mend the cause, clear the failed task: every task may be
cleared at any time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, AssetAlias, Param, TriggerRule, task

from include.orchestration.promotion import PROMOTED_TABLES
from include.orchestration.runs import report_failure
from include.orchestration.withdrawal import (
    AskToWithdraw,
    decline_withdrawal,
    find_request,
    send_withdrawal_notice,
    withdraw_upload,
)

with DAG(
    dag_id="withdraw_upload",
    description="Takes a published upload out of its table and off the Analytical Platform",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=100,  # those that wait for an answer must not hold up the others
    tags=["data-uploader", "repair"],
    on_failure_callback=report_failure,
    params={
        "upload_id": Param("", type="string", pattern="^[0-9a-f]{32}$", title="Upload", description="32 hex digits"),
        "reason": Param("", type="string", maxLength=500, title="Reason", description="Why it should be withdrawn"),
    },
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=1),
        # Ahead of a backlog of ingestions: what people want gone is read by others until then.
        "priority_weight": 700,
        "weight_rule": "absolute",
    },
) as dag:

    @task.branch
    def check(run: str, params: dict[str, Any] | None = None) -> str:
        """Find the request that this run carries, or make the one its form asks for."""
        return find_request(run, params or {})

    # A promotion of the table that is under way may hold it up for hours.
    @task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, retries=30, outlets=[AssetAlias(PROMOTED_TABLES)])
    def withdraw(run: str, upload_id: str) -> None:
        """Off the Analytical Platform, out of the table, columns and table with it if nobody else has them."""
        withdraw_upload(run, upload_id)

    @task
    def decline(run: str, upload_id: str) -> None:
        """Leave the upload where it is."""
        decline_withdrawal(run, upload_id)

    @task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    def notify(upload_id: str) -> list[str]:
        """Tell the uploader and the table's owner, or who asked in vain; once."""
        return send_withdrawal_notice(upload_id)

    run, upload_id = "{{ run_id }}", "{{ params.upload_id }}"
    checked = check(run)
    approve = AskToWithdraw(
        task_id="approve",
        upload_id=upload_id,
        approved="withdraw",
        declined="decline",
        doc_md="Waits for an answer in Airflow's UI, under *Required actions*.",
    )
    withdrawn, declined = withdraw(run, upload_id), decline(run, upload_id)
    checked >> [approve, withdrawn]
    approve >> [withdrawn, declined]
    [withdrawn, declined] >> notify(upload_id)
