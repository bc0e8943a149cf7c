"""The catalogue on Glue: which requests each call of the port becomes, and what Glue's refusals mean."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from include.adapters.aws_errors import PASSING, code_of, from_client_error, from_code, translated
from include.adapters.glue_entries import partition_input, read_partition, read_table, table_input
from include.domain.errors import Conflict, NotFound, Terminal, UploaderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import (
        BatchUpdatePartitionRequestEntryTypeDef,
        ErrorDetailTypeDef,
        PartitionValueListTypeDef,
    )

    from include.ports import CataloguePartition, CatalogueTable

UPDATE_BATCH = 100  # Glue's limit on the entries of one BatchUpdatePartition
DELETE_BATCH = 25  # Glue's limit on the partitions of one BatchDeletePartition

_MISSING = "EntityNotFoundException"
_EXISTS = "AlreadyExistsException"
_STALE = frozenset({"ConcurrentModificationException", "VersionMismatchException"})


@dataclass(frozen=True)
class GlueCatalogue:
    """A Glue Data Catalog, through one client: one account, one region."""

    client: GlueClient

    def database_parameters(self, database: str) -> dict[str, str] | None:
        """The database's parameters, or None if there is no such database."""
        with _asking(f"glue:GetDatabase {database}"):
            try:
                found = self.client.get_database(Name=database)["Database"]
            except self.client.exceptions.EntityNotFoundException:
                return None
        return dict(found.get("Parameters", {}))

    def create_database(self, database: str, *, description: str, parameters: dict[str, str]) -> None:
        """Create; Conflict when it exists."""
        exists = Conflict(
            f"The database {database} exists already.", code="database_exists", title="Database exists already"
        )
        with _asking(f"glue:CreateDatabase {database}", {_EXISTS: exists}):
            self.client.create_database(
                DatabaseInput={"Name": database, "Description": description, "Parameters": parameters}
            )

    def database_names(self, prefix: str) -> Iterator[str]:
        """The names of all databases that begin with `prefix`, whoever made them."""
        with _asking("glue:GetDatabases"):
            for page in self.client.get_paginator("get_databases").paginate():
                yield from (found["Name"] for found in page["DatabaseList"] if found["Name"].startswith(prefix))

    def tables_of(self, database: str) -> Iterator[CatalogueTable]:
        """All tables of a database, whoever made them; none when there is no such database."""
        with _asking(f"glue:GetTables {database}"):
            try:
                for page in self.client.get_paginator("get_tables").paginate(DatabaseName=database):
                    yield from (read_table(found, database=database) for found in page["TableList"])
            except self.client.exceptions.EntityNotFoundException:
                return

    def table(self, database: str, table: str) -> CatalogueTable | None:
        """The table with its version, or None."""
        with _asking(f"glue:GetTable {database}.{table}"):
            try:
                found = self.client.get_table(DatabaseName=database, Name=table)["Table"]
            except self.client.exceptions.EntityNotFoundException:
                return None
        return read_table(found, database=database)

    def create_table(self, table: CatalogueTable) -> None:
        """Create; Conflict (code `table_exists`) when it exists."""
        name = f"{table.database}.{table.name}"
        meanings = {
            _EXISTS: Conflict(f"The table {name} exists already.", code="table_exists", title="Table exists already"),
            _MISSING: NotFound(f"There is no database {table.database} in Glue.", code="database_not_found"),
        }
        with _asking(f"glue:CreateTable {name}", meanings):
            self.client.create_table(DatabaseName=table.database, TableInput=table_input(table))

    def update_table(self, table: CatalogueTable) -> None:
        """Replace columns, parameters and description if `table.version` is still current, else Conflict."""
        name = f"{table.database}.{table.name}"
        if table.version is None:
            raise Terminal(f"{name} can only be changed with the version it was read at.", code="version_missing")
        changed = Conflict(
            f"The table {name} was changed by another upload meanwhile. It is read and changed again.",
            code="table_changed",
            title="The table was changed meanwhile",
        )
        with _asking(f"glue:UpdateTable {name}", {_MISSING: _no_table(name), **dict.fromkeys(_STALE, changed)}):
            self.client.update_table(
                DatabaseName=table.database,
                TableInput=table_input(table),
                VersionId=table.version,
                SkipArchive=True,
            )

    def delete_table(self, database: str, table: str) -> None:
        """Delete with all its partitions; one that is not there is deleted already."""
        with _asking(f"glue:DeleteTable {database}.{table}"), suppress(self.client.exceptions.EntityNotFoundException):
            self.client.delete_table(DatabaseName=database, Name=table)

    def partition(self, database: str, table: str, extraction_timestamp: str) -> CataloguePartition | None:
        """One partition, or None."""
        with _asking(f"glue:GetPartition {database}.{table} {extraction_timestamp}"):
            try:
                found = self.client.get_partition(
                    DatabaseName=database, TableName=table, PartitionValues=[extraction_timestamp]
                )["Partition"]
            except self.client.exceptions.EntityNotFoundException:
                return None
        return read_partition(found)

    def partitions(self, database: str, table: str) -> Iterator[CataloguePartition]:
        """All partitions, all pages; NotFound when there is no such table."""
        name = f"{database}.{table}"
        pages = self.client.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
        with _asking(f"glue:GetPartitions {name}", {_MISSING: _no_table(name)}):
            for page in pages:
                yield from map(read_partition, page["Partitions"])

    def create_partition(self, database: str, table: str, partition: CataloguePartition) -> None:
        """Register; Conflict (code `partition_exists`) when one is registered under that timestamp."""
        name = f"{database}.{table}"
        exists = Conflict(
            f"{name} has a partition {partition.extraction_timestamp} already.",
            code="partition_exists",
            title="Partition exists already",
        )
        with _asking(f"glue:CreatePartition {name}", {_EXISTS: exists, _MISSING: _no_table(name)}):
            self.client.create_partition(
                DatabaseName=database, TableName=table, PartitionInput=partition_input(partition)
            )

    def update_partitions(self, database: str, table: str, partitions: Sequence[CataloguePartition]) -> None:
        """Replace registered partitions, by the hundred; NotFound when one is not registered."""
        name = f"{database}.{table}"
        what = f"glue:BatchUpdatePartition {name}"
        for start in range(0, len(partitions), UPDATE_BATCH):
            entries: list[BatchUpdatePartitionRequestEntryTypeDef] = [
                {"PartitionValueList": [partition.extraction_timestamp], "PartitionInput": partition_input(partition)}
                for partition in partitions[start : start + UPDATE_BATCH]
            ]
            with _asking(what, {_MISSING: _no_table(name)}):
                answer = self.client.batch_update_partition(DatabaseName=database, TableName=table, Entries=entries)
            _raise_worst([error.get("ErrorDetail", {}) for error in answer.get("Errors", ())], what=what)

    def delete_partitions(self, database: str, table: str, timestamps: Sequence[str]) -> None:
        """Unregister, by 25; one that is not there is unregistered already."""
        name = f"{database}.{table}"
        if len(timestamps) == 1:  # a request that every Glue knows, the local one too
            with _asking(f"glue:DeletePartition {name}"), suppress(self.client.exceptions.EntityNotFoundException):
                self.client.delete_partition(DatabaseName=database, TableName=table, PartitionValues=[*timestamps])
            return
        what = f"glue:BatchDeletePartition {name}"
        for start in range(0, len(timestamps), DELETE_BATCH):
            values: list[PartitionValueListTypeDef] = [
                {"Values": [timestamp]} for timestamp in timestamps[start : start + DELETE_BATCH]
            ]
            with _asking(what):
                try:
                    answer = self.client.batch_delete_partition(
                        DatabaseName=database, TableName=table, PartitionsToDelete=values
                    )
                except self.client.exceptions.EntityNotFoundException:
                    return  # no such table, so none of its partitions
            errors = [error.get("ErrorDetail", {}) for error in answer.get("Errors", ())]
            _raise_worst([error for error in errors if error.get("ErrorCode") != _MISSING], what=what)


@contextmanager
def _asking(what: str, meanings: Mapping[str, UploaderError] | None = None) -> Iterator[None]:
    """Raise the error that one of Glue's codes means for this request; any other one as everywhere."""
    with translated(what):
        try:
            yield
        except ClientError as error:
            code = code_of(error)
            if meanings and code in meanings:
                raise meanings[code] from error
            raise from_client_error(error, what=what) from error


def _no_table(name: str) -> NotFound:
    return NotFound(f"There is no table {name} in Glue.", code="table_not_found", title="No such table")


def _raise_worst(errors: Sequence[ErrorDetailTypeDef], *, what: str) -> None:
    """Raise for the entries of a batch that Glue refused; what passes only when nothing else went wrong."""
    if not errors:
        return
    worst = min(errors, key=lambda error: error.get("ErrorCode", "") in PASSING)
    code = worst.get("ErrorCode", "")
    if code == _MISSING:
        raise NotFound(
            f"{len(errors)} partitions of {what.partition(' ')[2]} are not registered.", code="partition_not_found"
        )
    raise from_code(code, what=f"{what} ({len(errors)} entries)")
