"""After a table was deleted with its last upload: whoever came in meanwhile gets it back.

A catalogue's delete has no compare-and-set. A process that stalls between its last look and the delete, for longer than
its lease, takes away what another has registered by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import NotFound
from include.services.areas import Areas
from include.services.ingest.lease import sole_writer
from include.services.promotion.again import doubt_promoted
from include.services.promotion.removal import WAIT_SECONDS, sole_promotion
from include.services.repair.rebuild_table import flip, prepare
from include.services.repair.table_target import Request

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.ports import Catalogue
    from include.services.context import PipelineContext, PromotionContext

ACTOR = "withdraw_upload"


def mend_table(context: PipelineContext, upload: Upload, *, holder: str, run: str) -> None:
    """Register again what another upload of this table published while it was deleted."""
    with sole_writer(context, upload, holder=holder):  # asked anew: whoever took the lease over has ended by now
        lost = _lost(context, context.catalogue, upload, context.ledger.live(upload.database, upload.table))
    if lost:
        request = Request(database=upload.database, table=upload.table)
        prepare(context, request, run=run)
        flip(context, request, run=run, by=ACTOR, asked_by=ACTOR)


def mend_platform(context: PromotionContext, upload: Upload, *, run: str) -> None:
    """Have the next promotion bring over again what another one brought while the platform's table was deleted."""
    with sole_promotion(context, database=upload.database, table=upload.table, run=run, wait_seconds=WAIT_SECONDS):
        live = context.ledger.live(upload.database, upload.table)
        promoted = tuple(other for other in live if other.promoted_revision is not None)
        for other in _lost(context, context.ap_catalogue, upload, promoted):
            doubt_promoted(context, database=other.database, table=other.table, upload_id=other.id)


def _lost(
    context: PipelineContext, catalogue: Catalogue, upload: Upload, wanted: tuple[Upload, ...]
) -> tuple[Upload, ...]:
    """Those whose partitions are not there."""
    if not wanted:
        return ()
    try:
        partitions = catalogue.partitions(Areas(context.settings).database(upload.database), upload.table)
        there = {partition.extraction_timestamp for partition in partitions}
    except NotFound:
        there = set()
    return tuple(other for other in wanted if other.extraction_timestamp not in there)
