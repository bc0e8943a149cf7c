"""What must not be on the Analytical Platform: entries and files of uploads that have none there, or another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.partition_key import PartitionKey
from include.domain.upload import GONE, LIVE, State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.manifest import is_raw_file_of
from include.services.ownership import refuse_foreign
from include.services.promotion.removal import sole_promotion

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.ports import CataloguePartition
    from include.services.context import PromotionContext


def clear_strays(context: PromotionContext, *, database: str, table: str, run: str = "") -> int:
    """Take them away; how many partitions were registered. The table goes too where nobody is or will be in it.

    What raw_history does not contradict and the ledger does not know stays: it may be the ledger that is wrong.
    """
    areas = Areas(context.settings)
    full = areas.database(database)
    refuse_foreign(context.ap_catalogue, full, table, env=context.settings.env.value)
    with sole_promotion(context, database=database, table=table, run=run) as lease:
        uploads = context.ledger.in_states(tuple(State), database=database, table=table)
        places = {upload.extraction_timestamp: upload for upload in uploads}
        there = context.ap_catalogue.table(full, table) is not None
        listed = tuple(context.ap_catalogue.partitions(full, table)) if there else ()
        strays = [
            entry.extraction_timestamp
            for entry in listed
            if _is_stray(
                context,
                PartitionKey(database, table, entry.extraction_timestamp),
                entry,
                places.get(entry.extraction_timestamp),
            )
        ]
        lease.hold()
        if strays:
            context.ap_catalogue.delete_partitions(full, table, strays)
        left = {entry.extraction_timestamp for entry in listed}.difference(strays)
        for upload in uploads:
            if upload.state in GONE and upload.extraction_timestamp not in left:
                lease.hold()
                _delete_files(context, upload)
        if there and not left and not any(map(_comes_or_is_there, uploads)):
            lease.hold()
            context.ap_catalogue.delete_table(full, table)
    return len(strays)


def _is_stray(context: PromotionContext, key: PartitionKey, entry: CataloguePartition, place: Upload | None) -> bool:
    said = entry.parameters.get(glue_tables.UPLOAD, "")
    if place is not None and glue_tables.is_of(entry, place.id, folder=Areas(context.settings).ap_partition(key)):
        return place.state in GONE  # promotion puts right what one that stays has lost
    if said == "":
        return False  # somebody else's
    if place is None and context.ledger.get(said) is None:
        return False
    return not is_raw_file_of(context, key, said)


def _delete_files(context: PromotionContext, upload: Upload) -> None:
    folder = Areas(context.settings).ap_partition(upload.key)
    context.ap_objects.delete([stored.uri for stored in context.ap_objects.list(folder)])


def _comes_or_is_there(upload: Upload) -> bool:
    return upload.state in LIVE or upload.promoted_revision is not None or upload.taken_revision is not None
