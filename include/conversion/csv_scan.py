"""Where the records and fields of a CSV text begin and end, found over whole buffers at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from include.conversion.kernels import csv_fields

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from include.conversion.kernels.compiled import Bytes, Positions

Offsets: TypeAlias = "NDArray[np.int64]"
Counts: TypeAlias = "NDArray[np.int32]"


@dataclass(frozen=True)
class Scan:
    """The complete records of one buffer. All arrays have one entry a record; offsets are within the buffer.

    Attributes:
        starts: offset of the first byte.
        ends: offset after the record's line break.
        fields: number of fields; 0 for a blank line.
        lines: physical lines before the record, counted from the start of the buffer.
        line_breaks: physical lines ended within the complete records.
        faults: offsets of closing quotes that text follows.
        open_quote: offset of the quote that nothing closes; only looked for in a final buffer.
    """

    starts: Offsets
    ends: Offsets
    fields: Counts
    lines: Counts
    line_breaks: int
    faults: Offsets
    open_quote: int | None

    @property
    def end(self) -> int:
        """Offset after the last complete record."""
        return int(self.ends[-1]) if len(self.ends) else 0


def scan(data: bytes, *, delimiter: str, terminator: str, final: bool) -> Scan:
    """Find the complete records of a buffer that begins at the start of a record.

    A quote opens a quoted field only as its first character; elsewhere in an unquoted field it is a character like
    any other. In a quoted field two quotes stand for one, and a single one ends it.

    Args:
        data: the bytes, less than 2 GiB; any ASCII-compatible encoding.
        delimiter: one ASCII character.
        terminator: a line feed (a carriage return before it belongs to it), or a carriage return.
        final: the file ends with this buffer, so its last record need not end in a line break.
    """
    buffer, classes, marks = marks_of(data, delimiter=delimiter, terminator=terminator)
    ends, fields, lines, faults = (np.empty(len(marks) + 1, np.int32) for _ in range(4))
    records, broken, breaks, opened = csv_fields.walk_records(
        buffer, classes, marks, len(marks), int(final), ends, fields, lines, faults
    )
    whole = ends[:records].astype(np.int64)
    return Scan(
        starts=np.concatenate((np.zeros(min(records, 1), np.int64), whole[:-1])),
        ends=whole,
        fields=fields[:records],
        lines=lines[:records],
        line_breaks=breaks,
        faults=faults[:broken].astype(np.int64),
        open_quote=opened if final and opened >= 0 else None,
    )


def marks_of(data: bytes, *, delimiter: str, terminator: str) -> tuple[Bytes, Bytes, Positions]:
    """A text as an array, the classes of its bytes, and the positions of those that may end a field or a record."""
    buffer = np.frombuffer(data, np.uint8)
    classes = csv_fields.mark_classes(delimiter=ord(delimiter), stop=ord(terminator))
    marks = np.empty(len(buffer) + 1, np.int32)  # only the pages that are written to take memory
    return buffer, classes, marks[: csv_fields.find_marks(buffer, classes, marks)]


def split_fields(record: bytes, *, delimiter: str) -> tuple[bytes, ...]:
    """The fields of one record without its line break, quotes removed, by the rules of `scan`."""
    fields: list[bytes] = []
    separator = delimiter.encode()
    at = 0
    while True:
        if record[at : at + 1] == b'"':
            text, at = _quoted(record, at + 1)
        else:
            text = b""
        end = record.find(separator, at)
        fields.append(text + (record[at:] if end < 0 else record[at:end]))
        if end < 0:
            return tuple(fields)
        at = end + 1


def _quoted(record: bytes, at: int) -> tuple[bytes, int]:
    pieces: list[bytes] = []
    while True:
        end = record.find(b'"', at)
        if end < 0:
            return b"".join((*pieces, record[at:])), len(record)
        pieces.append(record[at:end])
        if record[end + 1 : end + 2] != b'"':
            return b"".join(pieces), end + 1
        pieces.append(b'"')
        at = end + 2
