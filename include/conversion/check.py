"""The check of a file: one streamed pass that hashes its bytes and looks at every record."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from include.conversion.checked import Checked
from include.conversion.csv_check import check_csv, record_terminator
from include.conversion.json_check import check_json, check_json_lines
from include.conversion.report import CheckReport, Reading
from include.conversion.source import ByteSource, blocks
from include.domain import file_findings
from include.domain.findings import refuses
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from include.domain.findings import Finding

BLOCK_BYTES = 8 * 1024**2

FORMATS = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def check(
    source: ByteSource,
    *,
    filename: str,
    options: ReadingOptions = DEFAULT_OPTIONS,
    block_bytes: int = BLOCK_BYTES,
) -> CheckReport:
    """Look at every byte of a file once, in bounded memory, and say what it holds and what is wrong with it.

    Args:
        source: the bytes.
        filename: its ending, in any case, tells the format.
        options: how to read it, where that was chosen.
        block_bytes: how much is read at a time, and about the size of a range.

    Raises:
        OSError: the source cannot be read.
    """
    ending = PurePath(filename).suffix.lower()
    file_format = FORMATS.get(ending, ending.removeprefix("."))
    checker = _checker(source, file_format, ending, options)
    digest = _Digest()
    checked = checker(digest.through(blocks(source, size=block_bytes)))
    if checked is None:  # named .json, but JSON Lines by its content
        reading = Reading(terminator=record_terminator(blocks(source, size=block_bytes)), options=options)
        checked = check_json_lines(blocks(source, size=block_bytes), reading=reading, named_json=True)
        file_format = "jsonl"
    return CheckReport(
        format=file_format,
        sha256=digest.hexdigest(),
        size=digest.size,
        rows=checked.rows,
        columns=checked.columns,
        ranges=checked.ranges,
        findings=(*checked.findings, *_option_findings(checked, options)),
        reading=checked.reading,
    )


def _checker(
    source: ByteSource, file_format: str, ending: str, options: ReadingOptions
) -> Callable[[Iterable[bytes]], Checked | None]:
    if file_format == "json":
        return partial(check_json, reading=Reading(options=options))
    if file_format not in FORMATS.values():
        return lambda pieces: _unsupported(pieces, ending)
    terminator = record_terminator(blocks(source, size=1024**2))
    reading = Reading(delimiter=options.delimiter or ",", terminator=terminator, options=options)
    if file_format == "csv":
        return lambda pieces: check_csv(pieces, reading=reading)
    return lambda pieces: check_json_lines(pieces, reading=reading)


def _option_findings(checked: Checked, options: ReadingOptions) -> tuple[Finding, ...]:
    """What the options name and the file lacks; nothing of a file that is refused anyway."""
    missing = [name for name in options.columns if name not in checked.columns]
    if not missing or refuses(checked.findings):
        return ()
    return (file_findings.option_without_column(missing),)


def _unsupported(pieces: Iterable[bytes], ending: str) -> Checked:
    for _ in pieces:
        pass  # the report names the bytes by their hash, whatever they are
    return Checked(0, (), (), (file_findings.unsupported_format(ending),), Reading())


class _Digest:
    """SHA-256 and length of the blocks that pass through, computed beside whoever reads them."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        with ThreadPoolExecutor(1) as beside:
            for piece in pieces:
                self.size += len(piece)
                update = beside.submit(self._hash.update, piece)
                yield piece
                update.result()

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
