"""What a publication looks at once it has ended: withdrawals may have met it where neither knew of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.upload import LIVE, State
from include.services.areas import Areas
from include.services.half_published import is_own_partition
from include.services.ingest.clear import clear_left_behind
from include.services.ingest.lease import LEASE_WAIT_SECONDS, sole_writer
from include.services.ingest.stage import Verdict
from include.services.withdrawal.mend import mend_table
from include.services.withdrawal.own_table import shrink, unregister

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.services.context import PipelineContext
    from include.services.lease import Lease

TAKEN_BACK = frozenset({State.CANCELLED, State.WITHDRAWN})


def end_again(context: PipelineContext, upload_id: str, *, holder: str | None) -> Verdict:
    """Clear up after an upload that is finished; of one that was taken back this attempt may have registered something.

    An attempt that was given up for dead goes on where it was: after another one published, and all of it was undone.
    """
    clear_left_behind(context, upload_id)
    upload = context.ledger.get(upload_id)
    if upload is not None and upload.state in TAKEN_BACK:
        with sole_writer(context, upload, holder=holder) as lease:
            unregister(context, upload)
            shrink(context, context.catalogue, upload, lease=lease)
    expect_there(context, upload_id, holder=holder)
    return Verdict.FINISHED


def expect_there(context: PipelineContext, upload_id: str, *, holder: str | None) -> None:
    """Have the table back if it was deleted after the last look at it, before the ledger had the upload as published.

    A withdrawal looks for who is published after it deleted a table; the two cannot miss each other both.
    """
    upload = context.ledger.get(upload_id)
    if upload is None or upload.state not in LIVE:
        return
    database = Areas(context.settings).database(upload.database)
    if context.catalogue.partition(database, upload.table, upload.extraction_timestamp) is None:
        mend_table(context, upload, holder=holder or upload.id, run=f"{upload.id}__published")


def leave_table(context: PipelineContext, upload: Upload, *, wait_seconds: int = LEASE_WAIT_SECONDS) -> None:
    """Take away a partition that an attempt registered before it was killed, of an upload that is not to be published.

    Transient while another writes to the table for longer than `wait_seconds`.
    """
    database = Areas(context.settings).database(upload.database)
    there = context.catalogue.partition(database, upload.table, upload.extraction_timestamp)
    if not is_own_partition(context, there, upload):
        return
    with sole_writer(context, upload, wait_seconds=wait_seconds) as lease:
        unregister(context, upload)
        shrink(context, context.catalogue, upload, lease=lease)


def take_table_along(context: PipelineContext, upload: Upload, *, lease: Lease) -> None:
    """Take along the table that a withdrawal of its last published upload left to this publication, now refused."""
    if not context.ledger.live(upload.database, upload.table):
        unregister(context, upload)
        shrink(context, context.catalogue, upload, lease=lease)
