"""A first look at a few ranges, so that most parts are written as the right types the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.conversion.ranges import RangeReader
from include.conversion.threads import in_threads
from include.domain.evidence import NOTHING
from include.domain.table_schema import Column, TableSchema

if TYPE_CHECKING:
    from include.conversion.report import CheckReport, Range
    from include.conversion.source import ByteSource
    from include.conversion.threads import Stop
    from include.domain.evidence import Evidence

FEW_RANGES = 8
"""A file of fewer is one or two parts, which are read anyway."""

_SEVERAL_RANGES = 32
_MANY_RANGES = 64


def sample_hint(source: ByteSource, report: CheckReport, *, threads: int | None = None) -> TableSchema:
    """Evidence from the head, the tail and some ranges between; of nothing for a file of few ranges.

    It says as what types to begin. It can never make the result wrong, only slower.
    """
    reader = RangeReader(source, report)

    def look(each: Range, _stop: Stop) -> dict[str, Evidence]:
        batch = reader.records(each, reader.text(each))
        return {name: column.observe().evidence for name, column in batch.columns.items()}

    looks = in_threads(look, [report.ranges[at] for at in _sampled(len(report.ranges))], threads=threads)
    known = dict.fromkeys(report.columns, NOTHING) if looks else {}
    for shown in looks:
        known = {name: evidence.merge(shown[name]) for name, evidence in known.items()}
    return TableSchema(tuple(Column(name, evidence) for name, evidence in known.items()))


def _sampled(count: int) -> list[int]:
    if count < FEW_RANGES:
        return []
    chosen = {0, count - 1}
    if count >= _SEVERAL_RANGES:
        chosen.add(count - 2)  # the last may be a short one
    if count >= _MANY_RANGES:
        chosen |= {count // 4, count // 2, count * 3 // 4}
    return sorted(chosen)
