"""Runs of DAGs: how one is started by another, who asked for one that was started by hand, and who answered it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import pipeline_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.services.watching import Run


def as_trigger(run: Run) -> dict[str, Any]:
    """A run to be started, for a TriggerDagRunOperator's `expand_kwargs`."""
    return {"trigger_dag_id": run.dag_id, "trigger_run_id": run.run_id, "conf": dict(run.conf), "note": run.note}


def asked_by() -> str:
    """Who started the run that this task is in; `airflow` where Airflow does not say."""
    from airflow.sdk import get_current_context

    return get_current_context()["dag_run"].triggering_user_name or "airflow"


def report_failure(context: Mapping[str, Any]) -> None:
    """A run that nobody sits in front of has failed: the team gets a mail, once for each run."""
    from include.services.notices import send_once
    from include.services.run_mail import run_failed

    run, pipeline = context["dag_run"], pipeline_context()
    send_once(pipeline, run_failed(pipeline, dag_id=run.dag_id, run_id=run.run_id))


def who_answered(event: Mapping[str, Any]) -> str:
    """Who answered a question in Airflow's UI, by the event that its operator is resumed with."""
    user = event.get("responded_by_user") or {}
    return str(user.get("name") or user.get("id") or "a data engineer")
