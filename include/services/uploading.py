"""Uploading: one file from its announcement to its arrival in landing, in parts that the sender puts there itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Refused, Transient
from include.domain.reading_options import DEFAULT_OPTIONS
from include.domain.upload import SENDING, WAITING, Door, State, Upload
from include.services.announcing import announced_ids, reserve
from include.services.reading import own_upload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from include.ports import Part
    from include.services.announcing import Announcement
    from include.services.context import FrontContext


def start_upload(
    context: FrontContext, announced: Announcement, *, uploader: str, door: Door, key: str | None = None
) -> Upload:
    """Reserve a partition for a file and open a multipart upload for it; Refused with the field that is wrong.

    The same announcement by the same person under the same `key`, the sender's own, is the same upload: who has lost
    the answer asks again for it.
    """
    if key is None:
        return _open(context, reserve(context, announced, uploader=uploader, door=door), by=uploader)
    for upload_id in announced_ids(context, announced, uploader=uploader, key=key):
        known = context.ledger.get(upload_id)
        if known is None:
            try:
                known = reserve(context, announced, uploader=uploader, door=door, upload_id=upload_id)
            except Conflict as conflict:
                if conflict.code != "upload_exists":  # by a request at the same moment
                    raise
                known = own_upload(context, upload_id, by=uploader)
        if known.multipart_id is None and known.state is State.STARTED:
            return _open(context, known, by=uploader)
        if known.multipart_id is not None or known.state is not State.CANCELLED:
            return known
        # S3 did not take that one: the next attempt is another.
    raise Transient("The upload could not be started. Try again in a minute.", code="aws_unavailable")


def _open(context: FrontContext, upload: Upload, *, by: str) -> Upload:
    """Open the multipart upload, or find that a request at the same moment has."""
    multipart_id = None
    try:
        multipart_id = context.multipart.start(upload.landing_uri)
        present = own_upload(context, upload.id, by=by)
        if present.multipart_id is not None:
            context.multipart.abort(upload.landing_uri, multipart_id)
            return present
        upload = context.ledger.amend(upload.id, multipart_id=multipart_id)
    except Exception:
        try:
            if own_upload(context, upload.id, by=by).multipart_id is None:  # else another request has opened it
                context.ledger.move(upload.id, State.CANCELLED, actor=by, note="S3 did not take the upload")
        finally:
            if multipart_id is not None:
                context.multipart.abort(upload.landing_uri, multipart_id)
        raise
    _audit_start(context, upload, by)
    return upload


def complete_upload(
    context: FrontContext, upload_id: str, *, parts: Sequence[Part], by: str, sha256: str | None = None
) -> Upload:
    """Make the file out of its parts. Asking again once it has landed answers the same.

    `sha256`, in hex, is what the sender computed of the whole file; the check compares it with its own.
    """
    upload = own_upload(context, upload_id, by=by)
    if upload.state is State.CANCELLED:
        raise wrong_state(upload, "it cannot be completed")
    if upload.state not in SENDING or upload.multipart_id is None:
        return upload
    _check_complete(parts, count=upload.part_count)
    if sha256 is not None:  # before there is a file: the check may begin the moment there is one
        context.ledger.amend(upload_id, sent_sha256=sha256)
    size = _assemble(context, upload, upload.multipart_id, parts)
    if size != upload.size:
        return _refuse_size(context, upload, size, by=by)
    return _land(context, upload, by=by)


def send_file(context: FrontContext, announced: Announcement, *, path: Path, uploader: str) -> Upload:
    """Start and land a file that came through the server (the page without JavaScript), from a local copy."""
    upload = reserve(context, announced, uploader=uploader, door=Door.PAGE)
    _audit_start(context, upload, uploader)
    try:
        context.objects.send(path, upload.landing_uri)
    except Exception:
        cancel_upload(context, upload.id, by=uploader)
        raise
    return _land(context, upload, by=uploader)


def cancel_upload(context: FrontContext, upload_id: str, *, by: str) -> Upload:
    """Give an upload up before it has landed, or while it waits for its table; Conflict (`wrong_state`) otherwise.

    Repeating it is harmless. Of a file that was taken in the landing watch clears up what there is.
    """
    upload = own_upload(context, upload_id, by=by)
    if upload.state is not State.CANCELLED:
        note = "before it was added to the table" if upload.state in WAITING else ""
        try:
            upload = context.ledger.move(upload_id, State.CANCELLED, actor=by, note=note)
        except Conflict:
            raise wrong_state(own_upload(context, upload_id, by=by), "it can no longer be cancelled") from None
        audit(context, upload, by, "upload cancelled")
    if upload.etag is not None:
        return upload
    if upload.multipart_id is not None:
        context.multipart.abort(upload.landing_uri, upload.multipart_id)
    context.objects.delete([upload.landing_uri])
    return upload


def _check_complete(parts: Sequence[Part], *, count: int) -> None:
    if sorted(part.number for part in parts) != list(range(1, count + 1)):
        raise Refused(
            f"Name each of the parts 1 to {count} once, with the ETag that S3 answered and the SHA-256 of its bytes.",
            code="bad_parts",
            title="Parts are missing or named twice",
            field="parts",
        )


def _assemble(context: FrontContext, upload: Upload, multipart_id: str, parts: Sequence[Part]) -> int:
    """The size of the object in landing, made now or by an earlier request whose answer was lost."""
    try:
        in_order = sorted(parts, key=lambda part: part.number)
        return context.multipart.complete(upload.landing_uri, multipart_id, in_order).size
    except NotFound:
        stored = context.objects.head(upload.landing_uri)
        if stored is not None:
            return stored.size
        current = own_upload(context, upload.id, by=upload.uploader)
        if current.state not in SENDING | {State.CANCELLED}:
            return upload.size  # taken out of landing already: it has been ingested
        raise upload_gone() from None


def _land(context: FrontContext, upload: Upload, *, by: str) -> Upload:
    """Move to landed. The landing watch may have been quicker, which is as good; a cancellation wins."""
    try:
        landed = context.ledger.move(upload.id, State.LANDED, actor=by)
    except Conflict:
        landed = own_upload(context, upload.id, by=by)
        if landed.state is State.CANCELLED:
            context.objects.delete([upload.landing_uri])
            raise wrong_state(landed, "it cannot be completed") from None
    audit(context, landed, by, "upload landed")
    return landed


def _refuse_size(context: FrontContext, upload: Upload, size: int, *, by: str) -> Upload:
    """Cancel an upload whose parts are not what was announced; if it is already being ingested, leave it be."""
    try:
        cancel_upload(context, upload.id, by=by)
    except Conflict:
        return own_upload(context, upload.id, by=by)
    raise Refused(
        f"The parts have {size} bytes together, but {upload.size} were announced. It is cancelled: start again.",
        code="size_mismatch",
        title="Size is not what was announced",
        field="parts",
    )


def upload_gone() -> Conflict:
    """The error for an upload that the store knows nothing of any more."""
    return Conflict(
        "S3 no longer knows this upload: it was cancelled or has expired. Start again.",
        code="upload_gone",
        title="Upload is gone",
    )


def wrong_state(upload: Upload, consequence: str) -> Conflict:
    """The error for what cannot be done with an upload in its state."""
    return Conflict(
        f"The upload is {upload.state.value}: {consequence}.", code="wrong_state", title="Upload is in another state"
    )


def _audit_start(context: FrontContext, upload: Upload, who: str) -> None:
    chosen_now = upload.options_since == upload.created_at or upload.reading_options != DEFAULT_OPTIONS
    options = {"reading_options": upload.reading_options.to_json()} if chosen_now else {}
    audit(context, upload, who, "upload started", filename=upload.filename, size=upload.size, **options)


def audit(context: FrontContext, upload: Upload, who: str, what: str, **details: object) -> None:
    """Record what somebody did with an upload."""
    context.ledger.audit(
        who=who,
        what=what,
        upload_id=upload.id,
        database=upload.database,
        table=upload.table,
        extraction_timestamp=upload.extraction_timestamp,
        **details,
    )
