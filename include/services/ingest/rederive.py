"""Deriving published partitions again from their raw files, when the table's types became wider than theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import conversion
from include.domain.column_types import ColumnType, display, glue_type, parse
from include.domain.errors import Terminal
from include.domain.findings import Severity
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.convert import revision_of, target_types
from include.services.ingest.manifest import read_manifest
from include.services.ingest.stage import workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from include.domain.table_schema import TableSchema
    from include.domain.upload import Upload
    from include.ports import CataloguePartition
    from include.services.context import PipelineContext
    from include.services.ingest.manifest import Manifest


def outdated_partitions(
    context: PipelineContext, database: str, table: str, union: TableSchema, *, besides: str
) -> Iterator[tuple[Upload, CataloguePartition]]:
    """Registered partitions of a table that read differently under the union schema, but for the upload `besides`."""
    areas = Areas(context.settings)
    for partition in context.catalogue.partitions(areas.database(database), table):
        upload_id = partition.parameters[glue_tables.UPLOAD]
        if upload_id == besides:
            continue
        upload = context.ledger.get(upload_id)
        if upload is None:
            raise Terminal(
                f"Partition {partition.extraction_timestamp} of {database}.{table} belongs to upload {upload_id}, "
                "which the ledger does not know; rebuild the ledger.",
                code="upload_unknown",
            )
        manifest = read_manifest(context.objects, areas.manifest(upload))
        if union.columns_to_rewrite(written_types(partition, union), partition=manifest.schema):
            yield upload, partition


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


def rederive(context: PipelineContext, upload: Upload, union: TableSchema) -> CataloguePartition:
    """Write a new revision of a published partition with the union's types; returns its entry, not yet registered."""
    areas = Areas(context.settings)
    manifest = read_manifest(context.objects, areas.manifest(upload))
    source = context.objects.file(glue_tables.pinned(context.objects, areas.raw(upload), None))
    with workspace(context) as folder:
        report = conversion.check(
            source,
            filename=manifest.filename,
            options=manifest.options,
            into=folder,
            limits=conversion.NO_LIMITS,  # it was accepted: today's settings have no say in what it reads as
        )
        if report.sha256 != manifest.sha256:
            raise Terminal(f"The raw file of upload {upload.id} is not the one it was.", code="raw_changed")
        if report.refused:
            codes = sorted({finding.code for finding in report.findings if finding.severity is Severity.ERROR})
            raise Terminal(
                f"The raw file of upload {upload.id} of {upload.database}.{upload.table} was accepted and would be "
                f"refused today ({', '.join(codes)}), so its partition cannot be derived again.",
                code="derivation_refused",
            )
        target = target_types(union, manifest.schema)
        text = conversion.plain_text(source, report, into=folder)
        result = conversion.convert(text, report, target=target, evidence=None, out=folder / "out")
        revision = revision_of(report.sha256, result.written, options=manifest.options)
        _expect_same(upload, manifest, result, union)
        location = areas.revision(upload.key, revision)
        for name in result.parts:
            context.objects.send(folder / "out" / name, location + name)
        wanted = {location + name for name in result.parts}
    context.objects.delete([stored.uri for stored in context.objects.list(location) if stored.uri not in wanted])
    return glue_tables.partition_entry(
        extraction_timestamp=upload.extraction_timestamp,
        location=location,
        written=result.written,
        upload_id=upload.id,
        revision=revision,
        rows=result.rows,
    )


def _expect_same(upload: Upload, manifest: Manifest, result: conversion.Conversion, union: TableSchema) -> None:
    """A derivation that lost a row, or came out narrower than asked, must never be registered."""
    late: Mapping[str, ColumnType] = union.types()
    wrong = [f"{name} {display(kind)}" for name, kind in result.written.items() if late[name] != kind]
    if result.rows != manifest.rows or wrong:
        raise Terminal(
            f"Deriving upload {upload.id} again gave {result.rows} rows of {manifest.rows}"
            + (f" and other types than the table's: {', '.join(wrong)}" if wrong else "")
            + ".",
            code="derivation_differs",
        )
