"""A question that nobody answers in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.providers.standard.exceptions import HITLTriggerEventError
from airflow.sdk.exceptions import AirflowFailException

from include.orchestration.unanswered import Approval, Choice
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
