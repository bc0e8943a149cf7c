"""How a file is divided for its conversion: into groups, each the work of one task, and the parts they write.

A part is a run of ranges in one Parquet file: the unit that is written, and written again. A group is a run of parts.
The division follows from the check's report and two sizes alone, so every process comes to the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from include.conversion.parts import part_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.conversion.report import CheckReport, Range

GROUP_BYTES = 1024**3
"""Text in one group: some ten seconds of work, beside which starting a task is little."""

MAX_GROUPS = 500
"""Airflow maps a task over no more than 1,024; a file too large for that has larger groups."""

PART_BYTES = 256 * 1024**2
"""Text in one part: large enough for whole row groups, small enough to be written again."""

SMALL_PART_BYTES = 32 * 1024**2
PARTS_AT_LEAST = 4  # in a group, so that as many threads have work; but none smaller than the above


@dataclass(frozen=True)
class Part:
    """Consecutive ranges that are written to one file.

    Attributes:
        number: from 0, in the order of rows over the whole file.
        first: index of its first range in the report.
        end: index after its last range.
    """

    number: int
    first: int
    end: int

    @property
    def name(self) -> str:
        """Name of its Parquet file, the same in whatever process it is written."""
        return part_name(self.number)

    def ranges(self, report: CheckReport) -> tuple[Range, ...]:
        """Its ranges."""
        return report.ranges[self.first : self.end]


@dataclass(frozen=True)
class Group:
    """Consecutive parts that are converted together.

    Attributes:
        number: from 0, in the order of rows.
        first_row: from 1.
        rows: how many there are in it.
        parts: in the order of rows; none only in a file without rows.
    """

    number: int
    first_row: int
    rows: int
    parts: tuple[Part, ...]

    @property
    def label(self) -> str:
        """What a person calls it, such as `rows 1 to 12,345,678`."""
        return f"rows {self.first_row:,} to {self.first_row + self.rows - 1:,}"

    def to_json(self) -> dict[str, Any]:
        """A small JSON object."""
        return {
            "number": self.number,
            "first_row": self.first_row,
            "rows": self.rows,
            "parts": [[part.number, part.first, part.end] for part in self.parts],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Group:
        """Read back what `to_json` wrote."""
        return cls(data["number"], data["first_row"], data["rows"], tuple(Part(*part) for part in data["parts"]))


def plan_groups(
    report: CheckReport, *, group_bytes: int = GROUP_BYTES, part_bytes: int | None = None
) -> tuple[Group, ...]:
    """Divide a checked file; at least one group, whatever it holds.

    Args:
        report: of a file that was not refused.
        group_bytes: text in one group, about; more when there would be more than `MAX_GROUPS`.
        part_bytes: text in one part, about. None: a quarter of the group within sensible bounds.
    """
    sizes = [each.end - each.start for each in report.ranges]
    groups: list[Group] = []
    number, first_row = 0, 1
    for first, end in _even_runs(sizes, max(group_bytes, -(-sum(sizes) // MAX_GROUPS))) or [(0, 0)]:
        mine = sizes[first:end]
        runs = _even_runs(mine, part_bytes or _part_bytes(sum(mine)))
        parts = tuple(Part(number + at, first + start, first + stop) for at, (start, stop) in enumerate(runs))
        rows = sum(each.rows for each in report.ranges[first:end])
        groups.append(Group(len(groups), first_row, rows, parts))
        number += len(parts)
        first_row += rows
    return tuple(groups)


def _part_bytes(group_bytes: int) -> int:
    return max(SMALL_PART_BYTES, min(PART_BYTES, -(-group_bytes // PARTS_AT_LEAST)))


def _even_runs(sizes: Sequence[int], wanted: int) -> list[tuple[int, int]]:
    """Cut into runs of about the same sum, as many as it takes of `wanted`: (first, end) of each, none empty."""
    if not sizes:
        return []
    total = sum(sizes)
    count = -(-total // wanted)
    before = [0]
    for size in sizes:
        before.append(before[-1] + size)
    # A size belongs to the run in which its middle lies.
    of_each = [(start + end) * count // (2 * total) for start, end in pairwise(before)]
    runs = [[at for at, _ in run] for _, run in groupby(enumerate(of_each), key=lambda pair: pair[1])]
    return [(run[0], run[-1] + 1) for run in runs]
