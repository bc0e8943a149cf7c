"""From a checked file to typed Parquet in one process: the same steps that tasks take for a large file.

`plan_groups` divides the file, `sample_hint` looks at some of it, `convert_group` measures and writes, `settle` decides
the types, `convert_again` writes what came out otherwise. Each step's result travels as JSON, so each may run
elsewhere. The result never depends on where a file was split.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from include.conversion.convert_group import convert_again, convert_group
from include.conversion.groups import plan_groups
from include.conversion.hint import sample_hint
from include.conversion.settle import settle
from include.conversion.wanted import Wanted
from include.domain.errors import Terminal
from include.domain.table_schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from include.conversion.report import CheckReport, Conversion
    from include.conversion.source import ByteSource
    from include.domain import column_types as ct


def convert(
    source: ByteSource,
    report: CheckReport,
    *,
    target: Mapping[str, ct.ColumnType] | None = None,
    evidence: TableSchema | None = None,
    out: Path,
    part_bytes: int | None = None,
    threads: int | None = None,
) -> Conversion:
    """Write a checked file as typed Parquet into the folder `out`.

    Args:
        source: the same bytes that were checked.
        report: of a file that was not refused.
        target: exactly the types to write, in this order; columns the file lacks or has no value for are left out.
            None: the types that follow from the file's own evidence joined with `evidence`.
        evidence: the table's, whose columns come first in their order.
        out: folder; made if missing. Parts and sidecars of an earlier run are replaced.
        part_bytes: text in one part, about. None: what suits the file's size.
        threads: that work on a part each. None: as many as there are cores, within reason.

    Raises:
        Terminal: the report refuses the file (`file_refused`), the source is not what was checked
            (`source_changed`), or a value does not fit its target (`target_too_narrow`).
    """
    if report.refused:
        raise Terminal("A file that the check refused cannot be converted.", code="file_refused")
    _empty(out)
    wanted = Wanted(evidence or TableSchema(), target)
    (group,) = plan_groups(report, group_bytes=sys.maxsize, part_bytes=part_bytes)
    hint = sample_hint(source, report, threads=threads)
    result = convert_group(source, report, group, wanted=wanted, hint=hint, out=out, threads=threads)
    settled = settle(report, [result], wanted=wanted)
    again = [part for part in group.parts if part.number in settled.again]
    convert_again(source, report, again, settled.conversion.written, out=out, threads=threads)
    return settled.conversion


def _empty(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for pattern in ("part-*.parquet", "lines-*.parquet", ".*.unfinished"):
        for path in out.glob(pattern):
            path.unlink()
