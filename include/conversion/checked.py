"""What the check of any format hands back, and how it counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.conversion.report import Range, Reading
    from include.domain.findings import Finding

MAX_RECORD_BYTES = 128 * 1024**2
"""A record must fit into memory a few times over."""

MAX_COLUMNS = 10_000
"""Beyond, a file is a matrix or has been split by the wrong character, and no engine reads a table of it with ease."""


@dataclass(frozen=True)
class Checked:
    """What the records of a file are; the fields mean what they mean in a `CheckReport`."""

    rows: int
    columns: tuple[str, ...]
    ranges: tuple[Range, ...]
    findings: tuple[Finding, ...]
    reading: Reading


@dataclass
class Lines:
    """A count of something, with the physical lines of the first of it."""

    total: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, lines: Iterable[int], *, total: int) -> None:
        """Count `total` more, which are in these lines."""
        self.total += total
        for line in lines:
            if len(self.lines) >= MAX_LISTED:
                return
            if line not in self.lines:
                self.lines.append(int(line))
