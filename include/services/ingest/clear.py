"""What a finished upload leaves: its stages' JSON documents, nothing of its text or Parquet, nothing in landing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Terminal
from include.services.areas import SIDECAR
from include.services.ingest.stage import Staging

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.ports import StoredObject
    from include.services.context import PipelineContext


def clear_away(context: PipelineContext, upload_id: str) -> None:
    """Delete what an upload that has just ended needs no more, its landed file last: `sweep` does what is left."""
    upload = _clear_staging_of(context, upload_id)
    stored = context.objects.head(upload.landing_uri)
    if stored is None:
        clear_sidecar(context, upload)
    elif stored.etag == upload.etag:
        _delete_landed(context, stored)


def clear_left_behind(context: PipelineContext, upload_id: str) -> None:
    """The same for one that had ended before: its file goes only if nobody has put it there again since."""
    upload = _clear_staging_of(context, upload_id)
    stored = context.objects.head(upload.landing_uri)
    if stored is None:
        clear_sidecar(context, upload)
    elif is_very_file(upload, stored):
        _delete_landed(context, stored)


def is_very_file(upload: Upload, stored: StoredObject) -> bool:
    """Whether this is the object that was claimed for the upload, and not the same bytes written again later."""
    return (upload.etag, upload.landed_at) == (stored.etag, stored.written_at)


def clear_sidecar(context: PipelineContext, upload: Upload) -> None:
    """Delete what lay beside a dropped file that is gone already; one written later waits for a file to come."""
    sidecar = context.objects.head(f"{upload.landing_uri.rpartition('/')[0]}/{SIDECAR}")
    if sidecar is not None and is_sidecar_of(upload, sidecar):
        context.objects.delete_unchanged(sidecar)


def is_sidecar_of(upload: Upload, sidecar: StoredObject) -> bool:
    """Whether it was there when the upload's ingestion began, by which time it must be."""
    return upload.claimed_at is not None and sidecar.written_at < upload.claimed_at


def clear_staging(context: PipelineContext, upload_id: str) -> None:
    """Delete the plain text, the parts and their lines; the small documents stay, for whoever asks how it came out."""
    staged = list(context.objects.list(Staging(context, upload_id).uri("")))
    context.objects.delete([stored.uri for stored in staged if not stored.name.endswith(".json")])


def _clear_staging_of(context: PipelineContext, upload_id: str) -> Upload:
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    clear_staging(context, upload_id)
    return upload


def _delete_landed(context: PipelineContext, stored: StoredObject) -> None:
    if context.objects.delete_unchanged(stored):
        folder = stored.uri.rpartition("/")[0]
        context.objects.delete([f"{folder}/{SIDECAR}"])
