"""Deciding the types of a whole file from what its groups have shown, and which parts must be written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.conversion.columns import Remark, Seen
from include.conversion.report import CheckReport, Conversion
from include.conversion.results import GroupResult, PartResult, Settled
from include.domain import column_types as ct
from include.domain import file_findings
from include.domain.errors import Terminal
from include.domain.evidence import NOTHING
from include.domain.table_schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from include.conversion.wanted import Wanted
    from include.domain.findings import Finding


def settle(report: CheckReport, results: Iterable[GroupResult], *, wanted: Wanted) -> Settled:
    """Join all evidence and decide last; a part that was written as the decided types is kept.

    Args:
        report: of the file.
        results: of all its groups, in the order of rows.
        wanted: the table's evidence as it is now, or the types to write.

    Raises:
        Terminal: the results are not of all rows (`groups_incomplete`), or a value does not fit its target
            (`target_too_narrow`).
    """
    parts = [part for result in results for part in result.parts]
    _expect_whole(report, parts)
    schema = TableSchema(tuple(Column(name, NOTHING) for name in report.columns))
    for part in parts:
        schema = schema.union(part.shown)
    wanted.expect_fit(schema.evidence())
    types = wanted.types(schema.evidence())
    conversion = Conversion(
        schema=schema,
        written=types,
        rows=report.rows,
        parts=tuple(part.part.name for part in parts) if types else (),
        findings=_findings(report, _remarks(parts), types),
    )
    return Settled(conversion, tuple(part.part.number for part in parts if types and not part.is_written_as(types)))


def _expect_whole(report: CheckReport, parts: Sequence[PartResult]) -> None:
    ranges = [at for each in parts for at in range(each.part.first, each.part.end)]
    numbers = [each.part.number for each in parts]
    if (
        ranges != list(range(len(report.ranges)))
        or numbers != list(range(len(parts)))
        or sum(each.rows for each in parts) != report.rows
    ):
        raise Terminal("What the groups converted is not the whole file.", code="groups_incomplete")


def _remarks(parts: Iterable[PartResult]) -> dict[tuple[str, Remark], Seen]:
    seen: dict[tuple[str, Remark], Seen] = {}
    for part in parts:
        for key, more in part.seen.items():
            seen[key] = seen.get(key, Seen()).then(more)
    return seen


def _findings(
    report: CheckReport, remarks: Mapping[tuple[str, Remark], Seen], types: Mapping[str, ct.ColumnType]
) -> tuple[Finding, ...]:
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
            seen = remarks.get((name, remark))
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
