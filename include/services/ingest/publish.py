"""The fifth stage: raw to raw_history, Parquet to curated, the table, the partition last; or waiting for the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import conversion
from include.domain.errors import Conflict, NotFound, Refused, Terminal, Transient
from include.domain.table_schema import TableSchema
from include.domain.upload import State, Upload
from include.services import glue_tables
from include.services.areas import Areas
from include.services.half_published import is_own_partition
from include.services.ingest.aftermath import end_again, expect_there, take_table_along
from include.services.ingest.changes import settle_changes
from include.services.ingest.claimed import claimed_file, of_claimed_file
from include.services.ingest.clear import clear_away
from include.services.ingest.convert import is_settled, read_staged, settle_types
from include.services.ingest.lease import sole_writer
from include.services.ingest.manifest import write_manifest
from include.services.ingest.stage import ACTOR, CHECKED, Staging, Verdict, as_finding, conclude, enter
from include.services.ingest.validate import validate
from include.services.ingest.width import find_too_wide_with_waiting
from include.services.ownership import OWNER, refuse_foreign
from include.services.table_options import adopted
from include.services.widening.flip import complete
from include.services.widening.outdated import may_be_outdated, outdated_partitions

if TYPE_CHECKING:
    from include.domain.findings import Finding
    from include.ports import CataloguePartition, CatalogueTable
    from include.services.context import PipelineContext
    from include.services.ingest.staged import Staged
    from include.services.lease import Lease

TRIES = 20  # of the publish loop: each other writer of the table costs at most one
CHANGED = frozenset({"table_changed", "table_exists", "table_not_found", "database_exists", "partition_not_found"})
MOVED_ON = "wrong_state"  # another attempt took the upload further: what to do is asked again
MADE_HERE = "Made by the Data Uploader."


@of_claimed_file
def publish(context: PipelineContext, upload_id: str, *, holder: str | None = None) -> Verdict:
    """Make the staged file a partition of its table. Run again it ends in the same partition.

    A file that asks for wider types than earlier partitions have waits for the table's widening, which publishes it.
    `holder` has the table's lease meanwhile; it is the upload itself unless it is given.
    """
    now = context.ledger.get(upload_id)
    if now is not None and now.state is State.WAITING_FOR_APPROVAL:
        return Verdict.WAITING  # a cleared task: the question stands, and this upload with it
    upload = enter(context, upload_id, State.PUBLISHING)
    verdict = _publish_alone(context, upload, holder=holder) if upload is not None else None
    if verdict is None:
        return end_again(context, upload_id, holder=holder)
    if verdict is Verdict.GO_ON:
        expect_there(context, upload_id, holder=holder)
    return verdict


def _publish_alone(context: PipelineContext, upload: Upload, *, holder: str | None) -> Verdict | None:
    """Publish under the table's lease; None if the upload turns out to be finished."""
    with sole_writer(context, upload, holder=holder) as lease:
        for _ in range(TRIES):
            # Asked again under the lease: the table's widening may have published it, or taken it along.
            if enter(context, upload.id, State.PUBLISHING) is None:
                return None
            try:
                verdict = _try_to_publish(context, upload, lease=lease)
            except (Conflict, NotFound) as error:
                if error.code not in {*CHANGED, MOVED_ON}:
                    raise
                continue
            if verdict is Verdict.REFUSED:
                take_table_along(context, upload, lease=lease)
            if verdict is not None:
                return verdict
        raise Transient(f"The table {upload.database}.{upload.table} kept changing.", code="table_busy")


def _try_to_publish(context: PipelineContext, upload: Upload, *, lease: Lease) -> Verdict | None:
    """One turn of the loop, from the table as it is now; None to look again."""
    database = Areas(context.settings).database(upload.database)
    foreign = _find_foreign(context, database, upload.table)
    if conclude(context, upload, foreign, stage=State.PUBLISHING) is Verdict.REFUSED:
        return Verdict.REFUSED
    table = context.catalogue.table(database, upload.table)
    if table is not None and glue_tables.WIDENING in table.parameters:  # a writer died while it flipped the table
        return _wait(context, upload) if complete(context, upload.database, table, lease=lease) else None
    # A table that was there when the types were settled may have been deleted with its last upload.
    schema = glue_tables.read_schema(table) if table else TableSchema()
    staged = read_staged(context, upload.id)
    if not is_settled(staged, schema):
        verdict = _settle_again(context, upload.id)
        return None if verdict is Verdict.GO_ON else verdict
    if table is not None:
        too_wide = find_too_wide_with_waiting(context, upload, staged.result.schema, table=table)
        if too_wide:
            return conclude(context, upload, too_wide, stage=State.PUBLISHING)
        settle_changes(context, upload, staged, schema)
        if _is_too_wide(context, upload, schema, staged.result.schema):
            return _wait(context, upload)
    _publish_once(context, upload, table, lease=lease)
    clear_away(context, upload.id)
    return Verdict.GO_ON


