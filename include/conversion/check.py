"""The check of a file: one streamed pass that hashes its bytes and looks at every record."""

from __future__ import annotations

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from include.conversion.checked import Checked
from include.conversion.containers import DEFAULT_LIMITS, Limits, Unpacked, container_of, unpack
from include.conversion.csv_check import check_csv, record_terminator
from include.conversion.json_check import check_json, check_json_lines
from include.conversion.report import CheckReport, Container, Reading
from include.conversion.source import ByteSource, LocalFile, blocks
from include.domain import file_findings
from include.domain.findings import refuses
from include.domain.names import TEXT_ENDINGS
from include.domain.option_findings import option_findings
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from include.domain.findings import Finding

BLOCK_BYTES = 8 * 1024**2

PLAIN = "plain"
"""The name of the plain text of a container in the folder it was unpacked into."""

_ROWS_OF_THEIR_OWN = ("xlsx", "parquet")


def check(
    source: ByteSource,
    *,
    filename: str,
    options: ReadingOptions = DEFAULT_OPTIONS,
    block_bytes: int = BLOCK_BYTES,
    into: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> CheckReport:
    """Look at every byte of a file once, in bounded memory, and say what it holds and what is wrong with it.

    A container is unpacked first. Its report has the SHA-256 and size of the file as it was sent; everything else is
    of the plain text that came out of it.

    Args:
        source: the bytes.
        filename: its ending, in any case, tells the format.
        options: how to read it, where that was chosen.
        block_bytes: how much is read at a time, and about the size of a range.
        into: an existing folder, in which the plain text of a container stays for `plain_text`; None keeps it not.
        limits: when unpacking stops.

    Raises:
        OSError: the source cannot be read, or there is no room for the plain text.
    """
    container = container_of(filename)
    if container is None:
        report = _check_text(source, filename=filename, options=options, block_bytes=block_bytes)
        return replace(report, findings=(*report.findings, *_option_findings(report, options)))
    with nullcontext(into) if into else tempfile.TemporaryDirectory() as folder:
        unpacked = unpack(source, filename=filename, options=options, into=Path(folder), plain=PLAIN, limits=limits)
        report = _check_unpacked(unpacked, options=options, block_bytes=block_bytes)
        wrapping = Container(container, unpacked.content.member, report.size)
    report = replace(report, sha256=unpacked.sha256, size=unpacked.size, container=wrapping)
    return replace(report, findings=(*report.findings, *_option_findings(report, options)))


def plain_text(source: ByteSource, report: CheckReport, *, into: Path) -> ByteSource:
    """The text that a report speaks of: the source itself, or what its check unpacked into the folder `into`."""
    return LocalFile(into / PLAIN) if report.container else source


def _check_unpacked(unpacked: Unpacked, *, options: ReadingOptions, block_bytes: int) -> CheckReport:
    content = unpacked.content
    if refuses(content.findings):
        ending = PurePath(content.name).suffix.lower()
        return CheckReport(TEXT_ENDINGS.get(ending, ending[1:]), "", 0, 0, (), (), content.findings)
    report = _check_text(LocalFile(unpacked.path), filename=content.name, options=options, block_bytes=block_bytes)
    below = content.first_line - 1
    return replace(
        report,
        ranges=tuple(replace(part, first_line=part.first_line + below) for part in report.ranges),
        findings=(
            *content.findings,
            *(replace(each, lines=tuple(line + below for line in each.lines)) for each in report.findings),
        ),
    )


def _check_text(source: ByteSource, *, filename: str, options: ReadingOptions, block_bytes: int) -> CheckReport:
    ending = PurePath(filename).suffix.lower()
    file_format = TEXT_ENDINGS.get(ending, ending.removeprefix("."))
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
        findings=checked.findings,
        reading=checked.reading,
    )


def _checker(
    source: ByteSource, file_format: str, ending: str, options: ReadingOptions
) -> Callable[[Iterable[bytes]], Checked | None]:
    if file_format == "json":
        return partial(check_json, reading=Reading(options=options))
    if file_format not in TEXT_ENDINGS.values():
        return lambda pieces: _unsupported(pieces, ending)
    delimiter = options.delimiter or ","
    terminator = record_terminator(blocks(source, size=1024**2), delimiter=delimiter)
    reading = Reading(delimiter=delimiter, terminator=terminator, options=options)
    if file_format == "csv":
        return lambda pieces: check_csv(pieces, reading=reading)
    return lambda pieces: check_json_lines(pieces, reading=reading)


def _option_findings(report: CheckReport, options: ReadingOptions) -> Iterator[Finding]:
    """What the options say and the file has no use for; nothing of a file that is refused anyway."""
    if report.refused:
        return
    file_format = report.format
    if report.container and report.container.format in _ROWS_OF_THEIR_OWN:
        file_format = report.container.format
    yield from option_findings(options, file_format=file_format, columns=report.columns)


def _unsupported(pieces: Iterable[bytes], ending: str) -> Checked:
    for _ in pieces:
        pass  # the report names the bytes by their hash, whatever they are
    return Checked(0, (), (), (file_findings.unsupported_format(ending),), Reading())


class _Digest:
    """SHA-256 and length of the blocks that pass through; each is fetched and hashed while its forerunner is read."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        following = iter(pieces)
        with ThreadPoolExecutor(1) as beside:
            ahead = beside.submit(self._take, following)
            while piece := ahead.result():
                ahead = beside.submit(self._take, following)
                yield piece

    def _take(self, pieces: Iterator[bytes]) -> bytes:
        piece = next(pieces, b"")  # no block is empty
        self.size += len(piece)
        self._hash.update(piece)
        return piece

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
