"""From a checked file to typed Parquet: measure every range, decide the types last, write again what came out wider.

A part is a group of ranges in one Parquet file, and the unit that is written again. It is first written as the types
that its ranges have shown so far; when a later value makes a column wider, only the parts that are too narrow are
derived anew, from the text. So the result never depends on where a file was split.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from include.conversion.columns import Batch, Observed, Remark, Seen
from include.conversion.csv_batch import read_csv_range
from include.conversion.json_batch import read_json_range
from include.conversion.parts import PartWriter
from include.conversion.report import CheckReport, Conversion, Range
from include.conversion.source import ByteSource, read_range
from include.domain import column_types as ct
from include.domain import file_findings
from include.domain.errors import Terminal
from include.domain.evidence import NOTHING, Evidence, fits, has_values
from include.domain.table_schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from include.conversion.arrow_types import Values
    from include.domain.findings import Finding

PART_BYTES = 256 * 1024**2
"""Text in one part: large enough for whole row groups, small enough to be written again."""

MAX_THREADS = 4

_R = TypeVar("_R")


@dataclass
class _Knowledge:
    """What the ranges read so far have shown, by column."""

    evidence: dict[str, Evidence]
    seen: dict[tuple[str, Remark], Seen] = field(default_factory=dict)

    def add(self, observed: Mapping[str, Observed]) -> None:
        for name, shown in observed.items():
            self.evidence[name] = self.evidence[name].merge(shown.evidence)
            for remark, seen in shown.seen.items():
                self.seen[name, remark] = self.seen.get((name, remark), Seen()).then(seen)


def convert(
    source: ByteSource,
    report: CheckReport,
    *,
    target: Mapping[str, ct.ColumnType] | None = None,
    evidence: TableSchema | None = None,
    out: Path,
    part_bytes: int = PART_BYTES,
) -> Conversion:
    """Write a checked file as typed Parquet into the folder `out`.

    Args:
        source: the same bytes that were checked.
        report: of a file that was not refused.
        target: exactly the types to write, in this order; columns the file lacks or has no value for are left out.
            None: the types that follow from the file's own evidence joined with `evidence`.
        evidence: the table's, whose columns come first in their order.
        out: folder; made if missing. Parts and sidecars of an earlier run are replaced.
        part_bytes: text in one part.

    Raises:
        Terminal: the report refuses the file (`file_refused`), the source is not what was checked
            (`source_changed`), or a value does not fit its target (`target_too_narrow`).
    """
    if report.refused:
        raise Terminal("A file that the check refused cannot be converted.", code="file_refused")
    settle = partial(_target_types, target) if target is not None else partial(_joined_types, evidence or TableSchema())
    _empty(out)
    work = _Work(source, report, out, settle)
    parts = [_Part(number, ranges) for number, ranges in enumerate(_grouped(report.ranges, part_bytes))]
    for part in parts:
        work.write_measuring(part)
    types = settle(work.known.evidence)
    for part in parts:
        if part.written != types and types:
            work.write_again(part, types)
    schema = TableSchema(tuple(Column(name, work.known.evidence[name]) for name in report.columns))
    return Conversion(
        schema=schema,
        written=types,
        rows=report.rows,
        parts=tuple(part.name for part in parts) if types else (),
        findings=_findings(report, work.known, types),
    )


def _empty(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for pattern in ("part-*.parquet", "lines-*.parquet", ".part-*.unfinished"):
        for path in out.glob(pattern):
            path.unlink()


def _grouped(ranges: Iterable[Range], part_bytes: int) -> Iterator[tuple[Range, ...]]:
    group: list[Range] = []
    size = 0
    for each in ranges:
        length = each.end - each.start
        if group and size + length > part_bytes:
            yield tuple(group)
            group, size = [], 0
        group.append(each)
        size += length
    if group:
        yield tuple(group)


def _joined_types(table: TableSchema, shown: Mapping[str, Evidence]) -> dict[str, ct.ColumnType]:
    known = table.evidence()
    joined = {name: known.get(name, NOTHING).merge(shown.get(name, NOTHING)).type for name in (*known, *shown)}
    return _with_values(joined, shown)


def _target_types(target: Mapping[str, ct.ColumnType], shown: Mapping[str, Evidence]) -> dict[str, ct.ColumnType]:
    for name, evidence in shown.items():
        if not fits(evidence, target.get(name, ct.Null())):
            wanted = ct.display(target.get(name, ct.Null()))
            raise Terminal(
                f"Column {name} holds {ct.display(evidence.type)} and was to be written as {wanted}.",
                code="target_too_narrow",
                field=name,
            )
    return _with_values(target, shown)


def _with_values(types: Mapping[str, ct.ColumnType], shown: Mapping[str, Evidence]) -> dict[str, ct.ColumnType]:
    return {name: each for name, each in types.items() if has_values(shown.get(name, NOTHING), each)}


@dataclass
class _Part:
    number: int
    ranges: tuple[Range, ...]
    name: str = ""
    written: dict[str, ct.ColumnType] | None = None


class _Work:
    """One conversion: reads ranges ahead in threads, writes them in order."""

    def __init__(
        self,
        source: ByteSource,
        report: CheckReport,
        out: Path,
        settle: Callable[[Mapping[str, Evidence]], dict[str, ct.ColumnType]],
    ) -> None:
        self.known = _Knowledge(dict.fromkeys(report.columns, NOTHING))
        self._source = source
        self._report = report
        self._out = out
        self._settle = settle
        self._reader = read_csv_range if report.format == "csv" else partial(read_json_range, file_format=report.format)

    def write_measuring(self, part: _Part) -> None:
        """Observe every range of a part, and write it as long as nothing comes out wider than what is written."""
        writer: PartWriter | None = None
        stale = False
        for batch, observed in _ahead(self._read_and_observe, part.ranges):
            self.known.add(observed)
            types = self._settle(self.known.evidence)
            if stale or (writer is not None and writer.types != types):
                stale = True
                continue
            if types:
                writer = writer or PartWriter(self._out, part.number, types)
                writer.write(_arrays(batch, types), batch.lines)
            else:
                stale = True  # rows without a value, perhaps followed by rows with one
        if writer is None:
            return
        if stale:
            writer.discard()
        else:
            self._finish(part, writer)

    def write_again(self, part: _Part, types: dict[str, ct.ColumnType]) -> None:
        """Derive a part from its text as these types."""
        writer = PartWriter(self._out, part.number, types)
        for batch in _ahead(self._read, part.ranges):
            writer.write(_arrays(batch, types), batch.lines)
        self._finish(part, writer)

    @staticmethod
    def _finish(part: _Part, writer: PartWriter) -> None:
        writer.commit()
        part.name, part.written = writer.name, writer.types

    def _read(self, part: Range) -> Batch:
        try:
            data = read_range(self._source, part.start, part.end)
            return self._reader(data, part, columns=self._report.columns, reading=self._report.reading)
        except (EOFError, ValueError) as error:
            raise Terminal(
                f"The bytes from {part.start} to {part.end} are not what was checked.", code="source_changed"
            ) from error

    def _read_and_observe(self, part: Range) -> tuple[Batch, dict[str, Observed]]:
        batch = self._read(part)
        return batch, {name: column.observe() for name, column in batch.columns.items()}


def _arrays(batch: Batch, types: Mapping[str, ct.ColumnType]) -> dict[str, Values]:
    return {name: batch.columns[name].array(column_type) for name, column_type in types.items()}


def _ahead(read: Callable[[Range], _R], ranges: Iterable[Range]) -> Iterator[_R]:
    """What `read` makes of each range, in order; a few ranges are read at the same time, never more."""
    threads = min(MAX_THREADS, os.cpu_count() or 1)
    waiting: deque[Future[_R]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for each in ranges:
            waiting.append(pool.submit(read, each))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _findings(report: CheckReport, known: _Knowledge, types: Mapping[str, ct.ColumnType]) -> tuple[Finding, ...]:
    if not types:
        return (file_findings.no_values(report.rows),)
    found: list[Finding] = []
    for name in report.columns:
        written = types.get(name, ct.Null())
        if isinstance(written, ct.Null):
            found.append(file_findings.column_without_values(name))
        if isinstance(written, ct.String):
            if report.format == "csv" and report.reading.options.of_column(name).day_first:
                found.append(file_findings.day_first_kept_as_text(name))
            continue
        for remark in Remark:
            seen = known.seen.get((name, remark))
            if seen is not None:
                found.append(_remark(remark, name, seen))
    return tuple(found)


def _remark(remark: Remark, name: str, seen: Seen) -> Finding:
    match remark:
        case Remark.NULL_WORD:
            return file_findings.null_words_read(column=name, total=seen.total, lines=seen.lines, words=seen.texts)
        case Remark.SCIENTIFIC:
            return file_findings.scientific_numbers(
                column=name, total=seen.total, lines=seen.lines, examples=seen.texts
            )
        case Remark.FINE_TIMESTAMP:
            return file_findings.fine_timestamps(column=name, total=seen.total, lines=seen.lines, examples=seen.texts)
