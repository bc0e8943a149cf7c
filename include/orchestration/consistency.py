"""The consistency check's tasks: comparing, and telling the team of what disagrees."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import promotion_context

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

MOST_LISTED = 200  # disagreements in the task's answer; all are in its log


def compare_catalogue(params: Mapping[str, Any], *, run_id: str) -> dict[str, Any]:
    """Compare everything, or what the form names; mail the team what disagrees. Returns the report."""
    from airflow.sdk.exceptions import AirflowFailException

    from include.domain.errors import Refused, Terminal
    from include.services.consistency import examine
    from include.services.consistency.mail import tell_team

    context = promotion_context()
    try:
        report = examine(
            context,
            database=params.get("database") or None,
            table=params.get("table") or None,
            thorough=bool(params.get("thorough")),
        )
    except (Refused, Terminal) as error:
        raise AirflowFailException(f"{error.code}: {error.detail}") from error
    for one in (*report.disagreements, *report.notes):
        log.info("%s", json.dumps(one.as_dict()))
    tell_team(context, report, run_id=run_id)
    return report.as_dict(most=MOST_LISTED)


def expect_agreement(report: Mapping[str, Any]) -> str:
    """Red when something disagrees; else a sentence."""
    from airflow.sdk.exceptions import AirflowFailException

    from include.services.consistency.mail import agreement_of

    if report["disagreeing"]:
        codes = sorted({one["code"] for one in report["disagreements"]})
        raise AirflowFailException(f"{report['disagreeing']} disagreements: {', '.join(codes)}")
    return agreement_of(report)
