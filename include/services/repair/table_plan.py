"""What rebuilding a table would do: partition by partition, what is kept, registered, derived or taken out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from include import conversion
from include.domain.errors import NotFound, Terminal
from include.domain.partition_key import PartitionKey
from include.domain.upload import FINISHED, GONE, LIVE, State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.half_published import is_own_partition
from include.services.ingest.convert import revision_of, target_types
from include.services.ingest.manifest import is_raw_file_of
from include.services.ownership import refuse_foreign
from include.services.repair.table_target import Published, options_of, published_uploads, target_of
from include.services.widening.outdated import Outdated, written_types
from include.services.widening.ready import Ready, read_ready

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from include.domain.reading_options import BoundOptions
    from include.domain.table_schema import TableSchema
    from include.ports import CataloguePartition, CatalogueTable
    from include.services.context import PipelineContext
    from include.services.repair.table_target import Request

PARQUET = ".parquet"


class Step(StrEnum):
    """What happens to the partition of an upload."""

    KEEP = "keep"
    REGISTER = "register"  # its files are whole; Glue has no entry of it, or another
    DERIVE = "derive"


@dataclass(frozen=True)
class Item:
    """The partition of one upload: as it is, what it has to become, and what is to be done."""

    published: Published
    partition: CataloguePartition | None
    entry: CataloguePartition
    step: Step

    @property
    def timestamp(self) -> str:
        """Its extraction_timestamp."""
        return self.entry.extraction_timestamp

    @property
    def outdated(self) -> Outdated:
        """As the widening names what it derives; a lost one takes the place of nothing."""
        return Outdated(self.published.upload, self.partition or self.entry, self.published.manifest)

    @property
    def ledger_differs(self) -> bool:
        """Whether the ledger has another revision of it as published."""
        upload = self.published.upload
        return upload.state in LIVE and upload.revision != self.entry.parameters[glue_tables.REVISION]

    @property
    def ready(self) -> Ready:
        """As the flip takes it."""
        return Ready(self.entry, {}, (self.partition or self.entry).location)


@dataclass(frozen=True)
class RebuildPlan:
    """What is to be done for a request.

    Attributes:
        known: the table in Glue, or None.
        target: the schema it is to have.
        location: where it is to lie.
        options: what it is to be read with.
        items: the partitions of its uploads, oldest first.
        strays: registered partitions of uploads that were refused, cancelled or withdrawn, or whose place is another.
        others: whether uploads are on their way into it, so that it stays without any partition.
    """

    request: Request
    known: CatalogueTable | None
    target: TableSchema
    location: str
    options: BoundOptions
    items: tuple[Item, ...]
    strays: tuple[CataloguePartition, ...]
    others: bool

    def with_step(self, step: Step) -> tuple[Item, ...]:
        """The partitions that this is to be done with."""
        return tuple(item for item in self.items if item.step is step)

    @property
    def misplaced(self) -> bool:
        """Whether the table lies elsewhere by Glue, or is stored as ours are not."""
        known = self.known
        return known is not None and (known.stored_otherwise or known.location.rstrip("/") != self.location.rstrip("/"))

    @property
    def drops_table(self) -> bool:
        """Whether nothing is left that the table could be made of."""
        whole = self.request.extraction_timestamp is None
        return whole and self.known is not None and not self.items and not self.others


def plan_rebuild(context: PipelineContext, request: Request, *, trusted: Collection[str] = ()) -> RebuildPlan:
    """Compare a table with what its uploads make it, down to the footers of its files; changes nothing.

    Files in `trusted` folders were looked at before.

    Raises:
        NotFound: there is no such partition (`partition_not_found`), or no such table anywhere (`table_not_found`).
        Refused: the table is somebody else's, or see `target_of`.
        Terminal: a partition belongs to an upload that the ledger does not know (`upload_unknown`).
    """
    database = Areas(context.settings).database(request.database)
    refuse_foreign(context.catalogue, database, request.table, env=context.settings.env)
    known = context.catalogue.table(database, request.table)
    listed = tuple(context.catalogue.partitions(database, request.table)) if known else ()
    registered = {each.extraction_timestamp: each for each in listed}
    uploads = published_uploads(context, request, registered)
    if known is None and not uploads:
        raise NotFound(f"Nothing is published in {request.database}.{request.table}.", code="table_not_found")
    only = request.extraction_timestamp
    if only is not None and only not in {*registered, *(each.upload.extraction_timestamp for each in uploads)}:
        raise NotFound(f"{request.database}.{request.table} has no partition {only}.", code="partition_not_found")
    target = target_of(request, known, uploads)
    meant = [each for each in uploads if only in {None, each.upload.extraction_timestamp}]
    look = _Look(context, request, target, frozenset(trusted))
    return RebuildPlan(
        request=request,
        known=known,
        target=target,
        location=Areas(context.settings).table(request.database, request.table),
        options=options_of(context, request, known, uploads),
        items=tuple(
            _item(look, each, registered.get(each.upload.extraction_timestamp))
            for each in sorted(meant, key=lambda each: each.upload.extraction_timestamp)
        ),
        strays=tuple(_strays(look, listed, uploads)),
        others=bool(context.ledger.in_states(set(State) - FINISHED, database=request.database, table=request.table)),
    )


@dataclass(frozen=True)
class _Look:
    """What every partition is looked at with."""

    context: PipelineContext
    request: Request
    target: TableSchema
    trusted: frozenset[str]


def _strays(
    look: _Look, listed: Sequence[CataloguePartition], uploads: Sequence[Published]
) -> Iterator[CataloguePartition]:
    own = {each.upload.extraction_timestamp: each.upload for each in uploads}
    for partition in listed:
        meant = look.request.extraction_timestamp in {None, partition.extraction_timestamp}
        upload = own.get(partition.extraction_timestamp)
        is_own = upload is not None and is_own_partition(look.context, partition, upload)
        if meant and not is_own and _is_stray(look, partition):
            yield partition


def _item(look: _Look, published: Published, registered: CataloguePartition | None) -> Item:
    if registered is not None and not is_own_partition(look.context, registered, published.upload):
        registered = None  # a stray, which goes before
    if registered is not None and not look.request.everything and _is_good(look, published, registered):
        return Item(published, registered, registered, Step.KEEP)
    entry = wanted_entry(look.context, published, look.target)
    item = Item(published, registered, entry, Step.REGISTER)
    if read_ready(look.context, item.outdated, look.target) is not None:
        return item
    whole = not look.request.everything and _is_whole(look, published, entry)
    return item if whole else Item(published, registered, entry, Step.DERIVE)


def wanted_entry(context: PipelineContext, published: Published, target: TableSchema) -> CataloguePartition:
    """The entry that an upload's partition has to have; what its derivation comes to is known before."""
    upload, manifest = published.upload, published.manifest
    types = target_types(target, manifest.schema)
    written = conversion.Wanted(target=types).types(manifest.schema.evidence())
    revision = revision_of(manifest.sha256, written, options=manifest.options)
    return glue_tables.partition_entry(
        extraction_timestamp=upload.extraction_timestamp,
        location=Areas(context.settings).revision(upload.key, revision),
        written=written,
        upload_id=upload.id,
        revision=revision,
        rows=manifest.rows,
    )


