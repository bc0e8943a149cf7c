"""Another attempt at a refused file, after a rule changed: back to landing, and through every stage again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.domain import names
from include.domain.errors import Conflict, NotFound
from include.domain.upload import State
from include.services import table_options
from include.services.areas import SIDECAR, Areas
from include.services.lease import held

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.ports import StoredObject
    from include.services.context import PipelineContext

ACTOR = "reingest_upload"
LEASE_WAIT_SECONDS = 60


def refused_lease(upload_id: str) -> str:
    """The lease of whoever brings a refused upload back, or takes away what is kept of it."""
    return f"refused:{upload_id}"


def reingest(context: PipelineContext, upload_id: str, *, reason: str, by: str, rebind: bool = False) -> Upload:
    """Bring a refused file back to landing as its upload's next attempt, whose run is for the caller to start.

    Run again it ends in the same attempt.

    The row leaves `refused` before the file appears in landing: no watch ever takes it for an arrival, or for what a
    finished upload left there.

    Args:
        context: of the ingestion.
        upload_id: of the refused upload; its extraction_timestamp stays.
        reason: kept in history and audit trail.
        by: who asked for it.
        rebind: read the file with what is chosen for its table now instead of what it was bound to.

    Raises:
        NotFound: there is no such upload (`no_such_upload`), or its file in fail/ was removed (`failed_file_gone`).
        Conflict: it is not refused (`wrong_state`), its partition is another upload's (`partition_taken`), or another
            file lies under its key in landing (`landing_occupied`).
    """
    with held(context, name=refused_lease(upload_id), holder=ACTOR, wait_seconds=LEASE_WAIT_SECONDS):
        upload = _reingestable(context, upload_id)
        try:
            refused_file = _refused_file(context, upload)
            if upload.state is State.REFUSED:
                _expect_free(context, upload, refused_file)
                upload = _begin(context, upload, reason=reason, by=by, rebind=rebind)
            _bring_sidecar(context, upload)
            copy = context.objects.copy(refused_file, upload.landing_uri)
        except NotFound:
            _end_without_file(context, upload)
            raise
        return context.ledger.amend(upload.id, etag=copy.etag, size=copy.size, landed_at=copy.written_at)


def _reingestable(context: PipelineContext, upload_id: str) -> Upload:
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise NotFound(f"There is no upload {upload_id}.", code="no_such_upload", title="Upload not found")
    if upload.state is not State.REFUSED and not _is_begun(context, upload):
        raise Conflict(
            f"Upload {upload_id} is {upload.state.value}. Only a refused file can be ingested again.",
            code="wrong_state",
            title="The upload is in another state",
        )
    if upload.extraction_timestamp == upload.id:
        raise Conflict(
            f"Upload {upload_id} has no partition of its own: its path was not one the service knows, another upload "
            "had its extraction_timestamp, or it gave it up when its file was replaced. Upload the file again.",
            code="partition_taken",
            title="The partition is taken",
        )
    return upload


def _is_begun(context: PipelineContext, upload: Upload) -> bool:
    """Whether an attempt was begun here and no stage has gone on with it: the rest of it may have been cut short."""
    history = context.ledger.history(upload.id)
    return upload.state is State.CHECKING and bool(history) and history[-1].actor == ACTOR


def _refused_file(context: PipelineContext, upload: Upload) -> StoredObject:
    stored = context.objects.head(Areas(context.settings).failed(upload, names.safe_filename(upload.filename)))
    if stored is None:
        raise NotFound(
            f"The file of upload {upload.id} is no longer among the refused ones, which are kept for "
            f"{context.settings.keep_failed_days} days. It must be uploaded again.",
            code="failed_file_gone",
            title="The refused file is gone",
        )
    return stored


def _expect_free(context: PipelineContext, upload: Upload, refused_file: StoredObject) -> None:
    lying = context.objects.head(upload.landing_uri)
    if lying is not None and (lying.size, lying.etag) != (refused_file.size, refused_file.etag):
        raise Conflict(
            f"Another file lies in landing under the key of upload {upload.id}. It is taken for an upload of its own "
            "within a minute; try again after that.",
            code="landing_occupied",
            title="Landing is occupied",
        )


def _end_without_file(context: PipelineContext, upload: Upload) -> None:
    """The file went after the attempt was begun: refused, as before it."""
    if upload.state is State.CHECKING and upload.etag is None:
        context.ledger.move(
            upload.id, State.REFUSED, actor=ACTOR, note="its file in fail/ is gone", attempt=upload.attempt - 1
        )


def _bring_sidecar(context: PipelineContext, upload: Upload) -> None:
    """What lay beside a dropped file comes back before it."""
    kept = context.objects.head(Areas(context.settings).failed(upload, SIDECAR))
    if kept is not None:
        context.objects.copy(kept, f"{upload.landing_uri.rpartition('/')[0]}/{SIDECAR}")


def _begin(context: PipelineContext, upload: Upload, *, reason: str, by: str, rebind: bool) -> Upload:
    attempt = upload.attempt + 1
    changes: dict[str, Any] = {}
    if rebind:
        bound = table_options.bind(
            context, upload.database, upload.table, chosen=None, by=upload.uploader, at=context.clock.now()
        )
        changes = {"reading_options": bound.options, "options_since": bound.since}
    begun = context.ledger.move(
        upload.id,
        State.CHECKING,
        actor=ACTOR,
        note=f"attempt {attempt}, asked for by {by}: {reason}",
        attempt=attempt,
        etag=None,  # until the copy in landing has one
        **changes,
    )
    context.ledger.audit(
        who=by,
        what="upload_reingested",
        upload_id=upload.id,
        attempt=attempt,
        reason=reason,
        refused_for=[{"code": finding.code, "column": finding.column} for finding in upload.findings],
    )
    return begun
