"""Where the records and fields of a CSV text are: one walk over the marks that may end them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from include.conversion.kernels.compiled import compiled

if TYPE_CHECKING:
    from include.conversion.kernels.compiled import Bytes, Int, Positions

QUOTE, LF, CR = 0x22, 0x0A, 0x0D
_DELIMITER, _STOP, _QUOTE, _OTHER_BREAK = 1, 2, 3, 4


def mark_classes(*, delimiter: Int, stop: Int) -> Bytes:
    """What each byte value is to the walk: 0 for all that is text."""
    classes = np.zeros(256, np.uint8)
    if stop != LF:
        classes[LF] = _OTHER_BREAK
    classes[delimiter] = _DELIMITER
    classes[stop] = _STOP
    classes[QUOTE] = _QUOTE
    return classes


@compiled
def find_marks(buffer: Bytes, classes: Bytes, marks: Positions) -> Int:
    """Positions of the bytes with a class, in order; `marks` has room for one more than there are bytes.

    Without a branch: each position is written, and kept only if the next one is written behind it.
    """
    found = 0
    for at in range(len(buffer)):
        marks[found] = at
        found += classes[buffer[at]] != 0
    return found


@compiled
def walk_records(
    buffer: Bytes,
    classes: Bytes,
    marks: Positions,
    count: Int,
    final: Int,
    ends: Positions,
    fields: Positions,
    lines: Positions,
    faults: Positions,
) -> tuple[Int, Int, Int, Int]:
    """Each record's end (after its line break), number of fields (0 for a blank line) and lines before it.

    A quote opens a quoted field only as its first character. In a quoted field two stand for one, and one ends it.

    Args:
        buffer: begins at the start of a record.
        classes: from `mark_classes`.
        marks: from `find_marks`.
        count: how many marks there are.
        final: 1 if the file ends with the buffer, so that its last record need not end in a line break.
        ends: to be filled, with room for the marks and one more; so are fields, lines and faults.
        fields: number of fields of each record.
        lines: physical line breaks before each record.
        faults: closing quotes that text follows.

    Returns:
        How many records and faults, the physical line breaks within the records, and the quote left open or -1.
    """
    size = len(buffer)
    stop_is_feed = classes[LF] == _STOP
    records = 0
    broken = 0
    broken_here = 0
    breaks = 0
    breaks_at_record = 0
    start = 0
    field = 0
    delimiters = 0
    opened = -1
    at = 0
    while at < count:
        position = marks[at]
        mark = classes[buffer[position]]
        at += 1
        if opened >= 0:
            if mark == _QUOTE:
                if position + 1 < size and buffer[position + 1] == QUOTE:
                    at += 1
                else:
                    opened = -1
                    if not _ends_field(buffer, classes, position + 1, final, stop_is_feed):
                        faults[broken + broken_here] = position
                        broken_here += 1
            elif mark == _STOP or (mark == _OTHER_BREAK and (position == 0 or buffer[position - 1] != CR)):
                breaks += 1
        elif mark == _DELIMITER:
            delimiters += 1
            field = position + 1
        elif mark == _QUOTE:
            if position == field:
                opened = position
        elif mark == _STOP:
            length = position - start
            blank = length == 0 or (stop_is_feed and length == 1 and buffer[start] == CR)
            ends[records] = position + 1
            fields[records] = 0 if blank else delimiters + 1
            lines[records] = breaks_at_record
            records += 1
            breaks += 1
            breaks_at_record = breaks
            broken += broken_here
            broken_here = 0
            start = position + 1
            field = start
            delimiters = 0
        elif position == 0 or buffer[position - 1] != CR:
            breaks += 1
    if final and start < size:
        ends[records] = size
        fields[records] = delimiters + 1
        lines[records] = breaks_at_record
        records += 1
        broken += broken_here
        breaks_at_record = breaks
    return records, broken, breaks_at_record, opened


@compiled
def _ends_field(buffer: Bytes, classes: Bytes, at: Int, final: Int, stop_is_feed: Int) -> bool:
    if at >= len(buffer):
        return True
    mark = classes[buffer[at]]
    if mark in (_DELIMITER, _STOP):
        return True
    if stop_is_feed and buffer[at] == CR:
        return buffer[at + 1] == LF if at + 1 < len(buffer) else not final
    return False


@compiled
def field_spans(
    buffer: Bytes,
    classes: Bytes,
    marks: Positions,
    count: Int,
    starts: Positions,
    ends: Positions,
    lines: Positions,
    doubled: Positions,
) -> tuple[Int, Int]:
    """Where the text of each field is, without the quotes around it; the buffer holds whole, checked records.

    Args:
        buffer: the records.
        classes: from `mark_classes`.
        marks: from `find_marks`.
        count: how many marks there are.
        starts: columns by records, to be filled; so are ends and lines.
        ends: after the last byte of each text.
        lines: physical line breaks before each record.
        doubled: to be filled with fields (column, record, column, …) that hold doubled quotes; twice the quotes fit.

    Returns:
        How many records, or -1 if they are not as many or as wide as there is room for, and how many doubled fields.
    """
    size = len(buffer)
    columns, room = starts.shape
    stop_is_feed = classes[LF] == _STOP
    records = 0
    column = 0
    breaks = 0
    field = 0
    pairs = 0
    opened = -1
    closed = -1
    doubles = 0
    at = 0
    if room:
        lines[0] = 0
    while at <= count:
        if at < count:
            position = marks[at]
            mark = classes[buffer[position]]
        else:  # the last record may end without a line break
            position = np.int32(size)
            mark = np.uint8(_STOP)
            if opened >= 0 or (field == size and column == 0):
                break
        at += 1
        if opened >= 0:
            if mark == _QUOTE:
                if position + 1 < size and buffer[position + 1] == QUOTE:
                    at += 1
                    doubles += 1
                else:
                    closed = position
                    opened = -1
            elif mark == _STOP or (mark == _OTHER_BREAK and buffer[position - 1] != CR):
                breaks += 1
            continue
        if mark == _QUOTE:
            if position == field:
                opened = position
            continue
        if mark == _OTHER_BREAK:
            breaks += position == 0 or buffer[position - 1] != CR
            continue
        if column >= columns or records >= room:
            return -1, pairs
        end = position
        if mark == _STOP and stop_is_feed and end > field and position < size and buffer[end - 1] == CR:
            end -= 1
        if closed >= 0:
            starts[column, records] = field + 1
            ends[column, records] = closed
            if doubles:
                doubled[2 * pairs] = column
                doubled[2 * pairs + 1] = records
                pairs += 1
                doubles = 0
            closed = -1
        else:
            starts[column, records] = field
            ends[column, records] = end
        field = position + 1
        column += 1
        if mark == _STOP:
            if column != columns:
                return -1, pairs
            records += 1
            breaks += 1
            column = 0
            if records < room:
                lines[records] = breaks
    return (records if opened < 0 and records == room else -1), pairs


@compiled
def undouble(
    buffer: Bytes, doubled: Positions, pairs: Int, starts: Positions, ends: Positions, out: Bytes, first: Int
) -> Int:
    """Write the fields that hold doubled quotes with single ones, and let their spans point there.

    Args:
        buffer: the records.
        doubled: from `field_spans`.
        pairs: how many fields that are.
        starts: columns by records; changed, so are ends.
        ends: after the last byte of each text.
        out: takes their texts; one byte longer than these are now is enough.
        first: position of `out` behind the buffer, where both are joined.

    Returns:
        Bytes written.
    """
    written: Int = 0
    for pair in range(pairs):
        column, record = doubled[2 * pair], doubled[2 * pair + 1]
        begin = np.int64(written)
        second = np.int64(0)
        for at in range(starts[column, record], ends[column, record]):
            # Without a branch: the second quote of a pair is written over by what follows.
            out[written] = buffer[at]
            quote = np.int64(buffer[at] == QUOTE)
            written += 1 - (quote & second)
            second = quote & (1 - second)
        starts[column, record] = first + begin
        ends[column, record] = first + written
    return written


FIELD_START, IN_TEXT, IN_QUOTES, AFTER_QUOTE = range(4)


@compiled
def find_feed(buffer: Bytes, delimiter: Int, state: Int) -> tuple[Int, Int]:
    """The first line feed outside quotes, or -1; a carriage return counts as the end of a field, since it may be one.

    Args:
        buffer: some of the text.
        delimiter: between fields.
        state: where the buffer begins: one of the four above.

    Returns:
        Its position, and the state after the buffer.
    """
    place = np.int64(state)
    for at in range(len(buffer)):
        byte = buffer[at]
        if place == IN_QUOTES:
            if byte == QUOTE:
                place = np.int64(AFTER_QUOTE)
        elif byte == QUOTE and place != IN_TEXT:
            place = np.int64(IN_QUOTES)  # opens a field, or is the second of two
        elif byte == LF:
            return np.int64(at), place
        else:
            place = np.int64(FIELD_START if byte in (delimiter, CR) else IN_TEXT)
    return np.int64(-1), place
