"""Where a file first makes a column of its table wider: the line and the value, found by reading little of it again.

Evidence only grows, so with one value of a file a column becomes wider than its table has it, and stays so. What the
parts have shown says in which part that value is. Of this part ranges are read again up to the one that has it, and
its rows are halved until one is left: as much work again as the ranges before it, and that range once more, by the
plain reading if it is JSON. Measured for the last value of a part of 64 MB, on a busy machine: 0.7 to 1 s for CSV, 1.8
to 3 s for JSON Lines, by one thread; converting that part takes 1.6 s by two.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from include.conversion.csv_batch import TextColumn
from include.conversion.json_plain import PlainColumn, read_plainly, values_evidence
from include.conversion.json_text import Number
from include.conversion.ranges import RangeReader
from include.domain.append_findings import Misfit
from include.domain.evidence import NOTHING, Evidence
from include.domain.text_rules import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from include.conversion.columns import Batch
    from include.conversion.report import CheckReport, Range
    from include.conversion.results import PartResult
    from include.conversion.source import ByteSource
    from include.domain.table_schema import TableSchema

PARTS_READ = 4
"""Most parts that are read again. A file seldom widens columns in more than one; it may have thousands of both."""


def first_misfits(
    source: ByteSource,
    report: CheckReport,
    parts: Iterable[PartResult],
    *,
    table: TableSchema,
    columns: Iterable[str],
    parts_read: int = PARTS_READ,
) -> dict[str, Misfit]:
    """The first value that makes each of these columns wider, by column.

    Columns that become wider only after as many parts as are read again have none.

    Args:
        source: the same bytes that were checked.
        report: of the file.
        parts: what all its parts have shown, in the order of rows.
        table: the evidence of the table.
        columns: of the table, which the file makes wider.
        parts_read: how many parts are read again at most.

    Raises:
        Terminal: the source is not what was checked (`source_changed`).
    """
    before = table.evidence()
    known = {name: before[name] for name in columns}
    found: dict[str, Misfit] = {}
    search = _Search(source, report, before)
    for part in parts:
        if not known:
            break
        shown = part.shown.evidence()
        after = {name: each.merge(shown.get(name, NOTHING)) for name, each in known.items()}
        wider = {name: known[name] for name, each in after.items() if each.type != before[name].type}
        if wider and parts_read == 0:
            break
        if wider:
            parts_read -= 1
            found |= search.in_part(part, wider)
        known = {name: each for name, each in after.items() if name not in wider}
    return found


class _Search:
    """Looks for the values in what is read again."""

    def __init__(self, source: ByteSource, report: CheckReport, before: Mapping[str, Evidence]) -> None:
        self._reader = RangeReader(source, report)
        self._report = report
        self._before = before

    def in_part(self, part: PartResult, known: Mapping[str, Evidence]) -> dict[str, Misfit]:
        """The values of a part, given what was known of the columns before it."""
        found: dict[str, Misfit] = {}
        known = dict(known)
        with closing(self._reader.texts(part.part.ranges(self._report))) as texts:
            for each, text in texts:
                batch = self._reader.records(each, text)
                plain: Batch | None = None
                for name, earlier in list(known.items()):
                    known[name] = earlier.merge(_shown(batch, name))
                    if known[name].type == self._before[name].type:
                        continue
                    plain = plain or self._plain(batch, each, text)
                    found[name] = _in_range(plain, name, earlier)
                    del known[name]
                if not known:
                    break
        return found

    def _plain(self, batch: Batch, each: Range, text: bytes) -> Batch:
        """The records in a reading whose rows can be told apart."""
        report = self._report
        if report.format == "csv":
            return batch
        return read_plainly(text, each, columns=report.columns, file_format=report.format, reading=report.reading)


def _shown(batch: Batch, name: str) -> Evidence:
    column = batch.columns[name]
    if isinstance(column, TextColumn):
        column = column.rows(0, batch.rows)  # alone, so that the other columns are not looked at
    return column.observe().evidence


def _in_range(batch: Batch, name: str, known: Evidence) -> Misfit:
    column: Any = batch.columns[name]
    narrow, start, end = known.type, 0, batch.rows
    while end - start > 1:
        middle = (start + end) // 2
        more = known.merge(column.rows(start, middle).observe().evidence)
        if more.type == narrow:
            known, start = more, middle
        else:
            end = middle
    path, text = "", column.rows(start, end).text()
    if isinstance(column, PlainColumn) and not column.is_text:
        path, value = _within(column.value(start), known)
        text = text if not path else _written(value)
    return Misfit(int(batch.lines[start]), text, path)


def _within(value: Any, known: Evidence) -> tuple[str, Any]:
    """The innermost value that makes what is known wider, and the path to it."""
    if isinstance(value, dict) and known.kinds == {Kind.OBJECT}:
        for name, inner in value.items():
            before = known.fields.get(name, NOTHING)
            if before.merge(values_evidence([inner])).type != before.type:
                path, innermost = _within(inner, before)
                return f".{name}{path}", innermost
    if isinstance(value, list) and known.kinds == {Kind.ARRAY}:
        before = known.element or NOTHING
        for inner in value:
            more = before.merge(values_evidence([inner]))
            if more.type != before.type:
                path, innermost = _within(inner, before)
                return f"[]{path}", innermost
            before = more
    return "", value


def _written(value: Any) -> str:
    """A JSON value as text: a string itself, a number as written."""
    return str(value) if isinstance(value, str) else _as_json(value)


def _as_json(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {_as_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_as_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
