"""Taking an upload out of its table: its partition, the columns that nobody else has, the table that nobody is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Conflict, Transient
from include.domain.table_schema import TableSchema
from include.domain.upload import LIVE, State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.half_published import half_published, is_own_partition
from include.services.ingest.manifest import read_manifest
from include.services.ownership import OWNER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from include.domain.upload import Upload
    from include.ports import Catalogue, CatalogueTable
    from include.services.context import PipelineContext
    from include.services.lease import Lease

TRIES = 20  # of changing a table: each other writer costs at most one


def unregister(context: PipelineContext, upload: Upload) -> None:
    """Take our partition away, and its files at once where people read a table's whole root."""
    areas = Areas(context.settings)
    database, folder = areas.database(upload.database), areas.partition(upload.key)
    there = context.catalogue.partition(database, upload.table, upload.extraction_timestamp)
    if is_own_partition(context, there, upload):
        context.catalogue.delete_partitions(database, upload.table, [upload.extraction_timestamp])
    if context.settings.remove_superseded_at_once:
        context.objects.delete([stored.uri for stored in context.objects.list(folder)])


def shrink(context: PipelineContext, catalogue: Catalogue, upload: Upload, *, lease: Lease) -> bool:
    """Take columns out of one catalogue's table that nobody else has, or the table if nobody else is in it.

    Whether there is no table now. A catalogue deletes without asking what has changed: whoever held up this process
    between looking and deleting has to be looked for afterwards.
    """
    env = context.settings.env.value
    database = Areas(context.settings).database(upload.database)
    for _ in range(TRIES):
        table = catalogue.table(database, upload.table)
        if table is None or table.parameters.get(OWNER) != env:
            return table is None
        wanted = _columns_in_use(context, upload, ours=catalogue is context.catalogue)
        if wanted is None:
            lease.hold()
            catalogue.delete_table(database, upload.table)
            return True
        try:
            _drop_columns(catalogue, table, wanted=wanted, env=env)
        except Conflict as conflict:
            if conflict.code != "table_changed":
                raise
            continue
        return False
    raise Transient(f"The table {database}.{upload.table} kept changing.", code="table_busy")


def _columns_in_use(context: PipelineContext, upload: Upload, *, ours: bool) -> frozenset[str] | None:
    """The columns that other uploads of the table have; None when nobody else is in it.

    A publication that stalled or was killed may have brought its columns and its partition into our table already, and
    counts on them. On the platform there is nothing of it.
    """
    found = context.ledger.in_states({*LIVE, State.PUBLISHING}, database=upload.database, table=upload.table)
    half = half_published(context, upload.database, upload.table) if ours else ()
    others = {other.id: other for other in (*found, *half) if other.id != upload.id}.values()
    if not any(ours or other.state in LIVE for other in others):
        return None
    return frozenset(name for other in others for name in _columns_of(context, other))


def _columns_of(context: PipelineContext, upload: Upload) -> Iterator[str]:
    """The names of an upload's columns; a row rebuilt from an old manifest does not have them, the manifest does."""
    if upload.columns:
        yield from (name for name, _ in upload.columns)
    else:
        manifest = read_manifest(context.objects, Areas(context.settings).manifest(upload))
        yield from manifest.schema.types()


def _drop_columns(catalogue: Catalogue, table: CatalogueTable, *, wanted: Collection[str], env: str) -> None:
    """Types stay as wide as they are: taking them back is for rebuilding the table."""
    schema = glue_tables.read_schema(table)
    smaller = TableSchema(tuple(column for column in schema.columns if column.name in wanted))
    if smaller == schema:
        return
    catalogue.update_table(
        glue_tables.describe(
            smaller,
            database=table.database,
            name=table.name,
            location=table.location,
            env=env,
            was=table,
            widening=glue_tables.WIDENING in table.parameters,
        )
    )
