"""How a stage of the ingestion runs as an Airflow task: its verdict becomes a state that engineers can read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import pipeline_context

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)


def upload_id_of(run_id: str) -> str:
    """The upload a run is about: run ids are `<upload id>`, or `<upload id>__n` for a later attempt."""
    return run_id.partition("__")[0]


def run_stage(stage: str, run_id: str) -> str:
    """Run one stage. Refused and finished uploads skip what follows; only our own faults are red.

    Raises:
        AirflowSkipException: the stage refused the file, or the upload was finished before.
        AirflowFailException: a fault that trying again does not mend.
    """
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from include.domain.errors import Refused, Terminal
    from include.services.ingest import check, convert, publish, refuse, validate
    from include.services.ingest.stage import Verdict

    stages = {
        "check": check.check,
        "convert": convert.convert,
        "settle_types": convert.settle_types,
        "validate": validate.validate,
        "publish": publish.publish,
        "refuse": refuse.refuse,
    }
    upload_id = upload_id_of(run_id)
    try:
        verdict = stages[stage](pipeline_context(), upload_id)
    except (Refused, Terminal) as error:
        raise AirflowFailException(f"{error.code}: {error.detail}") from error
    log.info("Upload %s: %s says %s", upload_id, stage, verdict.value)
    if verdict is Verdict.FINISHED:
        raise AirflowSkipException("Nothing to do for this upload here.")
    if verdict is Verdict.REFUSED and stage != "refuse":
        raise AirflowSkipException("The file is refused; the task 'refuse' writes the report.")
    return verdict.value


def send_notice(run_id: str) -> str | None:
    """Send the mail of a finished upload, once."""
    from include.services.notices import notify

    return notify(pipeline_context(), upload_id_of(run_id))


def record_failure(context: Mapping[str, Any]) -> None:
    """A run that failed is ours to mend: the ledger says so until the run is cleared, and the team gets a mail."""
    from include.domain.errors import Conflict
    from include.domain.upload import State
    from include.services import notices

    upload_id = upload_id_of(context["dag_run"].run_id)
    pipeline = pipeline_context()
    try:
        upload = pipeline.ledger.move(upload_id, State.FAILED, actor="ingest_upload")
    except Conflict as conflict:
        # The upload was finished before its run failed, for instance at sending the mail: its state stays true.
        log.warning("Upload %s is not marked as failed: %s", upload_id, conflict.detail)
        return
    notices.send_once(pipeline, notices.failed(pipeline, upload))
