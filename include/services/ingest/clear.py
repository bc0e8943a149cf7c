"""What a finished upload leaves: its stages' JSON documents, nothing of its text or Parquet, nothing in landing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Terminal
from include.services.areas import SIDECAR
from include.services.ingest.stage import Staging

if TYPE_CHECKING:
    from include.services.context import PipelineContext


def clear_away(context: PipelineContext, upload_id: str) -> None:
    """Delete what a finished upload needs no more, its landed file last: while that is there, `sweep` does the rest."""
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    clear_staging(context, upload_id)
    stored = context.objects.head(upload.landing_uri)
    if stored is not None and stored.etag == upload.etag and context.objects.delete_unchanged(stored):
        folder = upload.landing_uri.rpartition("/")[0]
        context.objects.delete([f"{folder}/{SIDECAR}"])


def clear_staging(context: PipelineContext, upload_id: str) -> None:
    """Delete the plain text, the parts and their lines; the small documents stay, for whoever asks how it came out."""
    staged = list(context.objects.list(Staging(context, upload_id).uri("")))
    context.objects.delete([stored.uri for stored in staged if not stored.name.endswith(".json")])
