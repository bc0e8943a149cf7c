"""Deciding the types of a whole file from what its groups have shown, and which parts must be written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.conversion.report import CheckReport, Conversion
from include.conversion.results import GroupResult, PartResult, Settled
from include.domain.errors import Terminal
from include.domain.evidence import NOTHING
from include.domain.remarks import Remark, Seen
from include.domain.table_schema import Column, TableSchema
from include.domain.value_findings import value_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from include.conversion.wanted import Wanted
    from include.domain import column_types as ct
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
    day_first = report.reading.options.day_first_columns if report.format == "csv" else ()
    return value_findings(report.columns, types, remarks, rows=report.rows, day_first=day_first)
