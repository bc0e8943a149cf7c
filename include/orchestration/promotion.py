"""The promotion's tasks: planning by the form's parameters, one table a task, and the report."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import promotion_context

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)


def plan_tables(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables to promote, each with the upload the run is limited to (None for all)."""
    from include.services.promotion.planning import plan_promotion

    upload_id = params.get("upload_id") or None
    plans = plan_promotion(
        promotion_context(),
        database=params.get("database") or None,
        table=params.get("table") or None,
        upload_id=upload_id,
    )
    return [{"database": one.database, "table": one.table, "upload_id": upload_id} for one in plans]


def promote_one(work: Mapping[str, Any]) -> dict[str, Any]:
    """Mirror one table; the mapped task carries the table's name in the UI."""
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowFailException

    from include.domain.errors import Refused, Terminal
    from include.services.promotion.promote import promote_table

    get_current_context()["table_name"] = f"{work['database']}.{work['table']}"  # type: ignore[typeddict-unknown-key]
    try:
        outcome = promote_table(
            promotion_context(), database=work["database"], table=work["table"], upload_id=work["upload_id"]
        )
    except (Refused, Terminal) as error:
        raise AirflowFailException(f"{error.code}: {error.detail}") from error
    log.info("Promoted: %s", json.dumps(outcome.to_json()))
    return outcome.to_json()


def send_notices() -> list[str]:
    """Send the mail of every upload that came onto the platform lately and has not had it; returns the mails' ids."""
    from include.services.notices import notify_promoted

    return notify_promoted(promotion_context())


def write_report(planned: list[dict[str, Any]], *, run_after: str) -> dict[str, Any]:
    """The run's report, by London date; raises if something that was planned still differs."""
    from airflow.sdk.exceptions import AirflowFailException

    from include.domain.promotion import london_date
    from include.services.promotion.planning import plan_promotion

    context = promotion_context()
    left = []
    for work in planned:
        plans = plan_promotion(context, database=work["database"], table=work["table"], upload_id=work["upload_id"])
        left += [f"{one.database}.{one.table}" for one in plans]
    summary = {
        "london_date": london_date(datetime.fromisoformat(run_after)).isoformat(),
        "tables": [f"{work['database']}.{work['table']}" for work in planned],
        "not_promoted": left,
    }
    log.info("Promotion report: %s", json.dumps(summary))
    if left:
        raise AirflowFailException(f"Not promoted: {', '.join(left)}")
    return summary
