"""Where the records and fields of a CSV text begin and end, found over whole buffers at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Offsets: TypeAlias = "NDArray[np.int64]"

QUOTE, LF, CR = 0x22, 0x0A, 0x0D


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
    fields: Offsets
    lines: Offsets
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
        data: the bytes; any ASCII-compatible encoding.
        delimiter: one ASCII character.
        terminator: a line feed (a carriage return before it belongs to it), or a carriage return.
        final: the file ends with this buffer, so its last record need not end in a line break.
    """
    buffer = np.frombuffer(data, np.uint8)
    stop = ord(terminator)
    breaks = np.flatnonzero(buffer == stop)
    delimiters = np.flatnonzero(buffer == ord(delimiter))
    ends, faults, open_quote = breaks, _NONE, None
    if QUOTE in data:
        quotes, faults = _field_quotes(data, delimiter=ord(delimiter), stop=stop, final=final)
        marks = np.zeros(len(buffer), np.uint8)
        marks[quotes] = 1
        inside = np.bitwise_xor.accumulate(marks)
        ends = breaks[inside[breaks] == 0]
        delimiters = delimiters[inside[delimiters] == 0]
        if final and len(quotes) % 2:
            open_quote = _opening(quotes.tolist())
    unended = final and len(data) > 0 and (not len(ends) or ends[-1] != len(data) - 1)
    after = np.append(ends + 1, len(data)) if unended else ends + 1
    starts = np.concatenate((_ZERO[: len(after)], after[:-1]))
    lines = _line_breaks(buffer, breaks, stop)
    through = int(after[-1]) if len(after) else 0
    return Scan(
        starts=starts,
        ends=after,
        fields=_count_fields(buffer, starts, np.append(ends, len(data)) if unended else ends, delimiters, stop=stop),
        # One line a record is the common case.
        lines=np.arange(len(starts)) if len(lines) == len(ends) else np.searchsorted(lines, starts),
        line_breaks=int(np.searchsorted(lines, through)),
        faults=faults[faults < through],
        open_quote=open_quote,
    )


_NONE: Offsets = np.zeros(0, np.int64)
_ZERO: Offsets = np.zeros(1, np.int64)


def _field_quotes(data: bytes, *, delimiter: int, stop: int, final: bool) -> tuple[Offsets, Offsets]:
    """The quotes that open and close fields, in turn, and the closing ones that text follows."""
    # What follows a buffer that is not the last is unknown; a record that ends there is seen whole in the next one.
    padded = np.frombuffer(data + bytes((stop, 0 if final else LF)), np.uint8)
    quotes = np.flatnonzero(padded == QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    before = padded[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | (before == delimiter) | (before == stop) | (before == QUOTE)
    after = padded[closing + 1]
    closes = (after == delimiter) | (after == stop) | (after == QUOTE)
    if stop == LF:
        closes |= (after == CR) & (np.where(closing + 2 < len(data), padded[closing + 2], padded[-1]) == LF)
    if opens.all() and closes.all():
        # A doubled quote counts as one field's end and the next one's start, which leaves all between as it is.
        return quotes, _NONE
    return _field_quotes_one_by_one(data, quotes.tolist(), delimiter=delimiter, stop=stop, final=final)


def _opening(quotes: list[int]) -> int:
    """The quote that opens the field in which the last one stands: past all doubled ones."""
    at = len(quotes) - 1
    while at and quotes[at - 1] == quotes[at] - 1:
        at -= 2
    return quotes[at]


def _field_quotes_one_by_one(
    data: bytes, quotes: list[int], *, delimiter: int, stop: int, final: bool
) -> tuple[Offsets, Offsets]:
    """The same where parity proves nothing, because a quote stands within an unquoted field (`5" pipe`)."""
    found: list[int] = []
    faults: list[int] = []
    inside = False
    starts_field = (delimiter, stop)
    at, count = 0, len(quotes)
    while at < count:
        offset = quotes[at]
        at += 1
        if not inside:
            if offset == 0 or data[offset - 1] in starts_field:
                found.append(offset)
                inside = True
        elif at < count and quotes[at] == offset + 1:
            at += 1
        else:
            found.append(offset)
            inside = False
            if not _ends_field(data, offset + 1, delimiter=delimiter, stop=stop, final=final):
                faults.append(offset)
    return np.array(found, np.int64), np.array(faults, np.int64)


def _ends_field(data: bytes, offset: int, *, delimiter: int, stop: int, final: bool) -> bool:
    if offset >= len(data) or data[offset] in (delimiter, stop):
        return True
    if stop == LF and data[offset] == CR:
        return data[offset + 1] == LF if offset + 1 < len(data) else not final
    return False


def _count_fields(
    buffer: NDArray[np.uint8], starts: Offsets, ends: Offsets, delimiters: Offsets, *, stop: int
) -> Offsets:
    if not len(ends):
        return _NONE
    fields = np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1
    length = ends - starts
    if stop == LF:  # CRLF alone is a blank line, too
        length[(length == 1) & (buffer[starts] == CR) & (ends < len(buffer))] = 0
    fields[length == 0] = 0
    return fields


def _line_breaks(buffer: NDArray[np.uint8], breaks: Offsets, stop: int) -> Offsets:
    """Ends of physical lines. Where records end in CR, a field may still hold line feeds."""
    if stop == LF:
        return breaks
    feeds = np.flatnonzero(buffer == LF)
    alone = feeds[(feeds == 0) | (buffer[np.maximum(feeds - 1, 0)] != CR)]
    return np.sort(np.concatenate((breaks, alone)))


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
