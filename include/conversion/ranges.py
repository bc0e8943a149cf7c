"""Reading the ranges of a checked file: the bytes a little ahead, then the records of one range at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from include.conversion.csv_batch import read_csv_range
from include.conversion.csv_check import WIDE
from include.conversion.json_batch import read_json_range
from include.conversion.memory import give_back_promptly
from include.conversion.source import ByteSource, read_range
from include.domain.errors import Terminal

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from include.conversion.columns import Batch
    from include.conversion.report import CheckReport, Range


class RangeReader:
    """Reads ranges of one file; may be used by several threads."""

    def __init__(self, source: ByteSource, report: CheckReport) -> None:
        if report.format != "csv" or len(report.columns) >= WIDE:
            # It costs a narrow file a tenth of its time for a tenth of its memory, which is small anyway.
            give_back_promptly()
        self._source = source
        self._report = report
        self._read = read_csv_range if report.format == "csv" else partial(read_json_range, file_format=report.format)

    def texts(self, ranges: Sequence[Range]) -> Generator[tuple[Range, bytes], None, None]:
        """The bytes of each range; those of the next are fetched meanwhile."""
        with ThreadPoolExecutor(1) as beside:
            ahead = deque(beside.submit(self.text, each) for each in ranges[:1])
            for at, each in enumerate(ranges):
                ahead.extend(beside.submit(self.text, following) for following in ranges[at + 1 : at + 2])
                yield each, ahead.popleft().result()  # no name is kept for it, so that the caller can let it go

    def text(self, each: Range) -> bytes:
        """The bytes of a range; Terminal `source_changed` when the source does not have them."""
        try:
            return read_range(self._source, each.start, each.end)
        except EOFError as error:
            raise _changed(each) from error

    def records(self, each: Range, text: bytes) -> Batch:
        """The records in a range's bytes; Terminal `source_changed` when they are not those that were checked."""
        try:
            return self._read(text, each, columns=self._report.columns, reading=self._report.reading)
        except ValueError as error:
            raise _changed(each) from error


def _changed(each: Range) -> Terminal:
    return Terminal(f"The bytes from {each.start} to {each.end} are not what was checked.", code="source_changed")
