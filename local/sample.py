"""The sample that a first start uploads, so that there is a table to see and query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local import health
from local.components import python
from local.supervisor import Component, ComponentFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.places import Places
    from local.supervisor import Supervisor

DATABASE, TABLE = "sample", "penguins"


def upload_sample(supervisor: Supervisor, places: Places, service: Mapping[str, str], token: str) -> str:
    """Upload the sample unless its table is there; what to tell the person. A failure leaves the service running."""
    address = f"{places.uploader_url}api/v1/databases/{DATABASE}/tables/{TABLE}"
    if health.status_of(address, token) == health.OK:
        return f"The sample's table {DATABASE}.{TABLE} is there."
    file = str(places.root / "include" / "samples" / f"{TABLE}.csv")
    command = python("include.cli", "upload", file, "--database", DATABASE, "--table", TABLE, "--create", "--wait")
    tool = {**service, "DATA_UPLOADER_URL": places.uploader_url, "DATA_UPLOADER_TOKEN": token}
    step = Component("sample-upload", command, tool, ends=True)
    supervisor.start(step)
    try:
        supervisor.finish(step)
    except ComponentFailed as failed:
        if failed.log != supervisor.log_of(step):
            raise
        supervisor.forget(step)
        return f"The sample could not be uploaded. The end of {failed.log}:\n\n{failed.tail}"
    return f"The sample is uploaded and published: {DATABASE}.{TABLE}"
