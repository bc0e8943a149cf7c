"""The fourth stage: the table's Great Expectations suite over the staged Parquet, before anyone can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import conversion
from include.domain.upload import State
from include.services.ingest.convert import read_staged
from include.services.ingest.stage import Staging, Verdict, conclude, enter, workspace

if TYPE_CHECKING:
    from include.services.context import PipelineContext


def validate(context: PipelineContext, upload_id: str) -> Verdict:
    """Run the suite; its findings join the upload's."""
    upload = enter(context, upload_id, State.VALIDATING)
    if upload is None:
        return Verdict.FINISHED
    staged = read_staged(context, upload_id)
    staging = Staging(context, upload_id)
    lines = [conversion.lines_name(name) for name in staged.result.parts]
    with workspace(context) as folder:
        for name in (*staged.result.parts, *lines):
            context.objects.fetch(staging.uri(f"{staged.folder}/{name}"), folder / name)
        findings = context.validation.validate(
            [folder / name for name in staged.result.parts],
            lines=[folder / name for name in lines],
            database=upload.database,
            table=upload.table,
            header=[column.name for column in staged.result.schema.columns],
        )
    return conclude(context, upload, findings, stage=State.VALIDATING)
