"""Uploading: one file from its announcement to its arrival in landing, in parts that the sender puts there itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Refused
from include.domain.reading_options import DEFAULT_OPTIONS
from include.domain.upload import SENDING, WAITING, Door, State, Upload
from include.services.announcing import reserve
from include.services.reading import own_upload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from include.ports import Part
    from include.services.announcing import Announcement
    from include.services.context import FrontContext

MAX_SIGNED_AT_ONCE = 1000


def start_upload(context: FrontContext, announced: Announcement, *, uploader: str, door: Door) -> Upload:
    """Reserve a partition for a file and open a multipart upload for it; Refused with the field that is wrong."""
    upload = reserve(context, announced, uploader=uploader, door=door)
    multipart_id = None
    try:
        multipart_id = context.multipart.start(upload.landing_uri)
        upload = context.ledger.amend(upload.id, multipart_id=multipart_id)
    except Exception:
        try:
            context.ledger.move(upload.id, State.CANCELLED, actor=uploader, note="S3 did not take the upload")
        finally:
            if multipart_id is not None:
                context.multipart.abort(upload.landing_uri, multipart_id)
        raise
    _audit_start(context, upload, uploader)
    return upload


def sign_parts(context: FrontContext, upload_id: str, *, part_numbers: Sequence[int], by: str) -> dict[int, str]:
    """URLs to put parts to, for the uploader only, while the upload is under way."""
    upload = own_upload(context, upload_id, by=by)
    _check_part_numbers(part_numbers, count=upload.part_count)
    if upload.state is State.STARTED:
        upload = _enter_uploading(context, upload, by=by)
    if upload.state is not State.UPLOADING or upload.multipart_id is None:
        raise _wrong_state(upload, "parts can no longer be sent")
    urls = context.multipart.sign(
        upload.landing_uri, upload.multipart_id, part_numbers, seconds=context.settings.presign_seconds
    )
    _audit(context, upload, by, "parts signed", first=min(part_numbers), last=max(part_numbers))
    return urls


def complete_upload(context: FrontContext, upload_id: str, *, parts: Sequence[Part], by: str) -> Upload:
    """Make the file out of its parts. Asking again once it has landed answers the same."""
    upload = own_upload(context, upload_id, by=by)
    if upload.state is State.CANCELLED:
        raise _wrong_state(upload, "it cannot be completed")
    if upload.state not in SENDING or upload.multipart_id is None:
        return upload
    _check_complete(parts, count=upload.part_count)
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
            raise _wrong_state(own_upload(context, upload_id, by=by), "it can no longer be cancelled") from None
        _audit(context, upload, by, "upload cancelled")
    if upload.etag is not None:
        return upload
    if upload.multipart_id is not None:
        context.multipart.abort(upload.landing_uri, upload.multipart_id)
    context.objects.delete([upload.landing_uri])
    return upload


def _check_part_numbers(part_numbers: Sequence[int], *, count: int) -> None:
    wrong = [number for number in part_numbers if not 1 <= number <= count]
    if not part_numbers or len(part_numbers) > MAX_SIGNED_AT_ONCE:
        detail = f"Ask for 1 to {MAX_SIGNED_AT_ONCE} parts at once; this asks for {len(part_numbers)}."
    elif wrong:
        detail = f"This upload has parts 1 to {count}; there is no part {wrong[0]}."
    elif len(set(part_numbers)) != len(part_numbers):
        detail = "Name each part once."
    else:
        return
    raise Refused(detail, code="bad_part_numbers", title="Part numbers are not permitted", field="part_numbers")


def _check_complete(parts: Sequence[Part], *, count: int) -> None:
    if sorted(part.number for part in parts) != list(range(1, count + 1)):
        raise Refused(
            f"Name each of the parts 1 to {count} once, with the ETag that S3 answered.",
            code="bad_parts",
            title="Parts are missing or named twice",
            field="parts",
        )


def _enter_uploading(context: FrontContext, upload: Upload, *, by: str) -> Upload:
    try:
        return context.ledger.move(upload.id, State.UPLOADING, actor=by)
    except Conflict:  # another request signed first, or the upload was cancelled: the caller looks
        return own_upload(context, upload.id, by=by)


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
        raise Conflict(
            "S3 no longer knows this upload: it was cancelled or has expired. Start again.",
            code="upload_gone",
            title="Upload is gone",
        ) from None


def _land(context: FrontContext, upload: Upload, *, by: str) -> Upload:
    """Move to landed. The landing watch may have been quicker, which is as good; a cancellation wins."""
    try:
        landed = context.ledger.move(upload.id, State.LANDED, actor=by)
    except Conflict:
        landed = own_upload(context, upload.id, by=by)
        if landed.state is State.CANCELLED:
            context.objects.delete([upload.landing_uri])
            raise _wrong_state(landed, "it cannot be completed") from None
    _audit(context, landed, by, "upload landed")
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


def _wrong_state(upload: Upload, consequence: str) -> Conflict:
    return Conflict(
        f"The upload is {upload.state.value}: {consequence}.", code="wrong_state", title="Upload is in another state"
    )


def _audit_start(context: FrontContext, upload: Upload, who: str) -> None:
    chosen_now = upload.options_since == upload.created_at or upload.reading_options != DEFAULT_OPTIONS
    options = {"reading_options": upload.reading_options.to_json()} if chosen_now else {}
    _audit(context, upload, who, "upload started", filename=upload.filename, size=upload.size, **options)


def _audit(context: FrontContext, upload: Upload, who: str, what: str, **details: object) -> None:
    context.ledger.audit(
        who=who,
        what=what,
        upload_id=upload.id,
        database=upload.database,
        table=upload.table,
        extraction_timestamp=upload.extraction_timestamp,
        **details,
    )
