"""A question that nobody answers in time, and who answered one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import airflow.sdk
import pytest
from airflow.providers.standard.exceptions import HITLTriggerEventError
from airflow.sdk.exceptions import AirflowFailException

from include.orchestration import rebuild_table
from include.orchestration.unanswered import Approval, Choice, answered_by
from include.orchestration.widening import AskToWiden


@pytest.mark.parametrize(
    "asking",
    [
        Approval(task_id="approve", subject="Rebuild?", response_timeout=timedelta(days=6), retries=3),
        AskToWiden(task_id="ask", subject="Widen?", approved="divide", declined="decline", retries=3),
    ],
    ids=["approval", "choice"],
)
def test_it_fails_for_good_and_is_not_put_again_by_a_retry(asking: Approval | Choice) -> None:
    with pytest.raises(AirflowFailException, match="Clear this task to be asked again"):
        asking.process_trigger_event_error({"error_type": "timeout", "error": "late"})


def test_another_fault_of_a_question_is_tried_again() -> None:
    asking = AskToWiden(task_id="ask", subject="Widen?", approved="divide", declined="decline", retries=3)
    with pytest.raises(HITLTriggerEventError):
        asking.process_trigger_event_error({"error_type": "unknown", "error": "lost"})


@dataclass
class Run:
    """What tasks of a run have told each other, and who started it."""

    told: dict[tuple[str, str], Any] = field(default_factory=dict)

    def context(self, task_id: str) -> Any:
        def push(key: str, value: Any) -> None:
            self.told[task_id, key] = value

        def pull(task_ids: str, key: str) -> Any:
            return self.told.get((task_ids, key))

        started = SimpleNamespace(triggering_user_name="analyst")
        return {"ti": SimpleNamespace(xcom_push=push, xcom_pull=pull), "dag_run": started}


def answer(option: str) -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {},
        "responded_at": datetime(2026, 1, 31, tzinfo=UTC),
        "responded_by_user": {"id": "7", "name": "engineer"},
    }


def rebuild_approved_by(monkeypatch: pytest.MonkeyPatch, run: Run) -> dict[str, Any]:
    """Whom the last task of a rebuild names to the service."""
    named: dict[str, Any] = {}

    def flip(*_: Any, run: str, **who: Any) -> SimpleNamespace:
        named.update(who, run=run)
        return SimpleNamespace(as_dict=dict)

    monkeypatch.setattr(airflow.sdk, "get_current_context", lambda: run.context("flip"))
    monkeypatch.setattr("include.services.repair.rebuild_table.flip", flip)
    monkeypatch.setattr(rebuild_table, "pipeline_context", lambda: None)
    params = {"database": "travel", "table": "trips", "take_types_back": False, "derive": "what differs"}
    rebuild_table.flip_rebuild(params, run="manual__1")
    return named


def test_a_rebuild_is_on_record_for_who_approved_it_and_who_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    run, asking = Run(), Approval(task_id="approve", subject="Rebuild?")
    asking.execute_complete(run.context("approve"), answer("Approve"))
    assert rebuild_approved_by(monkeypatch, run) == {
        "by": "engineer",
        "asked_by": "analyst",
        "run": "manual__1",
    }


def test_who_started_a_rebuild_is_not_taken_for_who_approved_it(monkeypatch: pytest.MonkeyPatch) -> None:
    named = rebuild_approved_by(monkeypatch, Run())
    assert (named["by"], named["asked_by"]) == ("a data engineer", "analyst")


def test_nobody_has_answered_a_question_whose_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    run, asking = Run(), Approval(task_id="approve", subject="Rebuild?")
    monkeypatch.setattr(airflow.sdk, "get_current_context", lambda: run.context("flip"))
    with pytest.raises(AirflowFailException):
        asking.execute_complete(run.context("approve"), {"error": "late", "error_type": "timeout"})
    assert answered_by("approve") is None


def test_who_answered_about_a_widening_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    run, asking = Run(), AskToWiden(task_id="ask", subject="Widen?", approved="divide", declined="decline")
    monkeypatch.setattr(airflow.sdk, "get_current_context", lambda: run.context("divide"))
    monkeypatch.setattr(AskToWiden, "do_branch", lambda _, **branching: branching["branches_to_execute"])
    assert asking.execute_complete(run.context("ask"), answer("Widen")) == ["divide"]
    assert answered_by("ask") == "engineer"
