"""Reviewed files: what people decide by pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from include.domain.reading_options import ReadingOptions


class ReviewedOptions(Protocol):
    """How the files of single tables are read, by a reviewed file."""

    def of(self, database: str, table: str) -> ReadingOptions | None:
        """The options of a table (short database name), or None if the file says nothing of it; Terminal if broken."""
        ...


class ReviewedOwners(Protocol):
    """Tables that belong to somebody else than who made them, and who alone may add to some, by a reviewed file."""

    def of(self, database: str, table: str) -> str | None:
        """The address of a table's owner (short database name), or None without an entry; Terminal if broken."""
        ...

    def restricted_to(self, database: str, table: str) -> tuple[str, ...] | None:
        """The only people who may add to a table, `landing` for files dropped by hand; None if anybody may."""
        ...


class Users(Protocol):
    """The reviewed list of people who may sign in."""

    def knows(self, email: str) -> bool:
        """Whether this address (case-insensitive) is on the list now."""
        ...
