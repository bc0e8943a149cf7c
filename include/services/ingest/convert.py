"""Stages two and three: text to typed Parquet in staging, group by group, and again what must be wider.

A part always lies in the folder of the revision that its types make and of the division that it is a part of. So what
a group wrote with other types than those decided is never in the way, what it wrote with the decided ones is in place
already, and parts of two divisions are never mixed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from include import conversion
from include.domain.column_types import RULES_VERSION, ColumnType, Null, display
from include.domain.errors import Conflict, NotFound, Terminal, Transient
from include.domain.table_schema import TableSchema
from include.domain.upload import State, Upload
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest import staged as documents
from include.services.ingest.changes import find_changes
from include.services.ingest.claimed import of_claimed_file
from include.services.ingest.plain import plain_text
from include.services.ingest.stage import CHECKED, Staging, Verdict, conclude, enter, workspace
from include.services.ingest.staged import Plan, Staged, StagedGroup
from include.services.ingest.width import find_too_wide

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from include.domain.reading_options import ReadingOptions
    from include.services.context import PipelineContext


def plan(context: PipelineContext, upload_id: str) -> list[int]:
    """Divide a checked file into groups and look at some of it; the numbers of the groups."""
    upload = _present(context, upload_id)
    report = _report(context, upload_id)
    groups = conversion.plan_groups(report, group_bytes=context.settings.convert_group_bytes)
    try:
        hint = conversion.sample_hint(plain_text(context, upload, report), report)
    except (Conflict, NotFound) as error:  # the check is run again, and says what is the matter
        raise Transient(f"The file of upload {upload_id} is not what was checked.", code=error.code) from error
    Staging(context, upload_id).write(documents.PLANNED, Plan(groups, hint).to_json())
    return [group.number for group in groups]


def label(context: PipelineContext, upload_id: str, group: int) -> str:
    """What a group is called where tasks are listed: the rows it holds, as far as that is still known."""
    staging = Staging(context, upload_id)
    groups = _plan(context, upload_id).groups if staging.has(documents.PLANNED) else ()
    return groups[group].label if group < len(groups) else f"group {group}"


@of_claimed_file
def convert_group(context: PipelineContext, upload_id: str, group: int) -> Verdict:
    """Derive typed Parquet from one group, as wide as its own values, the hint and the table's are now."""
    upload = enter(context, upload_id, State.CONVERTING)
    if upload is None:
        return Verdict.FINISHED
    staging, report, planned = Staging(context, upload_id), _report(context, upload_id), _plan(context, upload_id)
    if group >= len(planned.groups):
        raise _outdated()
    division = documents.division_of(report, planned.groups)
    wanted = conversion.Wanted(table_schema(context, upload))
    with workspace(context) as folder:
        result = conversion.convert_group(
            plain_text(context, upload, report),
            report,
            planned.groups[group],
            wanted=wanted,
            hint=planned.hint,
            out=folder,
        )
        sizes: dict[str, int] = {}
        for part in result.parts:
            if part.written is not None:
                into = documents.part_folder(_revision(report, part.written), division)
                sizes |= send_parts(context, [part.part.name], folder, staging.uri(into))
    staging.write(documents.group_document(group), StagedGroup(result, sizes, division).to_json())
    return Verdict.GO_ON


@of_claimed_file
def decide_types(context: PipelineContext, upload_id: str) -> Verdict:
    """Decide the types from the evidence of all groups and the table's.

    What must be written again in one group is written at once; the work on several groups is left to `reconvert`,
    which runs in a task for each of `groups_to_reconvert`.
    """
    upload = enter(context, upload_id, State.CONVERTING)
    if upload is None:
        return Verdict.FINISHED
    decided = _decide(context, upload)
    if len(decided.again) == 1:
        _write_again(context, upload, decided, decided.again[0])
    return _note_result(context, upload, decided)


def groups_to_reconvert(context: PipelineContext, upload_id: str) -> list[int]:
    """The groups of which parts are left to be written again."""
    again = documents.read_decided(Staging(context, upload_id)).again
    return list(again) if len(again) > 1 else []


@of_claimed_file
def reconvert(context: PipelineContext, upload_id: str, group: int) -> Verdict:
    """Write again, from text, those parts of a group that have other types than were decided."""
    upload = enter(context, upload_id, State.CONVERTING)
    if upload is None:
        return Verdict.FINISHED
    _write_again(context, upload, documents.read_decided(Staging(context, upload_id)), group)
    return Verdict.GO_ON


