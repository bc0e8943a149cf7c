"""A Glue Data Catalog in memory, with the compare-and-set and the conflicts that the port promises."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from include.ports import CataloguePartition, CatalogueTable


TYPE_MAX = 131_072  # https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html


def _expect_types_fit(columns: Iterable[tuple[str, str]]) -> None:
    if any(len(kind) > TYPE_MAX for _, kind in columns):
        raise Terminal("A column's type is too long.", code="aws_error")


@dataclass
class MemoryCatalogue:
    """A Catalogue. Versions of a table count from "0"."""

    databases: dict[str, dict[str, str]] = field(default_factory=dict)
    tables: dict[tuple[str, str], CatalogueTable] = field(default_factory=dict)
    entries: dict[tuple[str, str], dict[str, CataloguePartition]] = field(default_factory=dict)

    def database_parameters(self, database: str) -> dict[str, str] | None:
        return self.databases.get(database)

    def create_database(self, database: str, *, description: str, parameters: dict[str, str]) -> None:
        assert description is not None
        if database in self.databases:
            raise Conflict(f"The database {database} exists.", code="database_exists")
        self.databases[database] = dict(parameters)

    def database_names(self, prefix: str) -> Iterator[str]:
        yield from sorted(name for name in self.databases if name.startswith(prefix))

    def tables_of(self, database: str) -> Iterator[CatalogueTable]:
        yield from [table for (holder, _), table in sorted(self.tables.items()) if holder == database]

    def table(self, database: str, table: str) -> CatalogueTable | None:
        return self.tables.get((database, table))

    def create_table(self, table: CatalogueTable) -> None:
        _expect_types_fit(table.columns)
        where = (table.database, table.name)
        if table.database not in self.databases:
            raise NotFound(f"There is no database {table.database}.", code="database_not_found")
        if where in self.tables:
            raise Conflict(f"The table {table.name} exists.", code="table_exists")
        self.tables[where] = replace(table, version="0")
        self.entries[where] = {}

    def update_table(self, table: CatalogueTable) -> None:
        _expect_types_fit(table.columns)
        where = (table.database, table.name)
        current = self.tables.get(where)
        if current is None or current.version != table.version:
            raise Conflict(f"The table {table.name} has changed.", code="table_changed")
        self.tables[where] = replace(table, version=str(int(current.version or "0") + 1))

    def delete_table(self, database: str, table: str) -> None:
        self.tables.pop((database, table), None)
        self.entries.pop((database, table), None)

    def partition(self, database: str, table: str, extraction_timestamp: str) -> CataloguePartition | None:
        return self.entries.get((database, table), {}).get(extraction_timestamp)

    def partitions(self, database: str, table: str) -> Iterator[CataloguePartition]:
        yield from self.entries.get((database, table), {}).values()

    def create_partition(self, database: str, table: str, partition: CataloguePartition) -> None:
        _expect_types_fit(partition.columns)
        held = self._held(database, table)
        if partition.extraction_timestamp in held:
            raise Conflict(f"The partition {partition.extraction_timestamp} exists.", code="partition_exists")
        held[partition.extraction_timestamp] = partition

    def update_partitions(self, database: str, table: str, partitions: Sequence[CataloguePartition]) -> None:
        held = self._held(database, table)
        for partition in partitions:
            _expect_types_fit(partition.columns)
            if partition.extraction_timestamp not in held:
                raise NotFound(f"There is no partition {partition.extraction_timestamp}.", code="partition_not_found")
            held[partition.extraction_timestamp] = partition

    def delete_partitions(self, database: str, table: str, timestamps: Sequence[str]) -> None:
        for timestamp in timestamps:
            self.entries.get((database, table), {}).pop(timestamp, None)

    def _held(self, database: str, table: str) -> dict[str, CataloguePartition]:
        if (database, table) not in self.entries:
            raise NotFound(f"There is no table {table}.", code="table_not_found")
        return self.entries[database, table]
