"""Glue's own words for our tables and partitions: Parquet, partitioned by extraction_timestamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.partition_key import COLUMN
from include.ports import CataloguePartition, CatalogueTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_glue.type_defs import (
        PartitionInputTypeDef,
        PartitionTypeDef,
        StorageDescriptorOutputTypeDef,
        StorageDescriptorTypeDef,
        TableInputTypeDef,
        TableTypeDef,
    )

# What Athena and awswrangler write for Parquet. They say how a table is stored, so they are not among the
# parameters that the ports speak of.
STORAGE_PARAMETERS = {"EXTERNAL": "TRUE", "classification": "parquet"}
TABLE_TYPE = "EXTERNAL_TABLE"
INPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


def table_input(table: CatalogueTable) -> TableInputTypeDef:
    """The whole TableInput: what an update leaves out, Glue erases."""
    return {
        "Name": table.name,
        "Description": table.description,
        "TableType": TABLE_TYPE,
        "Parameters": {**table.parameters, **STORAGE_PARAMETERS},
        "PartitionKeys": [{"Name": COLUMN, "Type": "string"}],
        "StorageDescriptor": _storage(table.location, table.columns, comments=table.comments),
    }


def partition_input(partition: CataloguePartition) -> PartitionInputTypeDef:
    """The whole PartitionInput, with the partition's own columns."""
    return {
        "Values": [partition.extraction_timestamp],
        "Parameters": {**partition.parameters, "classification": "parquet"},
        "StorageDescriptor": _storage(partition.location, partition.columns),
    }


def read_table(entry: TableTypeDef, *, database: str) -> CatalogueTable:
    """A table as Glue answered it; one that others made (a view, say) may have no columns or location."""
    storage = entry.get("StorageDescriptor", {})
    return CatalogueTable(
        database=database,
        name=entry["Name"],
        location=storage.get("Location", ""),
        columns=_columns(storage),
        parameters=_ours(entry.get("Parameters", {})),
        description=entry.get("Description", ""),
        comments={column["Name"]: column["Comment"] for column in storage.get("Columns", ()) if column.get("Comment")},
        version=entry.get("VersionId"),
        stored_otherwise=_is_otherwise(storage, entry.get("Parameters", {}))
        or entry.get("TableType") != TABLE_TYPE
        or [(key["Name"], key.get("Type")) for key in entry.get("PartitionKeys", ())] != [(COLUMN, "string")],
    )


def read_partition(entry: PartitionTypeDef) -> CataloguePartition:
    """A partition as Glue answered it."""
    storage = entry.get("StorageDescriptor", {})
    return CataloguePartition(
        extraction_timestamp=entry["Values"][0],
        location=storage.get("Location", ""),
        columns=_columns(storage),
        parameters=_ours(entry.get("Parameters", {})),
        created_at=entry.get("CreationTime"),
        stored_otherwise=_is_otherwise(storage, entry.get("Parameters", {})),
    )


def _storage(
    location: str, columns: tuple[tuple[str, str], ...], *, comments: Mapping[str, str] | None = None
) -> StorageDescriptorTypeDef:
    described = comments or {}
    return {
        "Columns": [
            {"Name": name, "Type": kind, "Comment": described[name]}
            if name in described
            else {"Name": name, "Type": kind}
            for name, kind in columns
        ],
        "Location": location,
        "InputFormat": INPUT_FORMAT,
        "OutputFormat": OUTPUT_FORMAT,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": SERDE, "Parameters": {"serialization.format": "1"}},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": {"classification": "parquet"},
        "StoredAsSubDirectories": False,
    }


def _is_otherwise(storage: StorageDescriptorOutputTypeDef, parameters: Mapping[str, str]) -> bool:
    """Whether engines would not read it as the Parquet that it is."""
    said = (
        storage.get("InputFormat"),
        storage.get("OutputFormat"),
        storage.get("SerdeInfo", {}).get("SerializationLibrary"),
    )
    return said != (INPUT_FORMAT, OUTPUT_FORMAT, SERDE) or parameters.get("classification", "parquet") != "parquet"


def _columns(storage: StorageDescriptorOutputTypeDef) -> tuple[tuple[str, str], ...]:
    return tuple((column["Name"], column.get("Type", "")) for column in storage.get("Columns", ()))


def _ours(parameters: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if STORAGE_PARAMETERS.get(name) != value}
