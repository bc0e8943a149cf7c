"""A first look at a local file: the names of its columns, read as far as is cheap, before the file is sent."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from include.conversion.check import check
from include.conversion.containers import Limits, container_of
from include.conversion.source import LocalFile
from include.domain.csv_findings import MAX_COLUMNS
from include.domain.header import is_allowed, is_data, repeated_names
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from pathlib import Path

    from include.conversion.source import ByteSource

LOOK_BYTES = 16 * 1024**2
"""How much of a text is read, and how large a container may be to be unpacked."""

_LIMITS = Limits(unpacked_bytes=16 * LOOK_BYTES, memory_bytes=16 * LOOK_BYTES)


@dataclass(frozen=True)
class _Beginning:
    """The first bytes of a source, as a source."""

    whole: ByteSource

    @property
    def size(self) -> int:
        """Length in bytes."""
        return min(self.whole.size, LOOK_BYTES)

    def open(self) -> BinaryIO:
        """A fresh stream from the first byte, in memory."""
        return self.open_range(0, self.size)

    def open_range(self, start: int, end: int) -> BinaryIO:
        """The bytes from `start` up to `end`, in memory."""
        with self.whole.open_range(start, min(end, self.size)) as stream:
            return io.BytesIO(stream.read(min(end, self.size) - start))


def columns_of(path: Path, *, filename: str, options: ReadingOptions = DEFAULT_OPTIONS) -> tuple[str, ...]:
    """The stored names of a file's columns; none where they are not known without more work, are no names, or too many.

    What is wrong with the file is for its check to say. A JSON file that is longer than what is read may have more
    columns.

    Args:
        path: of the file.
        filename: its ending, in any case, tells the format.
        options: how to read it, where that was chosen.

    Raises:
        OSError: the file cannot be read, or there is no room for the plain text.
    """
    source: ByteSource = LocalFile(path)
    if container_of(filename) is None:
        source = _Beginning(source)
    elif source.size > LOOK_BYTES:
        return ()
    columns = check(source, filename=filename, options=options, limits=_LIMITS).columns
    few = len(columns) <= MAX_COLUMNS
    good = few and all(map(is_allowed, columns)) and not repeated_names(columns) and not is_data(columns)
    return columns if good else ()
