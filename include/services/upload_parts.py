"""Parts of an upload under way: signed for one content each, and which of them the store has already."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Refused
from include.domain.upload import SENDING, State, Upload
from include.services.reading import own_upload
from include.services.uploading import audit, upload_gone, wrong_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.ports import PartToSign, SignedPart, StoredPart
    from include.services.context import FrontContext

MAX_SIGNED_AT_ONCE = 1000
_SHA256_BYTES = 32
_ID_MAX = 64  # longer is no id of ours


def sign_parts(
    context: FrontContext, upload_id: str, *, parts: Sequence[PartToSign], by: str
) -> tuple[SignedPart, ...]:
    """URLs to put parts to, for the uploader only, while the upload is under way: each takes its own bytes alone."""
    upload = own_upload(context, upload_id, by=by)
    _check(upload, parts)
    if upload.state is State.STARTED:
        upload = _enter_uploading(context, upload, by=by)
    if upload.state is not State.UPLOADING or upload.multipart_id is None:
        raise wrong_state(upload, "parts can no longer be sent")
    signed = context.multipart.sign(
        upload.landing_uri, upload.multipart_id, parts, seconds=context.settings.presign_seconds
    )
    numbers = [part.number for part in parts]
    audit(context, upload, by, "parts signed", first=min(numbers), last=max(numbers))
    return signed


def stored_parts(context: FrontContext, upload_id: str, *, by: str) -> tuple[StoredPart, ...]:
    """The parts that the store has of an upload under way, for its uploader."""
    upload = own_upload(context, upload_id, by=by)
    if upload.state not in SENDING or upload.multipart_id is None:
        raise wrong_state(upload, "its parts are not kept apart")
    try:
        return tuple(context.multipart.stored(upload.landing_uri, upload.multipart_id))
    except NotFound:
        current = own_upload(context, upload_id, by=by)
        if current.state not in SENDING:
            raise wrong_state(current, "its parts are not kept apart") from None
        raise upload_gone() from None


def audit_refusal(context: FrontContext, upload_id: str, *, who: str | None, why: str) -> None:
    """Record that parts were not signed, also of an upload that does not exist: somebody may be guessing at ids."""
    who, what = who or "unknown", "signing refused"
    upload = context.ledger.get(upload_id)
    if upload is not None:
        audit(context, upload, who, what, why=why)
    else:
        context.ledger.audit(who=who, what=what, upload_id=upload_id[:_ID_MAX], why=why)


def _check(upload: Upload, parts: Sequence[PartToSign]) -> None:
    numbers = [part.number for part in parts]
    wrong = [number for number in numbers if not 1 <= number <= upload.part_count]
    if not parts or len(parts) > MAX_SIGNED_AT_ONCE:
        detail = f"Ask for 1 to {MAX_SIGNED_AT_ONCE} parts at once; this asks for {len(parts)}."
    elif wrong:
        detail = f"This upload has parts 1 to {upload.part_count}; there is no part {wrong[0]}."
    elif len(set(numbers)) != len(numbers):
        detail = "Name each part once."
    else:
        _check_contents(upload, parts)
        return
    raise Refused(detail, code="bad_part_numbers", title="Part numbers are not permitted", field="parts")


def _check_contents(upload: Upload, parts: Sequence[PartToSign]) -> None:
    for part in parts:
        right = upload.plan.bytes_of(part.number, of=upload.size)
        if part.size != right:
            raise Refused(
                f"Part {part.number} of this upload has {right} bytes, not {part.size}: {upload.size} bytes were "
                f"announced, in parts of {upload.part_size}.",
                code="bad_part_size",
                title="Size of a part is not what was announced",
                field="parts",
            )
        if not _is_sha256(part.sha256):
            raise Refused(
                f"The SHA-256 of part {part.number} must be 32 bytes in base64.",
                code="bad_part_checksum",
                title="Checksum of a part cannot be read",
                field="parts",
            )


def _is_sha256(text: str) -> bool:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(digest) == _SHA256_BYTES and base64.b64encode(digest).decode() == text


def _enter_uploading(context: FrontContext, upload: Upload, *, by: str) -> Upload:
    try:
        return context.ledger.move(upload.id, State.UPLOADING, actor=by)
    except Conflict:  # another request signed first, or the upload was cancelled: the caller looks
        return own_upload(context, upload.id, by=by)
