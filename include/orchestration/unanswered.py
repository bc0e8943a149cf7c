"""Questions to a data engineer: who answers is remembered; what nobody answers in time is not put again by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLBranchOperator, HITLOperator

from include.orchestration.runs import who_answered

if TYPE_CHECKING:
    from airflow.sdk import Context

_ANSWERED_BY = "answered_by"


def answered_by(task_id: str) -> str | None:
    """Who answered the question of this task in this run; None if it was not put, or was ended without an answer."""
    from airflow.sdk import get_current_context

    name: str | None = get_current_context()["ti"].xcom_pull(task_ids=task_id, key=_ANSWERED_BY)
    return name


class _EndsUnanswered(HITLOperator):
    """Fails for good when its time is over. Its retries are for answers that Airflow loses."""

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Remember who answered, and go on by the answer."""
        if "error" not in event:
            context["ti"].xcom_push(key=_ANSWERED_BY, value=who_answered(event))
        return super().execute_complete(context, event)

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Say what became of the question."""
        from airflow.sdk.exceptions import AirflowFailException

        if event["error_type"] == "timeout":
            raise AirflowFailException("Nobody answered in time. Clear this task to be asked again.")
        super().process_trigger_event_error(event)


class Choice(_EndsUnanswered, HITLBranchOperator):
    """A question whose answers are branches."""


class Approval(_EndsUnanswered, ApprovalOperator):
    """A question whose answer is to go on or not."""
