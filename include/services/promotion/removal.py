"""Taking an upload's partition off the Analytical Platform, whatever promotion is doing at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from include.domain.errors import Conflict, Terminal, Transient
from include.domain.upload import LIVE
from include.services import glue_tables
from include.services.areas import Areas
from include.services.lease import held
from include.services.ownership import refuse_foreign

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from include.domain.upload import Upload
    from include.services.context import PromotionContext
    from include.services.lease import Lease

WAIT_SECONDS = 600  # for a promotion of the table that is under way
PROMOTION = "promotion"  # who it is in the audit trail
TAKEN_OFF = "taken off the Analytical Platform"
TRIES = 5  # of the ledger's compare-and-set: each other writer of the row costs at most one


def sole_promotion(
    context: PromotionContext, *, database: str, table: str, run: str = "", wait_seconds: int = 0
) -> AbstractContextManager[Lease]:
    """The lease of a table's one promotion; attempts of the same `run` take it over from each other."""
    return held(context, name=f"promote:{database}.{table}", holder=run or uuid4().hex, wait_seconds=wait_seconds)


def remove_from_platform(context: PromotionContext, upload: Upload, *, run: str = "") -> None:
    """Take a withdrawn upload's partition off the platform: unregistered first, then its files, then the ledger's note.

    What is registered goes at once. That nothing of it is there is noted only once no promotion of the table is under
    way: one that began before the withdrawal may still register the partition, and takes it away again when it reads
    the row; if it is killed between the two, the note that something was taken is what brings the next one here.
    Transient when a promotion of the table is under way for longer than a while; Conflict for one not withdrawn.
    """
    _expect_withdrawn(context, upload.id)
    clear_partition(context, upload)
    with sole_promotion(
        context, database=upload.database, table=upload.table, run=run, wait_seconds=WAIT_SECONDS
    ) as lease:
        clear_partition(context, upload)
        lease.hold()
        note_removed(context, upload.id)


def clear_partition(context: PromotionContext, upload: Upload, *, promotion: str | None = None) -> bool:
    """Unregister a partition and delete its files, in that order: no reader meets a partition without files.

    Whether it was registered. That a `promotion` does it, by its run, is in the audit trail before it is done: nothing
    else tells of it afterwards, and an attempt that dies then cannot.
    """
    areas = Areas(context.settings)
    database, folder = areas.database(upload.database), areas.ap_partition(upload.key)
    there = context.ap_catalogue.partition(database, upload.table, upload.extraction_timestamp)
    if there is not None:
        refuse_foreign(context.ap_catalogue, database, upload.table, env=context.settings.env.value)
        if not glue_tables.is_of(there, upload.id, folder=folder):
            raise Terminal(
                f"Partition {upload.extraction_timestamp} of {database}.{upload.table} on the Analytical Platform "
                "belongs to another upload.",
                code="partition_foreign",
            )
        if promotion is not None:
            context.ledger.audit(
                who=PROMOTION,
                what=TAKEN_OFF,
                run=promotion,
                upload_id=upload.id,
                database=upload.database,
                table=upload.table,
                extraction_timestamp=upload.extraction_timestamp,
            )
        context.ap_catalogue.delete_partitions(database, upload.table, [upload.extraction_timestamp])
    context.ap_objects.delete([stored.uri for stored in context.ap_objects.list(folder)])
    return there is not None


def note_removed(context: PromotionContext, upload_id: str) -> None:
    """Tell the ledger that nothing of a withdrawn upload is on the platform."""
    for _ in range(TRIES):
        row = _expect_withdrawn(context, upload_id)
        if context.ledger.set_promoted(upload_id, was=row.promoted_revision, now=None, published=None):
            return
    raise Transient(f"The row of upload {upload_id} kept changing.", code="row_busy")


def _expect_withdrawn(context: PromotionContext, upload_id: str) -> Upload:
    row = context.ledger.get(upload_id)
    if row is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    if row.state in LIVE:
        raise Conflict(f"The upload {upload_id} is not withdrawn.", code="wrong_state")
    return row
