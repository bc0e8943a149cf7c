"""Deriving a published partition again from its raw file, as another schema of its table asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import conversion
from include.domain.column_types import display
from include.domain.errors import Terminal
from include.domain.findings import Severity
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.convert import revision_of, target_types
from include.services.ingest.stage import workspace
from include.services.widening.ready import Ready, note_ready, read_ready

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.table_schema import TableSchema
    from include.services.context import PipelineContext
    from include.services.widening.outdated import Outdated


def derive(context: PipelineContext, outdated: Outdated, target: TableSchema) -> Ready:
    """Write the revision that a target asks of a partition, beside the one that people read; a ready one is kept.

    Nothing is registered: readers see nothing of it. It needs no lease, for whoever derives it writes the same.
    """
    ready = read_ready(context, outdated, target)
    if ready is not None:
        return ready
    with workspace(context) as folder:
        result = _convert(context, outdated, target, into=folder)
        ready = _place(context, outdated, result, folder / "out")
    note_ready(context, outdated, target, ready)
    return ready


def _convert(context: PipelineContext, outdated: Outdated, target: TableSchema, *, into: Path) -> conversion.Conversion:
    """The raw file as Parquet below `into`/out, with the target's types."""
    upload, manifest = outdated.upload, outdated.manifest
    source = context.objects.file(glue_tables.pinned(context.objects, Areas(context.settings).raw(upload), None))
    report = conversion.check(
        source,
        filename=manifest.filename,
        options=manifest.options,
        into=into,
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
    types = target_types(target, manifest.schema)
    text = conversion.plain_text(source, report, into=into)
    try:
        result = conversion.convert(text, report, target=types, evidence=None, out=into / "out")
    except Terminal as error:
        if error.code != "target_too_narrow":
            raise
        # What a table is to be is never narrower than the evidence of its uploads.
        raise Terminal(
            f"The raw file of upload {upload.id} of {upload.database}.{upload.table} holds more than its manifest "
            f"says: {error.detail} Restore the manifest from the bucket's versions and start again. If that cannot be "
            "done, withdraw the upload, and upload its file again.",
            code="derivation_differs",
            field=error.field,
        ) from error
    _expect_same(outdated, result, target)
    return result


def _place(context: PipelineContext, outdated: Outdated, result: conversion.Conversion, folder: Path) -> Ready:
    """Put the parts into their revision's folder, nothing but them."""
    upload, manifest = outdated.upload, outdated.manifest
    revision = revision_of(manifest.sha256, result.written, options=manifest.options)
    location = Areas(context.settings).revision(upload.key, revision)
    sizes = {name: context.objects.send(folder / name, location + name).size for name in result.parts}
    lying = [stored.uri for stored in context.objects.list(location)]
    context.objects.delete([uri for uri in lying if uri.removeprefix(location) not in sizes])
    entry = glue_tables.partition_entry(
        extraction_timestamp=upload.extraction_timestamp,
        location=location,
        written=result.written,
        upload_id=upload.id,
        revision=revision,
        rows=result.rows,
    )
    return Ready(entry, sizes, outdated.partition.location)


def _expect_same(outdated: Outdated, result: conversion.Conversion, target: TableSchema) -> None:
    """A derivation that lost a row, or came out other than asked, must never be registered."""
    types = target.types()
    wrong = [f"{name} {display(kind)}" for name, kind in result.written.items() if types[name] != kind]
    if result.rows != outdated.manifest.rows or wrong:
        raise Terminal(
            f"Deriving upload {outdated.upload.id} again gave {result.rows} rows of {outdated.manifest.rows}"
            + (f" and other types than the table's: {', '.join(wrong)}" if wrong else "")
            + ".",
            code="derivation_differs",
        )
