"""What was published into tables, as their readers look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from include.domain.column_history import Publication
    from include.domain.findings import Finding
    from include.domain.governance import Classification, Document
    from include.domain.upload import Upload


@dataclass(frozen=True)
class PublishedDatabase:
    """A database (short name) with at least one published upload."""

    database: str
    tables: int
    last_published_at: datetime


@dataclass(frozen=True, kw_only=True)
class ConfirmedGovernance:
    """What was confirmed of some published uploads, and of how many, in which tables; None for "not recorded"."""

    document: Document | None
    reference: str
    classification: Classification | None
    tables: tuple[str, ...]
    uploads: int


class PublicationLedger(Protocol):
    """The ledger's published uploads, by database (short name) and table."""

    def databases(self, wanted: Collection[str]) -> tuple[PublishedDatabase, ...]:
        """Those of these databases that have a published upload, sorted by name."""
        ...

    def live_page(self, database: str, table: str, *, before: str | None = None, limit: int) -> tuple[Upload, ...]:
        """The published uploads of a table, newest partition first; only those older than the partition `before`."""
        ...

    def publications(self, database: str, table: str) -> tuple[Publication, ...]:
        """What was ever published into a table, withdrawn since or not, in order.

        Long after a change of columns one upload stands for those that follow it with the same ones (`more`).
        """
        ...

    def findings(self, upload_ids: Collection[str]) -> dict[str, tuple[Finding, ...]]:
        """What was found in these uploads, by id."""
        ...

    def governance(self, database: str, *, table: str | None = None) -> tuple[ConfirmedGovernance, ...]:
        """What was confirmed of the published uploads of a database or one of its tables, the most frequent first."""
        ...
