"""Reviewed files in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.domain.reading_options import ReadingOptions


@dataclass
class ReviewedTables:
    """`ReviewedOptions` that a test fills."""

    tables: dict[tuple[str, str], ReadingOptions] = field(default_factory=dict)

    def of(self, database: str, table: str) -> ReadingOptions | None:
        return self.tables.get((database, table))


@dataclass
class ReviewedPeople:
    """`ReviewedOwners` that a test fills."""

    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    restricted: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def of(self, database: str, table: str) -> str | None:
        return self.owners.get((database, table))

    def restricted_to(self, database: str, table: str) -> tuple[str, ...] | None:
        return self.restricted.get((database, table))
