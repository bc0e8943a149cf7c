"""Stages two and three: text to typed Parquet in staging, and again where the table's types are wider."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include import conversion
from include.domain.column_types import RULES_VERSION, ColumnType, Null, display
from include.domain.table_schema import TableSchema
from include.domain.upload import State, Upload
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.plain import plain_text
from include.services.ingest.stage import CHECKED, CONVERTED, Staging, Verdict, conclude, enter, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from include.domain.reading_options import ReadingOptions
    from include.services.context import PipelineContext


@dataclass(frozen=True)
class Staged:
    """What conversion left in staging.

    Attributes:
        result: evidence, written types, rows and parts of the file.
        sizes: bytes of each part by its name.
        revision: 16 hex digits of everything the Parquet is a function of.
    """

    result: conversion.Conversion
    sizes: Mapping[str, int]
    revision: str

    def to_json(self) -> dict[str, Any]:
        """The staging document."""
        return {"result": self.result.to_json(), "sizes": dict(self.sizes), "revision": self.revision}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Staged:
        """Read back what `to_json` wrote."""
        return cls(conversion.Conversion.from_json(document["result"]), document["sizes"], document["revision"])


def convert(context: PipelineContext, upload_id: str) -> Verdict:
    """Derive typed Parquet from the landed file, as wide as its own values and the table's are now."""
    upload = enter(context, upload_id, State.CONVERTING)
    if upload is None:
        return Verdict.FINISHED
    staged = stage_parquet(context, upload, table_schema(context, upload))
    return _note_result(context, upload, staged)


def settle_types(context: PipelineContext, upload_id: str) -> Verdict:
    """Decide the types from this file's evidence and the table's; convert again, from text, if they came out wider."""
    upload = enter(context, upload_id, State.CONVERTING)
    if upload is None:
        return Verdict.FINISHED
    staged = read_staged(context, upload_id)
    table = table_schema(context, upload)
    if is_settled(staged, table):
        return Verdict.GO_ON
    return _note_result(context, upload, stage_parquet(context, upload, table))


def table_schema(context: PipelineContext, upload: Upload) -> TableSchema:
    """The folded evidence of the table the upload goes to, as it is now; empty for a table that does not exist."""
    table = context.catalogue.table(Areas(context.settings).database(upload.database), upload.table)
    return glue_tables.read_schema(table) if table else TableSchema()


def read_staged(context: PipelineContext, upload_id: str) -> Staged:
    """What conversion left in staging."""
    return Staged.from_json(Staging(context, upload_id).read(CONVERTED))


def target_types(table: TableSchema, file: TableSchema) -> dict[str, ColumnType]:
    """The types of a file's columns once its evidence is folded into the table's, in the table's order."""
    own = {column.name for column in file.columns}
    return {name: kind for name, kind in table.union(file).types().items() if name in own}


def is_settled(staged: Staged, table: TableSchema) -> bool:
    """Whether the staged files are what the union of the table and this file asks for."""
    union = table.union(staged.result.schema)
    written = staged.result.written
    target = {name: kind for name, kind in target_types(table, staged.result.schema).items() if name in written}
    return list(written.items()) == list(target.items()) and not union.columns_to_rewrite(
        written, partition=staged.result.schema
    )


def revision_of(sha256: str, types: Mapping[str, ColumnType], *, options: ReadingOptions) -> str:
    """16 hex digits that name one derivation: the raw bytes, the rules, the options, and the types in their order."""
    facts = {
        "sha256": sha256,
        "rules": RULES_VERSION,
        "options": options.to_json(),
        "types": [[name, display(kind)] for name, kind in types.items() if not isinstance(kind, Null)],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def stage_parquet(context: PipelineContext, upload: Upload, table: TableSchema) -> Staged:
    """Convert the landed file with at least the table's types and keep the Parquet and its facts in staging."""
    staging = Staging(context, upload.id)
    report = conversion.CheckReport.from_json(staging.read(CHECKED))
    text = plain_text(context, upload, report)
    with workspace(context) as folder:
        result = conversion.convert(text, report, target=None, evidence=table, out=folder)
        revision = revision_of(report.sha256, result.written, options=report.reading.options)
        sizes = send_parts(context, result, folder, staging.uri(revision))
    staged = Staged(result, sizes, revision)
    staging.write(CONVERTED, staged.to_json())
    return staged


def send_parts(context: PipelineContext, result: conversion.Conversion, folder: Path, uri: str) -> dict[str, int]:
    """Send what a conversion wrote, with the line numbers beside it, below `uri`; bytes of each part by its name."""
    for name in map(conversion.lines_name, result.parts):
        context.objects.send(folder / name, f"{uri}/{name}")
    return {name: context.objects.send(folder / name, f"{uri}/{name}").size for name in result.parts}


def _note_result(context: PipelineContext, upload: Upload, staged: Staged) -> Verdict:
    types = staged.result.schema.types()
    columns = tuple((name, display(staged.result.written.get(name, kind))) for name, kind in types.items())
    upload = context.ledger.amend(upload.id, rows=staged.result.rows, columns=columns)
    return conclude(context, upload, staged.result.findings)
