"""The tasks of a withdrawal: finding the request, asking a data engineer, and what follows from the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator

from include.orchestration.contexts import pipeline_context, promotion_context
from include.orchestration.faults import faults
from include.orchestration.promotion import tell_those_who_wait
from include.orchestration.runs import asked_by, who_answered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

APPROVE, DECLINE = "Approve", "Decline"
_DECIDED_BY = "decided_by"


class AskToWithdraw(HITLBranchOperator):
    """Waits until somebody approves or declines the withdrawal in Airflow's UI, and follows that branch.

    What is asked is read when it is asked, so that neither the run's conf nor XCom holds anybody's words.
    """

    template_fields: Sequence[str] = ("upload_id",)

    def __init__(self, *, upload_id: str, approved: str, declined: str, **kwargs: Any) -> None:
        super().__init__(
            subject="Withdraw an upload?",
            options=[APPROVE, DECLINE],
            options_mapping={APPROVE: approved, DECLINE: declined},
            # However long it takes: only an answer ends the wait.
            execution_timeout=None,
            **kwargs,
        )
        self.upload_id = upload_id

    def execute(self, context: Context) -> Any:
        """Put the question."""
        from include.services.withdrawal.mails import notify_withdrawal
        from include.services.withdrawal.run import question

        with faults():
            self.subject, self.body = question(pipeline_context(), self.upload_id)
            notify_withdrawal(pipeline_context(), self.upload_id)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Remember who answered, and go on by the answer."""
        context["ti"].xcom_push(key=_DECIDED_BY, value=who_answered(event))
        return super().execute_complete(context, event)


def find_request(run_id: str, params: Mapping[str, Any]) -> str:
    """The next task of the run that carries a request; a run that carries none is skipped."""
    from airflow.sdk.exceptions import AirflowSkipException

    from include.services.withdrawal.run import Step, begin

    with faults():
        step = begin(
            pipeline_context(),
            params["upload_id"].strip(),
            run_id=run_id,
            by=asked_by(),
            reason=params.get("reason") or "",
        )
    if step is Step.NOTHING:
        raise AirflowSkipException("It was declined already, or another run carries this request.")
    return step.value


def withdraw_upload(run_id: str, upload_id: str) -> None:
    """Carry out what stands, or what has just been approved, and tell those who wait for the platform's table.

    After a retry always: an attempt that died may have changed it.
    """
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowSkipException

    from include.services.withdrawal.run import approve, taken_off

    task: Any = get_current_context()
    context = promotion_context()
    with faults():
        outcome = taken_off(context, upload_id)
        if not approve(context, upload_id, run_id=run_id, by=_answered_by()):
            raise AirflowSkipException("It was declined before.")
    if outcome.changed or task["ti"].try_number > 1:
        tell_those_who_wait(context, outcome, task)


def decline_withdrawal(run_id: str, upload_id: str) -> None:
    """Leave the upload where it is."""
    from airflow.sdk.exceptions import AirflowSkipException

    from include.services.withdrawal.run import decline

    with faults():
        if not decline(pipeline_context(), upload_id, run_id=run_id, by=_answered_by()):
            raise AirflowSkipException("It was approved before.")


def send_withdrawal_notice(upload_id: str) -> list[str]:
    """Send the mail of a withdrawal that is done or declined, once; returns the mails' ids."""
    from include.services.withdrawal.mails import notify_withdrawal

    return notify_withdrawal(pipeline_context(), upload_id)


def _answered_by() -> str | None:
    from airflow.sdk import get_current_context

    name: str | None = get_current_context()["ti"].xcom_pull(task_ids="approve", key=_DECIDED_BY)
    return name
