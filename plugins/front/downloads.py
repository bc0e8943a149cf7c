"""Downloads: text that a browser saves instead of showing."""

from __future__ import annotations

import re

from starlette.responses import Response

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]+")


def download(text: str | bytes, *, filename: str, media_type: str) -> Response:
    """A file of this name. What is not a letter of ASCII, a digit, `_`, `-` or `.` in it becomes `_`."""
    plain = _NOT_PLAIN.sub("_", filename).lstrip(".")  # a name that begins with a dot is hidden
    headers = {"Content-Disposition": f'attachment; filename="{plain}"'}
    return Response(text, media_type=media_type, headers=headers)
