"""The promotion's tasks: planning by the form's parameters, one table a task, and the report of the night."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import promotion_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.services.context import PromotionContext
    from include.services.promotion.outcome import Outcome

log = logging.getLogger(__name__)

PROMOTED_TABLES = "data_uploader_promoted_tables"  # the alias under which a run names the assets that it changed
OUTCOME = "outcome"  # the XCom of a mapped task, also of one that failed
REPORT = "report"  # the XCom of the report, also of a night with failures


def asset_uri(env: str, database: str, table: str) -> str:
    """A table on the Analytical Platform as an Airflow asset; `database` is the short name."""
    return f"data-uploader://{env}/{database}/{table}"


def plan_tables(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables to promote, each with the upload the run is limited to (None for all)."""
    from airflow.sdk.exceptions import AirflowFailException

    from include.orchestration.faults import faults
    from include.services.promotion.again import doubt_promoted
    from include.services.promotion.planning import place_of, plan_promotion
    from include.services.promotion.strays import clear_strays

    context = promotion_context()
    database, table, upload_id = (params.get(name) or None for name in ("database", "table", "upload_id"))
    with faults():
        database, table = place_of(context, database=database, table=table, upload_id=upload_id)
    if params.get("again"):
        if database is None or table is None:
            raise AirflowFailException("Name the database and the table, or the upload, to bring over again.")
        with faults():
            cleared = 0 if upload_id else clear_strays(context, database=database, table=table)
        log.info("Partitions that were taken away: %d", cleared)
        doubted = doubt_promoted(context, database=database, table=table, upload_id=upload_id)
        log.info("Partitions that are brought over again: %d", doubted)
    plans = plan_promotion(context, database=database, table=table, upload_id=upload_id)
    return [{"database": one.database, "table": one.table, "upload_id": upload_id} for one in plans]


def promote_one(work: Mapping[str, Any]) -> dict[str, Any]:
    """Mirror one table, and tell those who wait for it; the mapped task carries the table's name in the UI.

    Every fault but a refusal is tried again in the same night: also a denial, which somebody may mend meanwhile.
    """
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowFailException

    from include.domain.errors import Conflict, Refused, UploaderError
    from include.services.promotion.outcome import failure
    from include.services.promotion.promote import promote_table

    task: Any = get_current_context()
    database, table = work["database"], work["table"]
    task["table_name"] = f"{database}.{table}"
    context = promotion_context()
    try:
        outcome = promote_table(
            context, database=database, table=table, upload_id=work["upload_id"], run=task["run_id"]
        )
    except UploaderError as error:
        task["ti"].xcom_push(key=OUTCOME, value=failure(database, table, error).to_json())
        if isinstance(error, Refused) and not isinstance(error, Conflict):
            raise AirflowFailException(f"{error.code}: {error.detail}") from error
        raise
    outcome = _announce(context, outcome, task)
    task["ti"].xcom_push(key=OUTCOME, value=outcome.to_json())
    log.info("Promoted: %s", json.dumps(outcome.to_json()))
    return outcome.to_json()


def _announce(context: PromotionContext, outcome: Outcome, task: Any) -> Outcome:
    """Emit the asset event of a table that changed. After a retry always: an attempt that died may have changed it."""
    from include import bootstrap
    from include.services.promotion.outcome import with_earlier_attempts

    again = task["ti"].try_number > 1
    if again:
        trail = bootstrap.audit_trail(context.settings)
        outcome = with_earlier_attempts(context, trail, outcome, run=task["run_id"], since=task["dag_run"].start_date)
    if outcome.changed or again:
        tell_those_who_wait(context, outcome, task)
    return outcome


def tell_those_who_wait(context: PromotionContext, outcome: Outcome, task: Any) -> None:
    """Emit the asset event of a table; the task needs the alias among its outlets."""
    from airflow.sdk import Asset, AssetAlias

    uri = asset_uri(context.settings.env.value, outcome.database, outcome.table)
    changes = {what: list(getattr(outcome, what)) for what in ("added", "replaced", "removed")}
    task["outlet_events"][AssetAlias(PROMOTED_TABLES)].add(Asset(uri), extra=changes)


def send_notices() -> list[str]:
    """Send the mail of every upload that came onto the platform lately and has not had it; returns the mails' ids."""
    from include.services.notices import notify_promoted

    return notify_promoted(promotion_context())


def write_report() -> dict[str, Any]:
    """The run's report; raises if a table was not promoted.

    A scheduled run's is the report of its night, kept and mailed under its London date. That of a run by hand is in
    the UI only: it never takes the place of the night's.
    """
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowFailException

    from include.services.promotion.night import report_night, summary

    task: Any = get_current_context()
    run, outcomes = task["dag_run"], _outcomes(task["ti"])
    if run.run_type == "scheduled":
        report = report_night(promotion_context(), run_id=run.run_id, run_after=run.run_after, outcomes=outcomes)
    else:
        report = summary(outcomes)
    log.info("Promotion report: %s", json.dumps(report))
    task["ti"].xcom_push(key=REPORT, value=report)
    if report["not_promoted"]:
        raise AirflowFailException(f"Not promoted: {', '.join(report['not_promoted'])}")
    return report


def _outcomes(ti: Any) -> list[Outcome]:
    """What became of each table of the plan; of a task that died before it could say so, just that."""
    from include.services.promotion.outcome import READ_THE_LOG, Outcome, failure

    planned = ti.xcom_pull(task_ids="plan")
    if planned is None:
        return [Outcome(database="*", table="*", error="What differs could not be read.", repair=READ_THE_LOG)]
    pushed = ti.xcom_pull(task_ids="promote", key=OUTCOME)  # one alone comes without its list
    found = [one for one in (pushed if isinstance(pushed, list) else [pushed]) if one is not None]
    said = {(one["database"], one["table"]): Outcome.from_json(one) for one in found}
    pairs = [(work["database"], work["table"]) for work in planned]
    return [said.get(pair) or failure(*pair, None) for pair in pairs]
