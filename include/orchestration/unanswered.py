"""A question to a data engineer that nobody answers in time: it ends, and is not put again by itself."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLBranchOperator, HITLOperator


class _EndsUnanswered(HITLOperator):
    """Fails for good when its time is over. Its retries are for answers that Airflow loses."""

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
