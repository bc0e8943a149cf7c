"""Uploads that are in their table already, and by the ledger are not: their publication was cut short in between.

Whatever became of such an upload since (it failed, or its run was cleared and checks it anew), its partition is read,
and whoever changes the table has to count it in until it is published or refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.upload import ARRIVING, FINISHED, State
from include.services import glue_tables
from include.services.areas import Areas

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.domain.upload import Upload
    from include.ports import CataloguePartition
    from include.services.context import PipelineContext

_BEGUN = frozenset(State) - FINISHED - ARRIVING


def half_published(
    context: PipelineContext,
    database: str,
    table: str,
    *,
    partition_of: Callable[[str], CataloguePartition | None] | None = None,
) -> tuple[Upload, ...]:
    """Those of a table, the earliest created first.

    Args:
        context: the ledger and our catalogue.
        database: short name.
        table: its name.
        partition_of: what is registered at an extraction timestamp, for whoever has the list; else Glue is asked.
    """
    full = Areas(context.settings).database(database)
    look = partition_of or (lambda timestamp: context.catalogue.partition(full, table, timestamp))
    begun = context.ledger.in_states(_BEGUN, database=database, table=table)
    return tuple(upload for upload in begun if is_own_partition(context, look(upload.extraction_timestamp), upload))


def is_own_partition(context: PipelineContext, partition: CataloguePartition | None, upload: Upload) -> bool:
    """Whether what is registered in our catalogue is this upload's."""
    folder = Areas(context.settings).partition(upload.key)
    return partition is not None and glue_tables.is_of(partition, upload.id, folder=folder)
