"""Downloads: text that a browser saves instead of showing."""

from __future__ import annotations

from starlette.responses import Response


def download(text: str, *, filename: str, media_type: str) -> Response:
    """A file of this name, which must be plain: letters, digits, `_`, `-` and `.`."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(text, media_type=media_type, headers=headers)
