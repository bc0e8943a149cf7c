"""What is on the platform of uploads that were withdrawn to the end: a promotion that had stalled brought it back.

A catalogue registers without asking who may. A promotion that stalls just before, for longer than its lease, registers
what was withdrawn and noted as gone meanwhile; if it is killed then, no row of the ledger tells of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from include.domain.promotion import Mirrored
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ownership import OWNER

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.services.context import PromotionContext

LONGEST_STALL = timedelta(days=7)  # of a promotion that still goes on; Airflow gives a task up after minutes
LEFT_BEHIND = "left behind"  # no revision: what is there is there against the ledger


def left_behind(
    context: PromotionContext, *, database: str | None = None, table: str | None = None
) -> tuple[Mirrored, ...]:
    """What has to be removed although by the ledger nothing of it is there."""
    since = context.clock.now() - LONGEST_STALL
    return tuple(
        Mirrored(
            upload_id=upload.id,
            database=upload.database,
            table=upload.table,
            extraction_timestamp=upload.extraction_timestamp,
            published=None,
            promoted=None,
            taken=LEFT_BEHIND,
        )
        for upload in context.withdrawals.done_since(since, database=database, table=table)
        if _is_there(context, upload)
    )


def _is_there(context: PromotionContext, upload: Upload) -> bool:
    """Its partition, files of it, or the table that was deleted with it."""
    areas = Areas(context.settings)
    database, folder = areas.database(upload.database), areas.ap_partition(upload.key)
    entry = context.ap_catalogue.partition(database, upload.table, upload.extraction_timestamp)
    if entry is not None:  # somebody else's is not ours to remove
        return glue_tables.is_of(entry, upload.id, folder=folder)
    if any(True for _ in context.ap_objects.list(folder)):
        return True
    if context.ledger.live(upload.database, upload.table):
        return False
    table = context.ap_catalogue.table(database, upload.table)
    return table is not None and table.parameters.get(OWNER) == context.settings.env.value
