"""After the flip: each upload that was taken along is published, or refused, and its uploader is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Terminal, UploaderError
from include.domain.upload import FINISHED
from include.services import notices
from include.services.ingest.lease import table_writer
from include.services.ingest.publish import publish
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.widening.target import TAKEN, take_along, taken_along

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.services.context import PipelineContext


def finish(context: PipelineContext, upload_id: str, *, holder: str) -> Verdict:
    """Publish an upload whose table is wide enough by now, or carry out its refusal; and send its mail, once."""
    verdict = publish(context, upload_id, holder=holder)
    if verdict is Verdict.REFUSED:
        refuse(context, upload_id)
    notices.notify(context, upload_id)
    return verdict


def finish_all(context: PipelineContext, database: str, table: str, *, holder: str) -> dict[str, str]:
    """Finish every upload that a flip took along; the state of each by its id.

    One that fails does not hold the others back; its error is raised once they are finished.
    """
    failed: UploaderError | None = None
    states: dict[str, str] = {}
    for upload_id in taken_along(context, database, table):
        upload = _upload(context, upload_id)
        if upload.state in TAKEN or upload.state in FINISHED:
            try:
                finish(context, upload_id, holder=holder)
            except UploaderError as error:
                failed = failed or error
        states[upload_id] = _upload(context, upload_id).state.value
    _forget_finished(context, database, table, holder=holder)
    if failed is not None:
        raise failed
    return states


def _forget_finished(context: PipelineContext, database: str, table: str, *, holder: str) -> None:
    """Keep the list of what was taken along only while there is something to finish in it."""
    with table_writer(context, database, table, holder=holder):
        taken = taken_along(context, database, table)
        left = [upload_id for upload_id in taken if _upload(context, upload_id).state in TAKEN]
        if len(left) < len(taken):
            take_along(context, database, table, left)


def _upload(context: PipelineContext, upload_id: str) -> Upload:
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    return upload
