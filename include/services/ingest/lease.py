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


def sole_writer(context: PipelineContext, upload: Upload) -> AbstractContextManager[Lease]:
    """Wait for the table's lease and renew it meanwhile."""
    return held(
        context,
        name=f"publish:{upload.database}.{upload.table}",
        holder=upload.id,
        wait_seconds=LEASE_WAIT_SECONDS,
    )