@of_claimed_file
def settle_types(context: PipelineContext, upload_id: str) -> Verdict:
    """Decide the types and write everything again that must be wider, in this process."""
    upload = enter(context, upload_id, State.CONVERTING)
    if upload is None:
        return Verdict.FINISHED
    decided = _decide(context, upload)
    for group in decided.again:
        _write_again(context, upload, decided, group)
    return _note_result(context, upload, decided)


def _decide(context: PipelineContext, upload: Upload) -> Staged:
    """Settle the types and keep in staging what is decided, and which groups are to be written again."""
    staging, report, groups = Staging(context, upload.id), _report(context, upload.id), _plan(context, upload.id).groups
    staged = [StagedGroup.from_json(staging.read(documents.group_document(group.number))) for group in groups]
    division = documents.division_of(report, groups)
    if any(each.division != division for each in staged):
        raise _outdated()
    wanted = conversion.Wanted(table_schema(context, upload))
    settled = conversion.settle(report, [each.result for each in staged], wanted=wanted)
    result = settled.conversion
    if not result.refused:
        parts = [part for each in staged for part in each.result.parts]
        changes = find_changes(context, upload, report, parts, file=result.schema, table=wanted.table)
        too_wide = find_too_wide(result.schema, table=wanted.table)
        result = replace(result, findings=(*result.findings, *too_wide, *changes))
    names = {part.number: part.name for group in groups for part in group.parts}
    missing = {names[number] for number in settled.again}
    sizes = {name: size for each in staged for name, size in each.sizes.items()}
    decided = Staged(
        result=result,
        sizes={name: sizes[name] for name in result.parts if name not in missing},
        revision=_revision(report, result.written),
        groups=groups,
        division=division,
        again=tuple(group.number for group in groups if any(part.number in settled.again for part in group.parts)),
    )
    staging.write(documents.CONVERTED, decided.to_json())
    return decided


def _write_again(context: PipelineContext, upload: Upload, decided: Staged, group: int) -> None:
    staging, report = Staging(context, upload.id), _report(context, upload.id)
    if group not in decided.again or documents.division_of(report, decided.groups) != decided.division:
        raise _outdated()
    parts = [part for part in decided.groups[group].parts if part.name not in decided.sizes]
    with workspace(context) as folder:
        conversion.convert_again(plain_text(context, upload, report), report, parts, decided.result.written, out=folder)
        sizes = send_parts(context, [part.name for part in parts], folder, staging.uri(decided.folder))
    staging.write(documents.again_document(group, decided.folder), {"sizes": sizes})


def _outdated() -> Terminal:
    return Terminal(
        "The file was checked and divided again since its groups were converted. Clear the task 'convert' (all of its "
        "groups) and what follows it; if there are other groups now than were mapped, clear 'check' and what follows.",
        code="groups_outdated",
    )


def _present(context: PipelineContext, upload_id: str) -> Upload:
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    return upload


def _report(context: PipelineContext, upload_id: str) -> conversion.CheckReport:
    return conversion.CheckReport.from_json(Staging(context, upload_id).read(CHECKED))


def _plan(context: PipelineContext, upload_id: str) -> Plan:
    return Plan.from_json(Staging(context, upload_id).read(documents.PLANNED))


def _revision(report: conversion.CheckReport, types: Mapping[str, ColumnType]) -> str:
    return revision_of(report.sha256, types, options=report.reading.options)


def table_schema(context: PipelineContext, upload: Upload) -> TableSchema:
    """The folded evidence of the table the upload goes to, as it is now; empty for a table that does not exist."""
    table = context.catalogue.table(Areas(context.settings).database(upload.database), upload.table)
    return glue_tables.read_schema(table) if table else TableSchema()


def read_staged(context: PipelineContext, upload_id: str) -> Staged:
    """What conversion left in staging."""
    return documents.read_whole(Staging(context, upload_id))


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


def send_parts(context: PipelineContext, names: Iterable[str], folder: Path, uri: str) -> dict[str, int]:
    """Send parts that lie in a folder, with the line numbers beside them, below `uri`; bytes of each by its name."""
    sizes: dict[str, int] = {}
    for name in names:
        lines = conversion.lines_name(name)
        context.objects.send(folder / lines, f"{uri}/{lines}")
        sizes[name] = context.objects.send(folder / name, f"{uri}/{name}").size
    return sizes


def _note_result(context: PipelineContext, upload: Upload, staged: Staged) -> Verdict:
    types = staged.result.schema.types()
    columns = tuple((name, display(staged.result.written.get(name, kind))) for name, kind in types.items())
    upload = context.ledger.amend(upload.id, rows=staged.result.rows, columns=columns)
    return conclude(context, upload, staged.result.findings, stage=State.CONVERTING)
