"""How a stage of the ingestion runs as an Airflow task: its verdict becomes a state that engineers can read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import pipeline_context
from include.orchestration.faults import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from include.services.context import PipelineContext
    from include.services.ingest.stage import Verdict

log = logging.getLogger(__name__)


def upload_id_of(run_id: str) -> str:
    """The upload a run is about: run ids are `<upload id>`, or `<upload id>__n` for a later attempt."""
    return run_id.partition("__")[0]


def run_stage(stage: str, run_id: str, *, group: int | None = None) -> str:
    """Run one stage. Refused, waiting and finished uploads skip what follows; only our own faults are red.

    Args:
        stage: its name.
        run_id: of the run.
        group: the group of ranges that a mapped task is about; the task is listed under the rows in it.

    Raises:
        AirflowSkipException: the stage refused the file, it waits for its table, or the upload was finished before.
        AirflowFailException: a fault that trying again does not mend.
    """
    return _run(pipeline_context(), stage, upload_id_of(run_id), group=group)


def run_check(run_id: str) -> list[int]:
    """Check the file and divide it; the numbers of the groups to convert, never none."""
    from include.services.ingest.convert import plan

    context, upload_id = pipeline_context(), upload_id_of(run_id)
    _run(context, "check", upload_id)
    with faults():
        return plan(context, upload_id)


def run_settle(run_id: str) -> list[int]:
    """Decide the types; the numbers of the groups to convert again in tasks of their own, mostly none."""
    from include.services.ingest.convert import groups_to_reconvert

    context, upload_id = pipeline_context(), upload_id_of(run_id)
    _run(context, "settle_types", upload_id)
    with faults():
        return groups_to_reconvert(context, upload_id)


def _run(context: PipelineContext, stage: str, upload_id: str, *, group: int | None = None) -> str:
    from airflow.sdk.exceptions import AirflowSkipException

    from include.services.ingest import check, convert, publish, refuse, validate
    from include.services.ingest.stage import Verdict

    stages: dict[str, Callable[..., Verdict]] = {
        "check": check.check,
        "convert": convert.convert_group,
        "settle_types": convert.decide_types,
        "reconvert": convert.reconvert,
        "validate": validate.validate,
        "publish": publish.publish,
        "refuse": refuse.refuse,
    }
    with faults():
        if group is None:
            verdict = stages[stage](context, upload_id)
        else:
            _name_task(convert.label(context, upload_id, group))
            verdict = stages[stage](context, upload_id, group)
    log.info("Upload %s: %s says %s", upload_id, stage, verdict.value)
    if verdict is Verdict.FINISHED:
        raise AirflowSkipException("Nothing to do for this upload here.")
    if verdict is Verdict.WAITING:
        raise AirflowSkipException("It waits until its table is wide enough; the DAG 'widen_table' publishes it.")
    if verdict is Verdict.REFUSED and stage != "refuse":
        raise AirflowSkipException("The file is refused; the task 'refuse' writes the report.")
    return verdict.value


def _name_task(label: str) -> None:
    """How a mapped task is listed: its `map_index_template` is `{{ label }}`."""
    from airflow.sdk import get_current_context

    get_current_context()["label"] = label  # type: ignore[typeddict-unknown-key]


def send_notice(run_id: str) -> str | None:
    """Send the mail of a finished upload, once."""
    from include.services.notices import notify

    return notify(pipeline_context(), upload_id_of(run_id))


def record_failure(context: Mapping[str, Any]) -> None:
    """A run that failed is ours to mend: the ledger says so until the run is cleared, and the team gets a mail.

    An upload that is with its table's widening is not the run's any longer: the widening publishes it, and tells.
    """
    from include.domain.errors import Conflict
    from include.domain.upload import State
    from include.services import notices
    from include.services.widening.waiting import is_with_its_table

    upload_id = upload_id_of(context["dag_run"].run_id)
    pipeline = pipeline_context()
    now = pipeline.ledger.get(upload_id)
    if now is not None and is_with_its_table(pipeline, now):
        log.warning("Upload %s is not marked as failed: the widening of its table has it.", upload_id)
        return
    try:
        upload = pipeline.ledger.move(upload_id, State.FAILED, actor="ingest_upload")
    except Conflict as conflict:
        # The upload was finished before its run failed, for instance at sending the mail: its state stays true.
        log.warning("Upload %s is not marked as failed: %s", upload_id, conflict.detail)
        return
    notices.send_once(pipeline, notices.failed(pipeline, upload))
