"""Carrying a withdrawal out: off the Analytical Platform at once, then out of our table; the raw file stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Terminal
from include.domain.upload import State
from include.services.ingest.lease import sole_writer
from include.services.promotion.removal import (
    WAIT_SECONDS,
    clear_partition,
    remove_from_platform,
    sole_promotion,
)
from include.services.withdrawal.mend import mend_platform, mend_table
from include.services.withdrawal.own_table import shrink, unregister
from include.services.withdrawal.record import keep_record

if TYPE_CHECKING:
    from include.domain.withdrawal import Withdrawal
    from include.services.context import PromotionContext


def carry_out(context: PromotionContext, upload_id: str) -> Withdrawal:
    """Leave nothing of a withdrawn upload but its raw file. Killed anywhere and run again, it ends the same.

    Transient while a promotion of the table is under way for longer than a while: the partition is gone by then, from
    both sides, and what is left to do is to note so.
    """
    upload, withdrawal = context.ledger.get(upload_id), context.withdrawals.get(upload_id)
    if upload is None or withdrawal is None or upload.state is not State.WITHDRAWN:
        raise Terminal(f"Upload {upload_id} is not withdrawn.", code="not_withdrawn")
    keep_record(context, upload, withdrawal)  # first: from here on every rebuild leaves the upload out
    clear_partition(context, upload)
    # Not the upload's own name: its publication may still be under way, in an attempt that was given up for dead.
    holder = f"withdraw:{withdrawal.run_id}"
    with sole_writer(context, upload, holder=holder) as lease:
        unregister(context, upload)
        lease.hold()
        gone = shrink(context, context.catalogue, upload, lease=lease)
    if gone:
        mend_table(context, upload, holder=holder, run=withdrawal.run_id)
    elif not any(change.state is State.PROMOTED for change in context.ledger.history(upload_id)):
        # The types that it brought stay in our table, and no promotion has taken them along.
        context.ledger.note_changed_table(upload.database, upload.table)
    remove_from_platform(context, upload, run=withdrawal.run_id)
    with sole_promotion(
        context, database=upload.database, table=upload.table, run=withdrawal.run_id, wait_seconds=WAIT_SECONDS
    ) as lease:
        # What is published from now on comes there by the next promotion, which brings its columns or makes the table.
        gone = shrink(context, context.ap_catalogue, upload, lease=lease)
    if gone:
        mend_platform(context, upload, run=withdrawal.run_id)
    return context.withdrawals.done(upload_id)