def _find_foreign(context: PipelineContext, database: str, table: str) -> tuple[Finding, ...]:
    try:
        refuse_foreign(context.catalogue, database, table, env=context.settings.env)
    except Refused as error:
        return (as_finding(error),)
    return ()


def _is_too_wide(context: PipelineContext, upload: Upload, schema: TableSchema, own: TableSchema) -> bool:
    """Whether earlier partitions have to be derived again before this file may join them."""
    union = schema.union(own)
    if not may_be_outdated(schema, union):
        return False
    outdated = outdated_partitions(context, upload.database, upload.table, union, besides=upload.id)
    return any(True for _ in outdated)


def _wait(context: PipelineContext, upload: Upload) -> Verdict:
    """Leave the upload to the job that widens its table; with the others, if they wait for an approval."""
    asked = context.ledger.in_states({State.WAITING_FOR_APPROVAL}, database=upload.database, table=upload.table)
    context.ledger.move(upload.id, State.WIDENING, actor=ACTOR)
    if asked:
        try:
            context.ledger.move(upload.id, State.WAITING_FOR_APPROVAL, actor=ACTOR)
        except Conflict:  # cancelled in between
            return Verdict.FINISHED
    return Verdict.WAITING


def _settle_again(context: PipelineContext, upload_id: str) -> Verdict:
    """The table became wider since: back to settle and validate."""
    verdict = settle_types(context, upload_id)
    return validate(context, upload_id) if verdict is Verdict.GO_ON else verdict


def _publish_once(context: PipelineContext, upload: Upload, table: CatalogueTable | None, *, lease: Lease) -> None:
    """Write everything from the table as it was read; Conflict if it changed meanwhile."""
    areas, staged = Areas(context.settings), read_staged(context, upload.id)
    before = glue_tables.read_schema(table) if table else None
    union = before.union(staged.result.schema) if before else staged.result.schema
    _expect_all_rows(context, upload, staged)
    raw = claimed_file(context, upload)
    if raw.uri != areas.raw(upload):
        raw = context.objects.copy(raw, areas.raw(upload))
    if raw.size != upload.size:
        raise Terminal(f"The copy of upload {upload.id} in raw_history is not whole.", code="copy_incomplete")
    write_manifest(context, upload, staged)
    entry = _place(context, upload, staged)
    lease.hold()
    _write_table(context, upload, union, table)
    lease.hold()
    _register(context, upload, entry)
    _expect_fit(context, upload, staged)
    lease.hold()
    context.ledger.move(
        upload.id,
        State.PUBLISHED,
        actor=ACTOR,
        revision=staged.revision,
        rows=staged.result.rows,
        published_at=context.clock.now(),
    )


def _expect_fit(context: PipelineContext, upload: Upload, staged: Staged) -> None:
    """Look once more, now that it is registered: another writer may have come in when this one's lease ran out."""
    table = context.catalogue.table(Areas(context.settings).database(upload.database), upload.table)
    if table is None or not is_settled(staged, glue_tables.read_schema(table)):
        raise Conflict(f"The table of upload {upload.id} has changed.", code="table_changed")


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


def _write_table(context: PipelineContext, upload: Upload, union: TableSchema, table: CatalogueTable | None) -> None:
    """Create the table or bring it to the union schema, from the version given."""
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
    )
    if table is None:
        context.catalogue.create_table(new)
    elif new != table:
        context.catalogue.update_table(new)


def _register(context: PipelineContext, upload: Upload, entry: CataloguePartition) -> None:
    """Register the partition; one that is there already must be this upload's, and is brought to this revision."""
    database = Areas(context.settings).database(upload.database)
    try:
        context.catalogue.create_partition(database, upload.table, entry)
    except Conflict as conflict:
        there = context.catalogue.partition(database, upload.table, entry.extraction_timestamp)
        if not is_own_partition(context, there, upload):
            raise Terminal(
                f"Partition {entry.extraction_timestamp} of {database}.{upload.table} belongs to another upload.",
                code="partition_foreign",
            ) from conflict
        if there != entry:
            context.catalogue.update_partitions(database, upload.table, [entry])
