"""The catalogue: databases, tables and partitions as Glue has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CatalogueTable:
    """A table as Glue has it. `columns` are (name, Glue type) without the partition key; names are Glue's full ones.

    `comments` are what people wrote of single columns, by name. `stored_otherwise` is set of one that was read: Glue
    says it is not Parquet, or not partitioned as ours are; whoever writes it puts that right.
    """

    database: str
    name: str
    location: str
    columns: tuple[tuple[str, str], ...]
    parameters: dict[str, str] = field(default_factory=dict)
    description: str = ""
    comments: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    stored_otherwise: bool = False


@dataclass(frozen=True, kw_only=True)
class CataloguePartition:
    """A partition as Glue has it: its own files' columns, its folder, its parameters; stored as a table may be."""

    extraction_timestamp: str
    location: str
    columns: tuple[tuple[str, str], ...]
    parameters: dict[str, str] = field(default_factory=dict)
    created_at: datetime | None = field(default=None, compare=False)  # as the catalogue says; it is never written
    stored_otherwise: bool = False


class Catalogue(Protocol):
    """A Glue Data Catalog. Databases and tables made here carry the parameter `data_uploader=<env>`."""

    def database_parameters(self, database: str) -> dict[str, str] | None:
        """The database's parameters, or None if there is no such database."""
        ...

    def create_database(self, database: str, *, description: str, parameters: dict[str, str]) -> None:
        """Create; Conflict when it exists."""
        ...

    def database_names(self, prefix: str) -> Iterator[str]:
        """The names of all databases that begin with `prefix`, whoever made them."""
        ...

    def tables_of(self, database: str) -> Iterator[CatalogueTable]:
        """All tables of a database, whoever made them; none when there is no such database."""
        ...

    def table(self, database: str, table: str) -> CatalogueTable | None:
        """The table with its version, or None."""
        ...

    def create_table(self, table: CatalogueTable) -> None:
        """Create; Conflict (code `table_exists`) when it exists."""
        ...

    def update_table(self, table: CatalogueTable) -> None:
        """Replace columns, parameters and description if `table.version` is still current, else Conflict."""
        ...

    def delete_table(self, database: str, table: str) -> None:
        """Delete with all its partitions; one that is not there is deleted already."""
        ...

    def partition(self, database: str, table: str, extraction_timestamp: str) -> CataloguePartition | None:
        """One partition, or None."""
        ...

    def partitions(self, database: str, table: str) -> Iterator[CataloguePartition]:
        """All partitions, all pages."""
        ...

    def create_partition(self, database: str, table: str, partition: CataloguePartition) -> None:
        """Register; Conflict (code `partition_exists`) when one is registered under that timestamp."""
        ...

    def update_partitions(self, database: str, table: str, partitions: Sequence[CataloguePartition]) -> None:
        """Replace registered partitions, by the hundred."""
        ...

    def delete_partitions(self, database: str, table: str, timestamps: Sequence[str]) -> None:
        """Unregister; one that is not there is unregistered already."""
        ...