def _is_good(look: _Look, published: Published, registered: CataloguePartition) -> bool:
    """Whether a partition reads rightly under the target, whichever of its possible revisions it is."""
    target, manifest, facts = look.target, published.manifest, registered.parameters
    revision = facts.get(glue_tables.REVISION, "")
    if registered.stored_otherwise:
        return False
    if registered.location != Areas(look.context.settings).revision(published.upload.key, revision):
        return False
    if (facts.get(glue_tables.UPLOAD), facts.get(glue_tables.ROWS)) != (published.upload.id, str(manifest.rows)):
        return False
    try:
        written = written_types(registered, target)
    except ValueError:  # a type that is none of ours
        return False
    if not written.keys() <= target.types().keys() or target.columns_to_rewrite(written, partition=manifest.schema):
        return False
    return _is_whole(look, published, registered)


def _is_whole(look: _Look, published: Published, entry: CataloguePartition) -> bool:
    """Whether the files of an entry are there with all rows and its columns, and nothing but them."""
    if entry.location in look.trusted:
        return True
    stored = tuple(look.context.objects.list(entry.location))
    if not stored or not all(each.uri == entry.location + each.name for each in stored):
        return False
    if not all(each.name.endswith(PARQUET) for each in stored):
        return False
    try:
        footers = [conversion.stored_columns(look.context.objects.file(each)) for each in stored]
    except (ValueError, OSError):  # not Parquet, or not whole
        return False
    columns = {columns for _, columns in footers}
    return columns == {entry.columns} and sum(rows for rows, _ in footers) == published.manifest.rows


def _is_stray(look: _Look, partition: CataloguePartition) -> bool:
    """Whether a partition is one that must not be there: its upload has none, or has another place."""
    request = look.request
    ledger, said = look.context.ledger, partition.parameters.get(glue_tables.UPLOAD, "")
    key = PartitionKey(request.database, request.table, partition.extraction_timestamp)
    place, upload = ledger.find(request.database, request.table, key.extraction_timestamp), ledger.get(said)
    if place is not None and is_own_partition(look.context, partition, place):
        return place.state in GONE
    if said == "" or (place is None and upload is None) or is_raw_file_of(look.context, key, said):
        raise Terminal(
            f"Partition {partition.extraction_timestamp} of {request.database}.{request.table} belongs to "
            f"upload {said or 'unknown'}, which the ledger does not know there. Run rebuild_ledger; if its manifest is "
            "lost too, remove the partition from Glue by hand.",
            code="upload_unknown",
        )
    return True
