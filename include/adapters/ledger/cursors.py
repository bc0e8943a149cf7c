"""Cursors: the place in a list of uploads, as an opaque word that a person may carry in a URL."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from include.domain.errors import Refused


def write(created_at: datetime, upload_id: str) -> str:
    """The cursor that continues after this upload."""
    return base64.urlsafe_b64encode(f"{created_at.isoformat()} {upload_id}".encode()).decode().rstrip("=")


def read(cursor: str) -> tuple[datetime, str]:
    """The upload a cursor continues after, or Refused (code `bad_cursor`)."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        moment, space, upload_id = text.partition(" ")
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None or not space or not upload_id:
            raise ValueError(cursor)
        created_at = created_at.astimezone(UTC)  # the first and last hours of all time may have no moment in UTC
    except (ValueError, OverflowError, binascii.Error):
        raise Refused(
            "The cursor of this page is not one the service gave out. Start again from the first page.",
            code="bad_cursor",
            title="The page does not exist",
            field="cursor",
        ) from None
    return created_at, upload_id
