"""A first look at a file that came through the server: the names of its columns, before it is announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.reading_options import ReadingOptions


def columns_of(path: Path, *, filename: str, options: ReadingOptions) -> tuple[str, ...]:
    """The stored names of a file's columns; none where they are not known without more work."""
    from include import conversion  # takes a second and 200 MB, which a front without such forms never needs

    return conversion.columns_of(path, filename=filename, options=options)
