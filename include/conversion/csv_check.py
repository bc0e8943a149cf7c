"""One streamed pass over a CSV file: its header, its records, where they are, and everything wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from include.conversion.checked import Checked
from include.conversion.csv_scan import Scan, scan, split_fields
from include.conversion.encoding import BOM, NulCounter, invalid_utf8, is_utf8, line_breaks, wide_encoding
from include.conversion.kernels import csv_fields
from include.conversion.report import Range, Reading
from include.domain import file_findings
from include.domain.csv_findings import MAX_COLUMNS, MAX_RECORD_BYTES, CsvFacts, csv_findings
from include.domain.file_findings import MAX_LISTED
from include.domain.header import stored_name
from include.domain.reading_options import DELIMITERS
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.conversion.csv_scan import Counts, Offsets
    from include.domain.findings import Finding

RANGE_BYTES = 4 * 1024**2
WIDE_RANGE_BYTES = 8 * 1024**2
WIDE = 200  # columns
MAX_RANGE_ROWS = 200_000


def record_terminator(blocks: Iterable[bytes], *, delimiter: str = ",") -> str:
    """What ends the records: a line feed (alone or after a carriage return) or, in a file without, a carriage return.

    Line feeds within quoted fields do not count. Reads no further than the first that does.
    """
    state, lone_return, last = csv_fields.FIELD_START, False, b""
    for block in blocks:
        found, state = csv_fields.find_feed(np.frombuffer(block, np.uint8), ord(delimiter), state)
        if found >= 0:
            return "\n"
        returns, pairs = block.count(b"\r"), block.count(b"\r\n")
        lone_return = lone_return or returns - block.endswith(b"\r") > pairs or (last == b"\r" and block[:1] != b"\n")
        last = block[-1:]
    return "\r" if lone_return or last == b"\r" else "\n"


def check_csv(blocks: Iterable[bytes], *, reading: Reading) -> Checked:
    """Check a CSV file given in blocks; takes a few blocks of memory.

    A range ends with each block's last whole record, so a range is about as long as a block.
    """
    state = _CsvCheck(reading)
    carry = b""
    for block in blocks:
        if not state.going:
            continue  # read to the end all the same: the caller hashes what passes
        data = carry + block
        carry = data[state.feed(data, final=False) :]
        if len(carry) > MAX_RECORD_BYTES:
            state.stop_at_long_record(carry)
    if state.going:
        state.feed(carry, final=True)
    return state.result()


class _CsvCheck:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.going = True
        self.offset = 0  # in the file, of the next record
        self.line = 1  # the physical line there
        self.started = False
        self.header: tuple[str, ...] | None = None
        self.header_record = b""
        self.second_record = b""
        self.rows = 0
        self.ranges: list[Range] = []
        self.content_end = 0
        self.encoding: Finding | None = None
        self.nul = NulCounter()
        self.after_quotes = Lines()
        self.ragged: list[tuple[int, int]] = []
        self.ragged_total = 0
        self.blank_end = Lines()  # blank lines that nothing but blank lines has followed yet
        self.unclosed: int | None = None
        self.too_long: Finding | None = None

    def feed(self, data: bytes, *, final: bool) -> int:
        """Take the whole records from the start of `data`; returns how many bytes they are."""
        skipped = 0
        if not self.started:
            if len(data) <= len(BOM) and not final:
                return 0
            self.started = True
            self.encoding = wide_encoding(data)
            if self.encoding is not None:
                self.going = False
                return len(data)
            if data.startswith(BOM):
                skipped = len(BOM)
                data = data[skipped:]
                self.offset = skipped
        found = scan(data, delimiter=self.reading.delimiter, terminator=self.reading.terminator, final=final)
        if found.open_quote is not None:
            self.unclosed = self.line + self._line_breaks(data, found.open_quote)
            found.fields[-1] = len(self.header or ())  # what the open quote swallowed is no second fault
        if found.end:
            self._take(data, found)
        return skipped + found.end

    def _line_breaks(self, data: bytes, offset: int) -> int:
        return line_breaks(data[:offset], terminator=self.reading.terminator)

    def _take(self, data: bytes, found: Scan) -> None:
        if not data.isascii() and not is_utf8(memoryview(data)[: found.end]):
            text = data[: found.end]
            self.encoding = self.encoding or invalid_utf8(
                text, offset=self.offset, line=self.line, terminator=self.reading.terminator
            )
        if b"\0" in data:
            self.nul.feed(data[: found.end], line=self.line, terminator=self.reading.terminator)
        if len(found.faults):
            lines = [self.line + self._line_breaks(data, int(at)) for at in found.faults[:MAX_LISTED]]
            self.after_quotes.add(lines, total=len(found.faults))
        first = 0
        if self.header is None:
            self._take_header(data, found)
            first = 1
        if len(found.starts) > first:
            if not self.second_record:
                self.second_record = _content(data, found, first)
            self._take_rows(found, first)
        self.offset += found.end
        self.line += found.line_breaks

    def _take_header(self, text: bytes, found: Scan) -> None:
        self.header_record = _content(text, found, 0)
        fields = split_fields(self.header_record, delimiter=self.reading.delimiter)
        self.header = tuple(name.decode("utf-8", "replace") for name in fields)
        self.going = len(fields) <= MAX_COLUMNS

    def _take_rows(self, found: Scan, first: int) -> None:
        fields = found.fields[first:]
        lines = found.lines[first:] + self.line
        expected = len(self.header or ())
        rows = len(fields)
        if expected > 1:
            filled = np.flatnonzero(fields)
            rows = len(filled)
            self._count_ragged(fields, lines, expected=expected, filled=filled)
            if rows:
                self.content_end = self.offset + int(found.ends[first + filled[-1]])
        else:
            self._count_ragged(np.maximum(fields, 1), lines, expected=1, filled=np.arange(rows))
            self.content_end = self.offset + found.end
        self.rows += rows
        self._add_ranges(found, lines, first=first, rows=rows)

    def _add_ranges(self, found: Scan, lines: Counts, *, first: int, rows: int) -> None:
        """Divide a block into ranges: memory grows with the fields of one, work with the columns of each."""
        size = RANGE_BYTES if len(self.header or ()) < WIDE else WIDE_RANGE_BYTES
        pieces = max(-(-found.end // size), -(-len(lines) // MAX_RANGE_ROWS))
        step = -(-len(lines) // pieces)
        for at in range(0, len(lines), step):
            last = min(at + step, len(lines)) - 1
            start, end = int(found.starts[first + at]), int(found.ends[first + last])
            mine = max(min(rows - at, step), 0)  # blank lines come last, or the file is refused
            self.ranges.append(Range(self.offset + start, self.offset + end, int(lines[at]), mine))

    def _count_ragged(self, fields: Counts, lines: Counts, *, expected: int, filled: Offsets) -> None:
        last = int(filled[-1]) + 1 if len(filled) else 0
        if last and self.blank_end.total:  # they were not at the end after all
            self.ragged += [(line, 0) for line in self.blank_end.lines]
            self.ragged_total += self.blank_end.total
            self.blank_end = Lines()
        wrong = np.flatnonzero(fields[:last] != expected)
        self.ragged_total += len(wrong)
        missing = MAX_LISTED - len(self.ragged)
        self.ragged += [(int(lines[at]), int(fields[at])) for at in wrong[: max(missing, 0)]]
        self.blank_end.add(lines[last : last + MAX_LISTED].tolist(), total=len(fields) - last)

    def stop_at_long_record(self, carry: bytes) -> None:
        """Give up on records: this one does not end within the limit."""
        found = scan(carry, delimiter=self.reading.delimiter, terminator=self.reading.terminator, final=True)
        opened = None if found.open_quote is None else self.line + self._line_breaks(carry, found.open_quote)
        self.too_long = file_findings.record_too_long(line=self.line, limit=MAX_RECORD_BYTES, open_quote=opened)
        self.going = False

    def result(self) -> Checked:
        """Everything found, once all blocks were fed."""
        return Checked(
            rows=self.rows,
            columns=tuple(stored_name(name) for name in self.header or ()),
            ranges=self._ranges(),
            findings=csv_findings(self._facts(), delimiter=self.reading.delimiter),
            reading=self.reading,
        )

    def _ranges(self) -> tuple[Range, ...]:
        kept = [part for part in self.ranges if part.rows and part.start < self.content_end]
        return tuple(Range(part.start, min(part.end, self.content_end), part.first_line, part.rows) for part in kept)

    def _facts(self) -> CsvFacts:
        header = self.header
        lone = header is not None and len(header) == 1
        return CsvFacts(
            header=header,
            column_count=len(header or ()),
            rows=self.rows,
            blank_header=header is not None and not self.header_record,
            stopped=not self.going,
            encoding=self.encoding,
            nul=self.nul.seen,
            after_quotes=self.after_quotes,
            ragged=self.ragged,
            ragged_total=self.ragged_total,
            blank_end=self.blank_end,
            unclosed_quote=self.unclosed,
            too_long=self.too_long,
            header_splits=self._splits(self.header_record) if lone else {},
            second_splits=self._splits(self.second_record) if lone and self.second_record else None,
        )

    def _splits(self, record: bytes) -> dict[str, int]:
        """How many fields each other delimiter makes of a record."""
        others = (mark for mark in DELIMITERS.values() if mark != self.reading.delimiter)
        return {mark: len(split_fields(record, delimiter=mark)) for mark in others}


def _content(text: bytes, found: Scan, record: int) -> bytes:
    content = text[int(found.starts[record]) : int(found.ends[record])]
    for line_break in (b"\r\n", b"\n", b"\r"):
        if content.endswith(line_break):
            return content.removesuffix(line_break)
    return content
