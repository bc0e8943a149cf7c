"""The fifth stage: raw to raw_history, Parquet to curated, widen the table, the partition last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import conversion
from include.domain.errors import Conflict, Refused, Terminal, Transient
from include.domain.upload import State, Upload
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.clear import clear_away
from include.services.ingest.convert import is_settled, read_staged, settle_types
from include.services.ingest.lease import sole_writer
from include.services.ingest.manifest import write_manifest
from include.services.ingest.rederive import outdated_partitions, rederive
from include.services.ingest.stage import ACTOR, CHECKED, Staging, Verdict, as_finding, conclude, enter
from include.services.ingest.validate import validate
from include.services.ownership import OWNER, refuse_foreign
from include.services.table_options import adopted

if TYPE_CHECKING:
    from include.domain.table_schema import TableSchema
    from include.ports import CataloguePartition, CatalogueTable
    from include.services.context import PipelineContext
    from include.services.ingest.staged import Staged
    from include.services.lease import Lease

TRIES = 20  # of the publish loop: each other writer of the table costs at most one
MADE_HERE = "Made by the Data Uploader."


def publish(context: PipelineContext, upload_id: str) -> Verdict:
    """Make the staged file a partition of its table. Run again it ends in the same partition."""
    upload = enter(context, upload_id, State.PUBLISHING)
    if upload is None:
        clear_away(context, upload_id)
        return Verdict.FINISHED
    areas = Areas(context.settings)
    database = areas.database(upload.database)
    with sole_writer(context, upload) as lease:
        for _ in range(TRIES):
            try:
                refuse_foreign(context.catalogue, database, upload.table, env=context.settings.env)
            except Refused as error:
                return conclude(context, upload, [as_finding(error)], stage=State.PUBLISHING)
            if conclude(context, upload, (), stage=State.PUBLISHING) is Verdict.REFUSED:
                return Verdict.REFUSED
            table = context.catalogue.table(database, upload.table)
            schema = glue_tables.read_schema(table) if table else None
            staged = read_staged(context, upload_id)
            if schema is not None and not is_settled(staged, schema):
                verdict = _settle_again(context, upload_id)
                if verdict is not Verdict.GO_ON:
                    return verdict
                continue
            try:
                _publish_once(context, upload, staged, table, lease=lease)
            except Conflict as conflict:
                if conflict.code not in {"table_changed", "table_exists", "database_exists"}:
                    raise
                continue
            clear_away(context, upload_id)
            return Verdict.GO_ON
    raise Transient(f"The table {database}.{upload.table} kept changing.", code="table_busy")


def _settle_again(context: PipelineContext, upload_id: str) -> Verdict:
    """The table became wider since: back to settle and validate."""
    verdict = settle_types(context, upload_id)
    if verdict is Verdict.GO_ON:
        verdict = validate(context, upload_id)
    if verdict is Verdict.GO_ON and enter(context, upload_id, State.PUBLISHING) is None:
        return Verdict.FINISHED
    return verdict


def _publish_once(
    context: PipelineContext, upload: Upload, staged: Staged, table: CatalogueTable | None, *, lease: Lease
) -> None:
    """One turn of the loop, from the table as it was read; Conflict if it changed meanwhile."""
    areas = Areas(context.settings)
    before = glue_tables.read_schema(table) if table else None
    union = before.union(staged.result.schema) if before else staged.result.schema
    _expect_all_rows(context, upload, staged)
    raw = context.objects.copy(glue_tables.pinned(context.objects, upload.landing_uri, upload.etag), areas.raw(upload))
    if raw.size != upload.size:
        raise Terminal(f"The copy of upload {upload.id} in raw_history is not whole.", code="copy_incomplete")
    write_manifest(context, upload, staged)
    entry = _place(context, upload, staged)
    narrower = _widen_older(context, upload, union, lease=lease) if _may_be_narrower(before, union, table) else []
    interrupted = table is not None and glue_tables.WIDENING in table.parameters
    lease.hold()
    written = _write_table(context, upload, union, table, widening=bool(narrower) or interrupted)
    if narrower or interrupted:
        lease.hold()
        _flip(context, upload, [new for _, new in narrower])
        _write_table(context, upload, union, written, widening=False)
        _drop_superseded(context, narrower)
    lease.hold()
    _register(context, upload, entry)
    context.ledger.move(
        upload.id,
        State.PUBLISHED,
        actor=ACTOR,
        revision=staged.revision,
        rows=staged.result.rows,
        published_at=context.clock.now(),
    )


def _expect_all_rows(context: PipelineContext, upload: Upload, staged: Staged) -> None:
    """Whatever went before: the Parquet files that are about to be published have every row that the check counted."""
    staging = Staging(context, upload.id)
    checked = conversion.CheckReport.from_json(staging.read(CHECKED)).rows
    parts = [glue_tables.pinned(context.objects, staging.uri(f"{staged.folder}/{name}"), None) for name in staged.sizes]
    rows = sum(conversion.stored_rows(context.objects.file(part)) for part in parts)
    if not rows == checked == staged.result.rows:
        raise Terminal(
            f"The Parquet files of upload {upload.id} have {rows} rows; the check counted {checked}, and the "
            f"conversion {staged.result.rows}. Clear the task 'check' and what follows it.",
            code="rows_missing",
        )


def _place(context: PipelineContext, upload: Upload, staged: Staged) -> CataloguePartition:
    """Put the staged Parquet into its revision's folder, nothing but it."""
    location = Areas(context.settings).revision(upload.key, staged.revision)
    staging = Staging(context, upload.id)
    wanted = {}
    for name, size in staged.sizes.items():
        source = glue_tables.pinned(context.objects, staging.uri(f"{staged.folder}/{name}"), None)
        wanted[location + name] = size
        if context.objects.copy(source, location + name).size != size:
            raise Terminal(f"The copy of {name} of upload {upload.id} is not whole.", code="copy_incomplete")
    context.objects.delete([stored.uri for stored in context.objects.list(location) if stored.uri not in wanted])
    return glue_tables.partition_entry(
        extraction_timestamp=upload.extraction_timestamp,
        location=location,
        written=staged.result.written,
        upload_id=upload.id,
        revision=staged.revision,
        rows=staged.result.rows,
    )


