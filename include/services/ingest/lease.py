"""One writer per table at a time, however long it works: no partition is registered narrow while another widens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.services.lease import held

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from include.domain.upload import Upload
    from include.services.context import PipelineContext
    from include.services.lease import Lease

LEASE_WAIT_SECONDS = 600


def sole_writer(
    context: PipelineContext, upload: Upload, *, holder: str | None = None, wait_seconds: int = LEASE_WAIT_SECONDS
) -> AbstractContextManager[Lease]:
    """Wait for the lease of the upload's table and renew it meanwhile; the holder is the upload unless it is given."""
    whose = holder or upload.id
    return table_writer(context, upload.database, upload.table, holder=whose, wait_seconds=wait_seconds)


def table_writer(
    context: PipelineContext, database: str, table: str, *, holder: str, wait_seconds: int = LEASE_WAIT_SECONDS
) -> AbstractContextManager[Lease]:
    """Wait for a table's lease and renew it meanwhile."""
    return held(context, name=f"publish:{database}.{table}", holder=holder, wait_seconds=wait_seconds)
