"""Which partitions of a table read differently under another schema, and so have to be derived again from raw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include import conversion
from include.domain.column_types import ColumnType, glue_type, parse
from include.domain.errors import Terminal
from include.services import glue_tables
from include.services.areas import Areas
from include.services.half_published import is_own_partition
from include.services.ingest.convert import revision_of, target_types
from include.services.ingest.manifest import read_manifest
from include.services.widening.at_once import each_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from include.domain.table_schema import TableSchema
    from include.domain.upload import Upload
    from include.ports import CataloguePartition
    from include.services.context import PipelineContext
    from include.services.ingest.manifest import Manifest

FEW = 8  # partitions whose uploads are asked for singly


@dataclass(frozen=True)
class Outdated:
    """A registered partition that is not yet what the table is to be, whose it is, and what is known of its file."""

    upload: Upload
    partition: CataloguePartition
    manifest: Manifest

    def derivation(self, target: TableSchema) -> str:
        """16 hex digits that name what it has to become; another target that asks the same of it has the same name."""
        types = target_types(target, self.manifest.schema)
        wanted = conversion.Wanted(target=types).types(self.manifest.schema.evidence())
        return revision_of(self.manifest.sha256, wanted, options=self.manifest.options)


def may_be_outdated(before: TableSchema, target: TableSchema) -> bool:
    """Whether any partition can be outdated, by the evidence of all of them: False is certain, and costs nothing."""
    return bool(target.columns_to_rewrite(before.types(), partition=before))


def outdated_partitions(
    context: PipelineContext, database: str, table: str, target: TableSchema, *, besides: str | None = None
) -> Iterator[Outdated]:
    """The outdated ones of all registered partitions of a table, but for that of the upload `besides`."""
    listed = context.catalogue.partitions(Areas(context.settings).database(database), table)
    found = outdated_of(context, database, table, listed, target=target)
    return (each for each in found if each.upload.id != besides)


def outdated_of(
    context: PipelineContext,
    database: str,
    table: str,
    partitions: Iterable[CataloguePartition],
    *,
    target: TableSchema,
) -> Iterator[Outdated]:
    """The outdated ones of these partitions."""
    candidates: list[tuple[CataloguePartition, str]] = []
    for partition in partitions:
        written = written_types(partition, target)
        if not target.columns_to_rewrite(written):
            continue  # whatever its own file has shown
        upload_id = _upload_of(context, database, table, partition)
        if upload_id is None:
            _expect_fit(partition, written, target, table=f"{database}.{table}")
        else:
            candidates.append((partition, upload_id))
    # Many are read at once from the ledger; a few, or those just being published, one by one.
    many = len(candidates) > FEW
    known = {upload.id: upload for upload in context.ledger.live(database, table)} if many else {}

    def described(candidate: tuple[CataloguePartition, str]) -> Outdated:
        partition, upload_id = candidate
        upload = known.get(upload_id) or context.ledger.get(upload_id)
        if upload is None:
            raise Terminal(
                f"Partition {partition.extraction_timestamp} of {database}.{table} belongs to upload {upload_id}, "
                "which the ledger does not know; rebuild the ledger.",
                code="upload_unknown",
            )
        return Outdated(upload, partition, read_manifest(context.objects, Areas(context.settings).manifest(upload)))

    for outdated in each_of(described, candidates):
        if target.columns_to_rewrite(written_types(outdated.partition, target), partition=outdated.manifest.schema):
            yield outdated


def _upload_of(context: PipelineContext, database: str, table: str, partition: CataloguePartition) -> str | None:
    """Whose a partition says that it is; of one that says nothing, that of the upload in whose folder it lies."""
    said = partition.parameters.get(glue_tables.UPLOAD)
    if said:
        return said
    upload = context.ledger.find(database, table, partition.extraction_timestamp)
    return upload.id if upload is not None and is_own_partition(context, partition, upload) else None


def _expect_fit(
    partition: CataloguePartition, written: Mapping[str, ColumnType], target: TableSchema, *, table: str
) -> None:
    """A partition that is no upload's has no raw file here: it fits as it is, or a person has to take it away."""
    types = target.types()
    if any(name in types and types[name] != kind for name, kind in written.items()):
        raise Terminal(
            f"Partition {partition.extraction_timestamp} of {table} ({partition.location}) was registered by somebody "
            "else, is too narrow, and cannot be derived again. Take it out of the table (ALTER TABLE … DROP PARTITION; "
            "its files stay), upload its rows if they are wanted, and clear the red task.",
            code="partition_foreign",
        )


def written_types(partition: CataloguePartition, table: TableSchema) -> dict[str, ColumnType]:
    """The types of a partition's files, from its Glue columns.

    Glue has one word for both kinds of timestamp. Where the table's type has that word too it is the same kind: a
    column that mixes the kinds is a string.
    """
    types = table.types()
    return {
        name: types[name] if name in types and glue_type(types[name]) == word else parse(word)
        for name, word in partition.columns
    }