def _widen_older(
    context: PipelineContext, upload: Upload, union: TableSchema, *, lease: Lease
) -> list[tuple[CataloguePartition, CataloguePartition]]:
    """Derive the partitions that are too narrow again, one after another; (old entry, new entry) of each."""
    widened: list[tuple[CataloguePartition, CataloguePartition]] = []
    for older, partition in outdated_partitions(context, upload.database, upload.table, union, besides=upload.id):
        if not widened:
            context.ledger.move(upload.id, State.WIDENING, actor=ACTOR)
        widened.append((partition, rederive(context, older, union)))
        lease.hold()
    if widened:
        context.ledger.move(upload.id, State.PUBLISHING, actor=ACTOR)
    return widened


def _may_be_narrower(before: TableSchema | None, union: TableSchema, table: CatalogueTable | None) -> bool:
    """Whether partitions have to be looked at: a column they may have changed its type, or a widening was cut short."""
    if before is None or table is None:
        return False
    types = union.types()
    return glue_tables.WIDENING in table.parameters or any(types[name] != kind for name, kind in before.types().items())


def _write_table(
    context: PipelineContext, upload: Upload, union: TableSchema, table: CatalogueTable | None, *, widening: bool
) -> CatalogueTable:
    """Create the table or bring it to the union schema, from the version given; returns it as it is now.

    `widening` stays on the table until every partition is flipped, so that whoever publishes next finishes the job.
    """
    areas, env = Areas(context.settings), context.settings.env.value
    database = areas.database(upload.database)
    if table is None and context.catalogue.database_parameters(database) is None:
        context.catalogue.create_database(database, description=MADE_HERE, parameters={OWNER: env})
    new = glue_tables.describe(
        union,
        database=database,
        name=upload.table,
        location=table.location if table else areas.table(upload.database, upload.table),
        env=env,
        was=table,
        options=adopted(context, upload),
        widening=widening,
    )
    if table is None:
        context.catalogue.create_table(new)
    elif new != table:
        context.catalogue.update_table(new)
    written = context.catalogue.table(database, upload.table)
    if written is None:
        raise Transient(f"The table {database}.{upload.table} is gone again.", code="table_busy")
    return written


def _flip(context: PipelineContext, upload: Upload, entries: list[CataloguePartition]) -> None:
    """Point the widened partitions at their new revisions and tell the ledger, so that they are promoted again."""
    context.catalogue.update_partitions(Areas(context.settings).database(upload.database), upload.table, entries)
    # From the catalogue, not from `entries`: what a killed flip did not tell the ledger is made good here.
    _follow_catalogue(context, upload)


def _drop_superseded(context: PipelineContext, widened: list[tuple[CataloguePartition, CataloguePartition]]) -> None:
    if not context.settings.remove_superseded_at_once:
        return
    for old, new in widened:
        if old.location != new.location:
            context.objects.delete([stored.uri for stored in context.objects.list(old.location)])


def _follow_catalogue(context: PipelineContext, upload: Upload) -> None:
    revisions = {
        partition.parameters[glue_tables.UPLOAD]: partition.parameters[glue_tables.REVISION]
        for partition in context.catalogue.partitions(Areas(context.settings).database(upload.database), upload.table)
    }
    for other in context.ledger.live(upload.database, upload.table):
        if other.id in revisions and revisions[other.id] != other.revision:
            context.ledger.amend(other.id, revision=revisions[other.id])


def _register(context: PipelineContext, upload: Upload, entry: CataloguePartition) -> None:
    """Register the partition; one that is there already must be this upload's, and is brought to this revision."""
    database = Areas(context.settings).database(upload.database)
    try:
        context.catalogue.create_partition(database, upload.table, entry)
    except Conflict as conflict:
        there = context.catalogue.partition(database, upload.table, entry.extraction_timestamp)
        if there is None or there.parameters.get(glue_tables.UPLOAD) != upload.id:
            raise Terminal(
                f"Partition {entry.extraction_timestamp} of {database}.{upload.table} belongs to another upload.",
                code="partition_foreign",
            ) from conflict
        if there != entry:
            context.catalogue.update_partitions(database, upload.table, [entry])
