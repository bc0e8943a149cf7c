"""What the check of any format hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.conversion.report import Range, Reading
    from include.domain.findings import Finding


@dataclass(frozen=True)
class Checked:
    """What the records of a file are; the fields mean what they mean in a `CheckReport`."""

    rows: int
    columns: tuple[str, ...]
    ranges: tuple[Range, ...]
    findings: tuple[Finding, ...]
    reading: Reading
