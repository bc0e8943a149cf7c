"""### Promote to the Analytical Platform

At 01:00 Europe/London the Analytical Platform is made equal to what is published: new partitions are copied and
registered, widened ones replaced, withdrawn ones removed.

* A mirror, not a queue: the work is what differs *now*. A second run finds nothing to do; one run after an outage does
  all that was missed, and its report names the nights it covers.
* **Run it by hand** at any time. Leave the form empty for everything, or name a database, a table of it, or one upload.
  The night's own run comes nevertheless. With **again** a table, or one upload, is brought over once more, also where
  nothing differs by the ledger: the repair for what the consistency check finds on the platform. A name that nobody
  uploaded to is an error.
  Of a whole table what must not be there (partitions of refused uploads, an upload registered twice, files of what was
  withdrawn) is taken away first.
* Tables are promoted apart: a red one does not hold the others back. Each is tried again after 1, 2, 4, 8, 16, 30 and
  30 minutes, so an outage of an hour, or a table in the middle of a widening, mends itself in the same night. What is
  still red then: mend the cause that the report names, and clear the task.
* **The report** of the night goes by mail to the team, also when there was nothing to do, and is the XCom `report` of
  the last task.
* Each table is an asset, `data-uploader://<env>/<database>/<table>`: schedule a DAG on it to run when it changed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, AssetAlias, CronTriggerTimetable, Param, TriggerRule, task

from include.orchestration.promotion import PROMOTED_TABLES, plan_tables, promote_one, send_notices, write_report

with DAG(
    dag_id="promote_to_analytical_platform",
    description="Makes the Analytical Platform equal to what is published",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 1 * * *", timezone="Europe/London"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["data-uploader", "promotion"],
    render_template_as_native_obj=True,
    params={
        "database": Param(None, type=["null", "string"], description="Short database name; empty for all"),
        "table": Param(None, type=["null", "string"], description="Table of that database; empty for all"),
        "upload_id": Param(None, type=["null", "string"], description="One upload; empty for all"),
        "again": Param(
            default=False,
            type="boolean",
            description="Also what is there already: for what the platform lost, or what was changed there",
        ),
    },
    default_args={
        "owner": "data-engineering",
        "retries": 7,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,  # a factor: True would be 1, every delay the same
        "max_retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(hours=5),
        # Ahead of a backlog of ingestions, behind the landing watch.
        "priority_weight": 500,
        "weight_rule": "absolute",
    },
) as dag:

    @task
    def plan(params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The tables in which something differs."""
        return plan_tables(params or {})

    @task(max_active_tis_per_dagrun=4, map_index_template="{{ table_name }}", outlets=[AssetAlias(PROMOTED_TABLES)])
    def promote(work: dict[str, Any]) -> dict[str, Any]:
        """Mirror one table."""
        return promote_one(work)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def report() -> dict[str, Any]:
        """What was promoted and what was not, by mail and as an XCom; red if a table was not."""
        return write_report()

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def notify() -> list[str]:
        """The short mail of what came onto the platform, once each."""
        return send_notices()

    promoted = promote.expand(work=plan())
    promoted >> notify()
    promoted >> report()
