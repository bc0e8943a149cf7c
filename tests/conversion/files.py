"""Files for tests of the conversion: bytes in memory, what they became, and cells printed back by the rules."""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from include.conversion import (
    CheckReport,
    Conversion,
    Group,
    GroupResult,
    Wanted,
    check,
    convert,
    convert_again,
    convert_group,
    lines_name,
    plain_text,
    plan_groups,
    settle,
)
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions
from include.domain.table_schema import TableSchema
from tests.corpus.compare import is_same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.domain.column_types import ColumnType

__all__ = ["Converted", "InMemory", "Split", "checked", "converted", "converted_in_groups", "is_same", "travelled"]


@dataclass(frozen=True)
class Split:
    """How a conversion is divided among tasks and threads, and what it begins with."""

    group_bytes: int
    part_bytes: int
    threads: int
    hint: TableSchema


@dataclass(frozen=True)
class InMemory:
    """A byte source in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def open_range(self, start: int, end: int) -> BinaryIO:
        return io.BytesIO(self.data[start:end])


@dataclass(frozen=True)
class Converted:
    """What became of a file that was accepted by the check."""

    report: CheckReport
    conversion: Conversion
    rows: list[dict[str, Any]]
    lines: list[Any]
    schema: pa.Schema | None


def checked(
    text: str | bytes,
    *,
    filename: str = "data.csv",
    options: ReadingOptions = DEFAULT_OPTIONS,
    block_bytes: int = 1024,
    into: Path | None = None,
) -> CheckReport:
    """The check of a text, and proof that its report travels."""
    data = text.encode() if isinstance(text, str) else text
    report = check(InMemory(data), filename=filename, options=options, block_bytes=block_bytes, into=into)
    assert CheckReport.from_json(report.to_json()) == report
    return report


def converted(
    text: str | bytes,
    *,
    filename: str = "data.csv",
    options: ReadingOptions = DEFAULT_OPTIONS,
    block_bytes: int = 1024,
    part_bytes: int = 4096,
    target: Mapping[str, ColumnType] | None = None,
    evidence: TableSchema | None = None,
) -> Converted:
    """Check and convert a text, and read the parts back."""
    data = text.encode() if isinstance(text, str) else text
    with tempfile.TemporaryDirectory() as folder:
        out, scratch = Path(folder) / "out", Path(folder)
        report = checked(data, filename=filename, options=options, block_bytes=block_bytes, into=scratch)
        assert not report.refused, [finding.code for finding in report.findings]
        source = plain_text(InMemory(data), report, into=scratch)
        conversion = convert(source, report, target=target, evidence=evidence, out=out, part_bytes=part_bytes)
        return _read_back(report, conversion, out)


def converted_in_groups(
    text: str | bytes,
    split: Split,
    *,
    filename: str = "data.csv",
    block_bytes: int = 1024,
    evidence: TableSchema | None = None,
) -> Converted:
    """The same by the steps that run in tasks of their own; what they hand on travels as JSON."""
    data = text.encode() if isinstance(text, str) else text
    report = checked(data, filename=filename, block_bytes=block_bytes)
    wanted = Wanted(evidence or TableSchema())
    groups = plan_groups(report, group_bytes=split.group_bytes, part_bytes=split.part_bytes)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        results = []
        for group in groups:
            assert Group.from_json(travelled(group.to_json())) == group
            result = convert_group(
                InMemory(data), report, group, wanted=wanted, hint=split.hint, out=out, threads=split.threads
            )
            results.append(GroupResult.from_json(travelled(result.to_json())))
            assert results[-1] == result
        settled = settle(report, results, wanted=wanted)
        again = [part for group in groups for part in group.parts if part.number in settled.again]
        types = settled.conversion.written
        convert_again(InMemory(data), report, again, types, out=out, threads=split.threads)
        if not types:
            for path in out.iterdir():
                path.unlink()  # of a hint that saw values where there are none
        return _read_back(report, settled.conversion, out)


def travelled(document: dict[str, Any]) -> dict[str, Any]:
    """A document after its way through JSON."""
    arrived: dict[str, Any] = json.loads(json.dumps(document))
    return arrived


def _read_back(report: CheckReport, conversion: Conversion, out: Path) -> Converted:
    assert Conversion.from_json(travelled(conversion.to_json())) == conversion
    tables = [pq.read_table(out / part) for part in conversion.parts]
    lines = [line for part in conversion.parts for line in pq.read_table(out / lines_name(part))[":line"].to_pylist()]
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*conversion.parts, *map(lines_name, conversion.parts)]
    )
    assert len({table.schema for table in tables}) <= 1
    rows = [row for table in tables for row in table.to_pylist()]
    return Converted(report, conversion, rows, lines, tables[0].schema if tables else None)
