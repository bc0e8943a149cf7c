"""What is under way: files that wait in landing, and ingestions and widenings that nobody goes on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from include.domain.upload import FINISHED, SENDING, State, Upload
from include.services.consistency.disagreement import INGEST, Code, disagreement
from include.services.landing import left_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.services.consistency.disagreement import Disagreement
    from include.services.context import PipelineContext

LONGEST_STAGE = timedelta(hours=24)  # a task has six hours, and three more tries
_CODES = {
    State.WIDENING: Code.WIDENING_STUCK,
    State.FAILED: Code.INGESTION_FAILED,
    State.LANDED: Code.LANDED_UNCLAIMED,
}


def landing_disagreements(
    context: PipelineContext, *, database: str | None, table: str | None, grace: timedelta
) -> Iterator[Disagreement]:
    """Files in landing whose upload has been finished for longer than `grace`."""
    for _, upload in left_behind(context):
        if database not in {None, upload.database} or table not in {None, upload.table}:
            continue
        if context.clock.now() - upload.updated_at >= grace:
            yield _about(upload, Code.LANDING_LEFT, f"The upload is {upload.state}, and its file is still in landing.")


def stuck_uploads(
    context: PipelineContext, *, database: str | None, table: str | None, grace: timedelta
) -> Iterator[Disagreement]:
    """Uploads in a working state that nobody works on; who waits for a person is not among them."""
    states = set(State) - FINISHED - SENDING - {State.WAITING_FOR_APPROVAL}
    for upload in context.ledger.in_states(states, database=database, table=table):
        code = _CODES.get(upload.state, Code.INGESTION_STUCK)
        idle = context.clock.now() - upload.updated_at
        longest = {Code.INGESTION_FAILED: timedelta(), Code.LANDED_UNCLAIMED: grace}.get(code, LONGEST_STAGE)
        if idle >= longest and not _at_work(context, upload):
            yield _about(upload, code, f"The upload has been {upload.state} since {upload.updated_at:%Y-%m-%d %H:%M}Z.")


def _at_work(context: PipelineContext, upload: Upload) -> bool:
    """Whether somebody writes to the upload's table: it may be this upload's turn, or soon."""
    if upload.state is State.FAILED:
        return False
    return any(context.ledger.leased(f"{what}:{upload.database}.{upload.table}") for what in ("publish", "widen"))


def _about(upload: Upload, code: Code, what: str) -> Disagreement:
    found = disagreement(
        code, upload.database, upload.table, what, timestamp=upload.extraction_timestamp, upload_id=upload.id
    )
    if found.repair.dag != INGEST:
        return found
    return replace(found, repair=replace(found.repair, form={"run_id": upload.run_id}))  # of its latest attempt
