"""Validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from include.domain.findings import Finding


class Validation(Protocol):
    """Runs the Great Expectations suite of a table over staged Parquet."""

    def validate(
        self, parts: Sequence[Path], *, lines: Sequence[Path], database: str, table: str, header: Sequence[str]
    ) -> tuple[Finding, ...]:
        """What the suite finds in local Parquet files `parts`; `lines` are their line-number sidecars."""
        ...
