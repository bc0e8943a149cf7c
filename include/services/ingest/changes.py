"""What an upload changes in its table, kept among its findings and true of the table as it was before it.

Once the upload's own evidence is folded into the table nothing tells any more what it changed there. So what was found
is written down before the table is, and counts from then on, however often stages run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import conversion
from include.domain.append_findings import CODES, changes_of, is_told, tell
from include.domain.findings import Finding
from include.domain.upload import State, Upload
from include.services.ingest.plain import plain_text
from include.services.ingest.stage import CHECKED, Staging, conclude
from include.services.ingest.staged import StagedGroup, group_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.conversion import CheckReport, PartResult
    from include.domain.table_schema import TableSchema
    from include.services.context import PipelineContext
    from include.services.ingest.staged import Staged

CHANGES = "changes.json"


def find_changes(
    context: PipelineContext,
    upload: Upload,
    report: CheckReport,
    parts: Iterable[PartResult],
    *,
    file: TableSchema,
    table: TableSchema,
) -> tuple[Finding, ...]:
    """What a file of this evidence, converted in these parts, changes in the table as it is now."""
    changes = changes_of(table, file)
    if not changes:
        return _written_down(context, upload.id)
    misfits = (
        conversion.first_misfits(
            plain_text(context, upload, report), report, parts, table=table, columns=changes.widened
        )
        if changes.widened
        else {}
    )
    return tell(changes, misfits)


def settle_changes(context: PipelineContext, upload: Upload, staged: Staged, table: TableSchema) -> None:
    """Before the table is written: make the findings true of it as it is now, and write down what it is told.

    Others may have added the same columns, or widened them, since the file was converted.
    """
    staging = Staging(context, upload.id)
    present = context.ledger.get(upload.id) or upload
    told = [finding for finding in present.findings if finding.code in CODES]
    changes = changes_of(table, staged.result.schema)
    if not changes and not told:
        return
    if not is_told(changes, told):
        report = conversion.CheckReport.from_json(staging.read(CHECKED))
        parts = _parts(staging, staged)
        told = list(find_changes(context, upload, report, parts, file=staged.result.schema, table=table))
        others = [finding for finding in staged.result.findings if finding.code not in CODES]
        conclude(context, upload, [*others, *told], stage=State.CONVERTING)
    if changes:
        staging.write(CHANGES, {"findings": [finding.as_dict() for finding in told]})


def _parts(staging: Staging, staged: Staged) -> list[PartResult]:
    """What each part has shown; nothing if groups were converted again since, in another division."""
    groups = [StagedGroup.from_json(staging.read(group_document(group.number))) for group in staged.groups]
    return [part for each in groups if each.division == staged.division for part in each.result.parts]


def _written_down(context: PipelineContext, upload_id: str) -> tuple[Finding, ...]:
    staging = Staging(context, upload_id)
    if not staging.has(CHANGES):
        return ()
    return tuple(Finding.from_dict(finding) for finding in staging.read(CHANGES)["findings"])
