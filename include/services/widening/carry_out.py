"""Writing a flip into the catalogue: the table first, its partitions by the hundred, the ledger after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Conflict
from include.domain.partition_key import PartitionKey
from include.services import glue_tables
from include.services.areas import Areas
from include.services.widening.at_once import each_of
from include.services.widening.outdated import outdated_of
from include.services.widening.ready import all_ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from include.domain.table_schema import TableSchema
    from include.ports import CataloguePartition, CatalogueTable
    from include.services.context import PipelineContext
    from include.services.lease import Lease
    from include.services.widening.ready import Ready

AT_ONCE = 100  # partitions in one call of Glue


def carry_out(
    context: PipelineContext,
    database: str,
    known: CatalogueTable,
    target: TableSchema,
    ready: Sequence[Ready],
    *,
    lease: Lease,
) -> None:
    """Bring a table from what was read to a target, and its outdated partitions, all of them ready, with it.

    From the table's change to the last of its partitions it carries a mark: engines may refuse queries meanwhile,
    promotion waits, and whoever writes the table next ends what was cut short. Conflict `table_changed` if another
    wrote it.
    """
    interrupted = glue_tables.WIDENING in known.parameters
    lease.hold()
    if not ready and not interrupted:
        _write(context, known, target, widening=False)
        return
    written = _write(context, known, target, widening=True)
    entries = [one.entry for one in ready]
    for start in range(0, len(entries), AT_ONCE):
        lease.hold()
        context.catalogue.update_partitions(known.database, known.name, entries[start : start + AT_ONCE])
    listed = tuple(context.catalogue.partitions(known.database, known.name))
    _expect_none_outdated(context, database, known.name, listed, target)
    # From the catalogue, not from `ready`: what a killed flip did not tell the ledger is made good here.
    _follow_catalogue(context, database, known.name, listed)
    lease.hold()
    _write(context, written, target, widening=False)
    _drop_superseded(context, database, known.name, listed)


def drop_leftovers(context: PipelineContext, database: str, table: str) -> None:
    """Delete what was derived and is not registered, for nobody wants it any longer; under the table's lease."""
    if not any(all_ready(context, database, table)):
        return
    full = Areas(context.settings).database(database)
    if context.catalogue.table(full, table) is not None:
        _drop_superseded(context, database, table, tuple(context.catalogue.partitions(full, table)))
    left = list(all_ready(context, database, table))
    _delete_folders(context, [ready.entry.location for _, ready in left])
    context.objects.delete([uri for uri, _ in left])


def _write(context: PipelineContext, known: CatalogueTable, target: TableSchema, *, widening: bool) -> CatalogueTable:
    """Write the table from the version given, with or without the mark; returns it as it is now."""
    new = glue_tables.describe(
        target,
        database=known.database,
        name=known.name,
        location=known.location,
        env=context.settings.env.value,
        was=known,
        widening=widening,
    )
    if new == known:
        return known
    context.catalogue.update_table(new)
    written = context.catalogue.table(known.database, known.name)
    if written is None or glue_tables.read_schema(written) != target:
        raise Conflict(f"The table {known.database}.{known.name} has changed.", code="table_changed")
    return written


def _expect_none_outdated(
    context: PipelineContext, database: str, table: str, listed: Sequence[CataloguePartition], target: TableSchema
) -> None:
    """Look at everything again: one whose lease ran out may have registered a narrow partition in between."""
    if any(outdated_of(context, database, table, listed, target=target)):
        raise Conflict(f"A partition of {database}.{table} has changed.", code="table_changed")


def _follow_catalogue(
    context: PipelineContext, database: str, table: str, listed: Sequence[CataloguePartition]
) -> None:
    """Tell the ledger which revisions are registered, so that they are promoted again."""
    ours = [each.parameters for each in listed if glue_tables.UPLOAD in each.parameters]
    revisions = {each[glue_tables.UPLOAD]: each[glue_tables.REVISION] for each in ours}
    live = context.ledger.live(database, table)
    stale = {upload.id for upload in live if revisions.get(upload.id, upload.revision) != upload.revision}
    context.ledger.set_revisions({upload_id: revisions[upload_id] for upload_id in stale})


def _drop_superseded(context: PipelineContext, database: str, table: str, listed: Sequence[CataloguePartition]) -> None:
    """Forget what is registered by now, and delete what it replaced where that is asked for at once."""
    registered = {partition.location for partition in listed}
    done = [(uri, ready) for uri, ready in all_ready(context, database, table) if ready.entry.location in registered]
    drop_replaced(context, database, table, [ready for _, ready in done if ready.replaces not in registered])
    context.objects.delete([uri for uri, _ in done])


def drop_replaced(context: PipelineContext, database: str, table: str, registered: Iterable[Ready]) -> None:
    """Delete what these took the place of, where that is asked for at once.

    Only other derivations of the same partition: a location that somebody set in Glue may be anywhere, with raw files
    or all of the table below it.
    """
    if not context.settings.remove_superseded_at_once:
        return
    areas = Areas(context.settings)
    keys = ((PartitionKey(database, table, ready.entry.extraction_timestamp), ready) for ready in registered)
    superseded = [
        ready.replaces
        for key, ready in keys
        if areas.is_revision(key, ready.replaces) and ready.replaces != ready.entry.location
    ]
    _delete_folders(context, superseded)


def _delete_folders(context: PipelineContext, locations: Iterable[str]) -> None:
    listed = each_of(lambda location: list(context.objects.list(location)), locations)
    context.objects.delete([stored.uri for folder in listed for stored in folder])
