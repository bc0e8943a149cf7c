"""Partitions on the Analytical Platform: replaced by the hundred first, so that readers wait least, then added."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Terminal
from include.domain.partition_key import PartitionKey
from include.domain.promotion import Action
from include.services import glue_tables
from include.services.areas import Areas
from include.services.promotion.copies import PARTITIONS_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.ports import CataloguePartition
    from include.services.context import PromotionContext
    from include.services.promotion.copies import Copied

BATCH = 100  # Glue's limit on one BatchUpdatePartition


def register(context: PromotionContext, *, database: str, table: str, copies: Sequence[Copied]) -> None:
    """Point the platform's partitions at their copies. `database` is the short name."""
    name = Areas(context.settings).database(database)
    replaced = [copied for copied in copies if copied.change.action is Action.REPLACE]
    for start in range(0, len(replaced), BATCH):
        batch = replaced[start : start + BATCH]
        try:
            context.ap_catalogue.update_partitions(name, table, [copied.entry for copied in batch])
        except NotFound:  # one was unregistered behind our back
            for copied in batch:
                _register_one(context, name, copied)
    for copied in copies:
        if copied.change.action is not Action.REPLACE:
            _register_one(context, name, copied)


def expect_own_partitions(context: PromotionContext, *, database: str, table: str, copies: Sequence[Copied]) -> None:
    """Terminal if what is about to be replaced has come to belong to another upload; asked before anything changes."""
    name = Areas(context.settings).database(database)

    def expect_own(copied: Copied) -> None:
        there = context.ap_catalogue.partition(name, table, copied.entry.extraction_timestamp)
        if there is not None and not _is_own(context, there, copied):
            raise _foreign(name, table, copied.entry)

    with ThreadPoolExecutor(PARTITIONS_AT_ONCE) as threads:
        list(threads.map(expect_own, (one for one in copies if one.change.action is Action.REPLACE)))


def _register_one(context: PromotionContext, database: str, copied: Copied) -> None:
    """Create it; one that is there already must be this upload's, and is brought to this revision."""
    table, entry = copied.change.table, copied.entry
    try:
        context.ap_catalogue.create_partition(database, table, entry)
    except Conflict as conflict:
        there = context.ap_catalogue.partition(database, table, entry.extraction_timestamp)
        if there is None or not _is_own(context, there, copied):
            raise _foreign(database, table, entry) from conflict
        if there != entry:
            context.ap_catalogue.update_partitions(database, table, [entry])


def _is_own(context: PromotionContext, there: CataloguePartition, copied: Copied) -> bool:
    change = copied.change
    key = PartitionKey(change.database, change.table, change.extraction_timestamp)
    return glue_tables.is_of(there, change.upload_id, folder=Areas(context.settings).ap_partition(key))


def _foreign(database: str, table: str, entry: CataloguePartition) -> Terminal:
    return Terminal(
        f"Partition {entry.extraction_timestamp} of {database}.{table} on the Analytical Platform belongs to another "
        "upload.",
        code="partition_foreign",
    )
