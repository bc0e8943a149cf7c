"""The tasks of `widen_table`: each a step of the job, under the table's lease, which the run holds until it ends."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import pipeline_context
from include.orchestration.faults import faults
from include.orchestration.unanswered import Choice, answered_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.services.context import PipelineContext

log = logging.getLogger(__name__)

WIDEN, DECLINE = "Widen", "Decline"
PLAN = "plan"  # the plan in words, beside what the task `plan` answers

# A job is {"database": short name, "table": name, "run": run id}.


class AskToWiden(Choice):
    """Waits until somebody approves or declines a widening in Airflow's UI, and follows that branch."""

    def __init__(self, *, approved: str, declined: str, **kwargs: Any) -> None:
        super().__init__(options=[WIDEN, DECLINE], options_mapping={WIDEN: approved, DECLINE: declined}, **kwargs)


def plan_job(job: Mapping[str, str], *, within: str, above: str) -> str:
    """Take the table's lease and plan; the task that follows within the budget, or above it.

    Raises:
        AirflowSkipException: another run is widening this table, or has asked about it.
    """
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowSkipException

    from include.domain.errors import Transient
    from include.services.widening.job import end_job, job_lease, prepare, whose_job

    context, (database, table) = pipeline_context(), _place(job)
    try:
        with job_lease(context, database, table, holder=job["run"]), faults():
            plan = prepare(context, database, table, holder=job["run"])
    except Transient as error:
        if error.code != "table_busy":
            raise
        # It may be past its flip, and leave waiting what came since: that has to have another run than this.
        end_job(context, database, table, holder=job["run"])
        raise AirflowSkipException(f"Another run is widening {database}.{table}.") from error
    log.info("%s", plan.describe())
    if plan.over_budget and (other := whose_job(context, database, table, holder=job["run"])) != job["run"]:
        end_job(context, database, table, holder=job["run"])
        raise AirflowSkipException(f"The run {other} has asked about {database}.{table}; its answer is for this, too.")
    get_current_context()["ti"].xcom_push(key=PLAN, value=plan.describe())
    return above if plan.over_budget else within


def divide_job(job: Mapping[str, str]) -> list[list[str]]:
    """What is to be derived, by extraction timestamps, in batches; uploads that waited for an approval have it now."""
    from include.services.widening.job import REPAIR_SECONDS, batches, job_lease
    from include.services.widening.waiting import ACTOR

    context, (database, table) = pipeline_context(), _place(job)
    _expect_own(context, job)
    with job_lease(context, database, table, holder=job["run"], wait_seconds=REPAIR_SECONDS), faults():
        return batches(context, database, table, approved_by=_answered_by() or ACTOR)


def derive_job(job: Mapping[str, str], timestamps: Sequence[str]) -> int:
    """Derive a batch; the mapped task is listed under its partitions. Returns how many are ready."""
    from airflow.sdk import get_current_context

    from include.services.widening.job import derive_batch, job_lease

    first, last = timestamps[0], timestamps[-1]
    label = first if len(timestamps) == 1 else f"{first} to {last}, {len(timestamps)} partitions"
    get_current_context()["label"] = label  # type: ignore[typeddict-unknown-key]
    context, (database, table) = pipeline_context(), _place(job)
    with job_lease(context, database, table, holder=job["run"]), faults():
        return derive_batch(context, database, table, timestamps)


def flip_job(job: Mapping[str, str]) -> None:
    """Make the table and its partitions wide, and derive before what joined since."""
    from include.services.widening.job import flip_when_ready, job_lease

    context, (database, table) = pipeline_context(), _place(job)
    with job_lease(context, database, table, holder=job["run"]), faults():
        flip_when_ready(context, database, table, holder=job["run"])


def finish_job(job: Mapping[str, str]) -> dict[str, str]:
    """Publish what was taken along, tell the uploaders, and let the table go; the state of each upload by its id."""
    from include.services.widening.finish import finish_all
    from include.services.widening.job import end_job, job_lease

    context, (database, table) = pipeline_context(), _place(job)
    with job_lease(context, database, table, holder=job["run"]), faults():
        states = finish_all(context, database, table, holder=job["run"])
    end_job(context, database, table, holder=job["run"])
    return states


def decline_job(job: Mapping[str, str]) -> list[str]:
    """Refuse what waits for the approval, and let the table go; ids of the uploads."""
    from include.services.widening.approval import decline
    from include.services.widening.job import REPAIR_SECONDS, end_job, job_lease

    context, (database, table) = pipeline_context(), _place(job)
    _expect_own(context, job)
    with job_lease(context, database, table, holder=job["run"], wait_seconds=REPAIR_SECONDS), faults():
        declined = decline(context, database, table, by=_answered_by() or "a data engineer")
    end_job(context, database, table, holder=job["run"])
    return list(declined)


def record_job_failure(context: Mapping[str, Any]) -> None:
    """A job that failed is ours to mend: the team gets a mail, the uploads wait on, and the table can be repaired."""
    from include.services import notices
    from include.services.widening.job import leave_job
    from include.services.widening.mail import failed

    run, pipeline = context["dag_run"], pipeline_context()
    database, table = run.conf["database"], run.conf["table"]
    leave_job(pipeline, database, table, holder=run.run_id)
    notices.send_once(pipeline, failed(pipeline, database, table, run_id=run.run_id))


def _expect_own(context: PipelineContext, job: Mapping[str, str]) -> None:
    """An answer is for what was asked: nobody may wait for it any longer, and another run have the table's job.

    Raises:
        AirflowSkipException: so it is.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    from include.services.widening.job import whose_job

    database, table = _place(job)
    other = whose_job(context, database, table, holder=job["run"])
    if other != job["run"] and _answered_by() is not None:
        raise AirflowSkipException(f"Nobody waits for this answer: the run {other} widens {database}.{table}.")


def _answered_by() -> str | None:
    """Who answered the question; None if the widening was within the budget and none was put."""
    return answered_by("ask")


def _place(job: Mapping[str, str]) -> tuple[str, str]:
    return job["database"], job["table"]
