"""The plain text of an upload: what every stage after the check reads, whatever the file was wrapped in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import conversion
from include.services import glue_tables
from include.services.ingest.claimed import claimed_file
from include.services.ingest.stage import Staging

if TYPE_CHECKING:
    from include.conversion import CheckReport
    from include.domain.upload import Upload
    from include.ports import StoredFile
    from include.services.context import PipelineContext
    from include.settings import Settings

PLAIN = "plain"


def limits(settings: Settings) -> conversion.Limits:
    """When unpacking stops in this deployment."""
    return conversion.Limits(
        unpacked_bytes=settings.max_unpacked_bytes,
        ratio=settings.max_unpacked_ratio,
        memory_bytes=settings.max_workbook_text_bytes,
    )


def plain_text(context: PipelineContext, upload: Upload, report: CheckReport) -> StoredFile:
    """The text that the check's ranges are offsets in: the claimed file, or what was unpacked of it into staging."""
    if report.container is None:
        return context.objects.file(claimed_file(context, upload))
    return context.objects.file(glue_tables.pinned(context.objects, Staging(context, upload.id).uri(PLAIN), None))
