"""Converting the parts of one group: every value is observed, each part written as wide as the group turns out.

Threads work on a part each: they read, observe and write it, beginning with the types that the hint, the table and all
ranges read so far ask for. When a value makes a column wider, parts under way are observed to their end without being
written, parts begun later are written as the wider type at once, and at the end only the parts that are too narrow are
derived anew, from the text. So what comes out is a function of the bytes, the hint and the table: never of the timing
of threads.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from include.conversion.knowledge import Knowledge
from include.conversion.parts import PartWriter
from include.conversion.ranges import RangeReader
from include.conversion.results import GroupResult, PartResult
from include.conversion.threads import in_threads
from include.domain.remarks import Remark, Seen
from include.domain.table_schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from include.conversion.arrow_types import Values
    from include.conversion.columns import Batch
    from include.conversion.groups import Group, Part
    from include.conversion.report import CheckReport
    from include.conversion.source import ByteSource
    from include.conversion.threads import Stop
    from include.conversion.wanted import Wanted
    from include.domain.column_types import ColumnType


def convert_group(
    source: ByteSource,
    report: CheckReport,
    group: Group,
    *,
    wanted: Wanted,
    hint: TableSchema,
    out: Path,
    threads: int | None = None,
) -> GroupResult:
    """Write a group's parts into the folder `out`, as wide as its values, the hint and the table ask for.

    Args:
        source: the same bytes that were checked.
        report: of a file that was not refused.
        group: of this file.
        wanted: the table's evidence, or the types to write.
        hint: what a look at some of the file has shown; may be empty, and even wrong.
        out: a folder that is there.
        threads: that work on a part each.

    Raises:
        Terminal: the source is not what was checked (`source_changed`), or a value does not fit its target
            (`target_too_narrow`).
    """
    work = _Measuring(RangeReader(source, report), report, out, Knowledge(report.columns, wanted=wanted, hint=hint))
    results = in_threads(work.part, group.parts, threads=threads)
    types = work.knowledge.types
    narrow = [result.part for result in results if types and not result.is_written_as(types)]
    convert_again(source, report, narrow, types, out=out, threads=threads)
    written = types or None
    return GroupResult(group, tuple(replace(result, written=written) for result in results))


def convert_again(
    source: ByteSource,
    report: CheckReport,
    parts: Iterable[Part],
    types: Mapping[str, ColumnType],
    *,
    out: Path,
    threads: int | None = None,
) -> None:
    """Derive parts from their text as these types, which must hold every value; over what is there.

    Raises:
        Terminal: the source is not what was checked (`source_changed`).
    """
    reader = RangeReader(source, report)

    def write(part: Part, stop: Stop) -> None:
        attempt = _Attempt(out, part.number)
        try:
            for each, text in reader.texts(part.ranges(report)):
                stop.check()
                attempt.write(reader.records(each, text), types)
                del text  # before a row group is written: they are the most of what is held
                attempt.flush_if_full()
            attempt.finish(types)
        finally:
            attempt.give_up()

    in_threads(write, parts, threads=threads)


@dataclass
class _Measuring:
    """The first pass over a group's parts."""

    reader: RangeReader
    report: CheckReport
    out: Path
    knowledge: Knowledge

    def part(self, part: Part, stop: Stop) -> PartResult:
        """Observe every range of a part, and write it as long as nothing comes out wider than what is written."""
        attempt = _Attempt(self.out, part.number)
        rows, seen = 0, dict[tuple[str, Remark], Seen]()
        try:
            for each, text in self.reader.texts(part.ranges(self.report)):
                stop.check()
                rows += self._range(part, self.reader.records(each, text), attempt, seen)
                del text  # before a row group is written: they are the most of what is held
                attempt.flush_if_full()
            written = attempt.finish(self.knowledge.types)
        finally:
            attempt.give_up()
        shown = TableSchema(tuple(Column(*each) for each in self.knowledge.of_part(part.number).items()))
        return PartResult(part, rows, shown, seen, written)

    def _range(self, part: Part, batch: Batch, attempt: _Attempt, seen: dict[tuple[str, Remark], Seen]) -> int:
        observed = {name: column.observe() for name, column in batch.columns.items()}
        for name, shows in observed.items():
            for remark, more in shows.seen.items():
                seen[name, remark] = seen.get((name, remark), Seen()).then(more)
        self.knowledge.add(part.number, {name: shows.evidence for name, shows in observed.items()})
        attempt.write(batch, self.knowledge.types)
        return batch.rows


@dataclass
class _Attempt:
    """Writing a part whose types may yet turn out too narrow."""

    out: Path
    number: int
    _writer: PartWriter | None = field(default=None, init=False)
    _given_up: bool = field(default=False, init=False)

    def write(self, batch: Batch, types: Mapping[str, ColumnType]) -> None:
        """Write rows as the types of now, unless earlier ones were written as others."""
        if self._given_up:
            return
        if not types or (self._writer is not None and self._writer.types != types):
            self.give_up()  # rows without a value, perhaps followed by rows with one, or with a wider one
            return
        if self._writer is None:
            self._writer = PartWriter(self.out, self.number, types)
        arrays: dict[str, Values] = {name: batch.columns[name].array(each) for name, each in types.items()}
        self._writer.write(arrays, batch.lines)

    def flush_if_full(self) -> None:
        """Write what is held, if it is enough."""
        if self._writer is not None:
            self._writer.flush_if_full()

    def finish(self, types: Mapping[str, ColumnType]) -> dict[str, ColumnType] | None:
        """Keep what was written if it is what is wanted by now; its types."""
        writer = self._writer
        if writer is None or writer.types != types:
            return None
        writer.commit()
        self._writer = None
        return writer.types

    def give_up(self) -> None:
        """Leave nothing behind that is not finished."""
        self._given_up = True
        if self._writer is not None:
            self._writer.discard()
            self._writer = None
