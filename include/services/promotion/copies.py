"""Copies of a revision's files on the Analytical Platform, each held against its source before it is pointed at."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include import conversion
from include.domain.errors import Conflict, NotFound, Terminal, Transient
from include.domain.partition_key import PartitionKey
from include.services import glue_tables
from include.services.areas import Areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.domain.promotion import Mirrored
    from include.ports import CataloguePartition, ObjectStore, StoredObject
    from include.services.context import PromotionContext

PARTITIONS_AT_ONCE = 8
FILES_AT_ONCE = 16
BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Copied:
    """A change whose files are on the platform, whole; `entry` is the partition to register for them."""

    change: Mirrored
    entry: CataloguePartition


def copy_partitions(context: PromotionContext, changes: Sequence[Mirrored]) -> list[Copied]:
    """Copy the published revisions of these changes on the server's side; equal copies already there are kept.

    Transient when one was derived again meanwhile. The first error ends it; what was copied is kept for the next try.
    """
    with ThreadPoolExecutor(PARTITIONS_AT_ONCE) as partitions, ThreadPoolExecutor(FILES_AT_ONCE) as files:
        copies = [partitions.submit(_copy_partition, context, change, files=files) for change in changes]
        try:
            return [copy.result() for copy in copies]
        except BaseException:
            partitions.shutdown(wait=False, cancel_futures=True)
            files.shutdown(wait=False, cancel_futures=True)
            raise


def _copy_partition(context: PromotionContext, change: Mirrored, *, files: ThreadPoolExecutor) -> Copied:
    areas = Areas(context.settings)
    key = PartitionKey(change.database, change.table, change.extraction_timestamp)
    name = f"{areas.database(change.database)}.{change.table}, partition {change.extraction_timestamp},"
    entry = context.catalogue.partition(areas.database(change.database), change.table, change.extraction_timestamp)
    if entry is None or change.published is None:
        raise Terminal(f"{name} is published by the ledger but not in the catalogue.", code="catalogue_differs")
    if glue_tables.REVISION not in entry.parameters:
        raise Terminal(f"{name} has lost its parameters in our catalogue.", code="catalogue_differs")
    if entry.parameters[glue_tables.REVISION] != change.published:
        raise Transient(f"{name} is being derived again.", code="table_busy")
    location = areas.ap_revision(key, change.published)
    sources = {location + stored.name: stored for stored in context.objects.list(entry.location)}
    if not sources:
        raise Terminal(f"{name} has no Parquet at {entry.location}.", code="revision_empty")
    copying = [files.submit(_copy_whole, context, source, target) for target, source in sources.items()]
    rows = sum(copy.result() for copy in copying)
    if str(rows) != entry.parameters.get(glue_tables.ROWS):
        raise Terminal(
            f"{name} has {rows} rows in its files; the catalogue says {entry.parameters.get(glue_tables.ROWS)}.",
            code="rows_differ",
        )
    context.ap_objects.delete([left.uri for left in context.ap_objects.list(location) if left.uri not in sources])
    return Copied(change, replace(entry, location=location, stored_otherwise=False))


def _copy_whole(context: PromotionContext, source: StoredObject, target: str) -> int:
    """Copy one file and hold it against its source; what is not equal is made once more. Returns its rows."""
    for _ in range(2):
        try:
            copy = context.ap_objects.copy(source, target)
            if copy.size == source.size and _is_same(context, source, copy):
                return _rows(context.ap_objects, copy)
        except (Conflict, NotFound) as error:
            raise Transient(f"{source.uri} changed while it was copied.", code="table_busy") from error
        context.ap_objects.delete([target])  # or it would be kept as a copy that is there already
    raise Transient(f"The copy at {target} is not equal to {source.uri}.", code="copy_differs")


def _is_same(context: PromotionContext, source: StoredObject, copy: StoredObject) -> bool:
    """By the checksums that the stores keep of the whole content; without one in common both are read."""
    ours, theirs = context.objects.checksums(source), context.ap_objects.checksums(copy)
    shared = ours.keys() & theirs.keys()
    if shared:
        return all(ours[name] == theirs[name] for name in shared)
    return _digest(context.objects, source) == _digest(context.ap_objects, copy)


def _digest(store: ObjectStore, stored: StoredObject) -> bytes:
    digest = hashlib.sha256()
    with store.file(stored).open() as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.digest()


def _rows(store: ObjectStore, copy: StoredObject) -> int:
    try:
        return conversion.stored_rows(store.file(copy))
    except (ValueError, OSError) as error:
        raise Terminal(f"{copy.uri} is not Parquet.", code="rows_differ") from error
