"""Reads tables with one engine, in the readers' own environment: read_with.py READER REQUEST ANSWER.

REQUEST is JSON: for each table its database, name, Glue columns, and partitions with their timestamp, their location
and a folder with copies of their files. ANSWER has for each table its rows: lists of tagged cells, the partition last.
Endpoint and credentials come by boto3's environment variables.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.readers.glue_types import read_type, tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Table = dict[str, Any]


def with_awswrangler(tables: list[Table]) -> Iterator[list[list[Any]]]:
    """Glue is asked for columns and partitions, S3 for the files."""
    import awswrangler as wr

    wr.config.s3_endpoint_url = wr.config.glue_endpoint_url = os.environ["AWS_ENDPOINT_URL"]
    for table in tables:
        types = wr.catalog.get_table_types(table["database"], table["name"])
        assert list(types.items()) == [*map(tuple, table["columns"]), ("extraction_timestamp", "string")]
        rows: list[list[Any]] = []
        for location, (timestamp,) in wr.catalog.get_partitions(table["database"], table["name"]).items():
            frame = wr.s3.read_parquet(location, dtype_backend="pyarrow")
            present = {name: frame[name].array._pa_array.to_pylist() for name in frame.columns}
            rows += _rows(table, present, len(frame), timestamp)
        yield rows


def with_pyarrow(tables: list[Table]) -> Iterator[list[list[Any]]]:
    """A dataset of a partition's files."""
    import pyarrow.dataset as ds

    for table in tables:
        rows: list[list[Any]] = []
        for partition in table["partitions"]:
            found = ds.dataset(partition["folder"], format="parquet").to_table()
            present = {name: found[name].to_pylist() for name in found.column_names}
            rows += _rows(table, present, found.num_rows, partition["timestamp"])
        yield rows


def with_duckdb(tables: list[Table]) -> Iterator[list[list[Any]]]:
    """All files of a table at once, joined by the names of their columns, the partition from their path."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in tables:
        files = [str(file) for each in table["partitions"] for file in sorted(Path(each["folder"]).iterdir())]
        source = "read_parquet(?, union_by_name = true, hive_partitioning = true, hive_types_autocast = false)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}", [files])  # noqa: S608  its own names
        present = {name for name, *_ in described.fetchall()}
        cells = [
            f'CAST("{name}" AS {_duckdb_type(read_type(kind))})' if name in present else "NULL"
            for name, kind in table["columns"]
        ]
        query = f"SELECT {', '.join(cells)}, extraction_timestamp FROM {source}"  # noqa: S608  the same
        yield [_tagged_row(table, row) for row in connection.execute(query, [files]).fetchall()]


def with_spark(tables: list[Table]) -> Iterator[list[list[Any]]]:
    """Each partition read with the Glue columns as its schema, the partition added."""
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import col, lit

    options = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    for table in tables:
        ddl = ", ".join(f"`{name}` {kind}" for name, kind in table["columns"])
        frames = [
            session.read.schema(ddl).parquet(each["folder"]).withColumn("extraction_timestamp", lit(each["timestamp"]))
            for each in table["partitions"]
        ]
        whole = frames[0]
        for frame in frames[1:]:
            whole = whole.unionAll(frame)
        # To Python's own datetime it makes only these of the first day that there is.
        naive = {name: col(name).cast("timestamp_ntz") for name, kind in table["columns"] if kind == "timestamp"}
        whole = whole.withColumns(naive) if naive else whole
        yield [_tagged_row(table, tuple(row)) for row in whole.collect()]
    session.stop()


def _rows(table: Table, present: dict[str, list[Any]], count: int, timestamp: str) -> Iterator[list[Any]]:
    for at in range(count):
        row = [present[name][at] if name in present else None for name, _ in table["columns"]]
        yield _tagged_row(table, (*row, timestamp))


def _tagged_row(table: Table, row: tuple[Any, ...]) -> list[Any]:
    *cells, timestamp = row
    kinds = [read_type(kind) for _, kind in table["columns"]]
    return [*(tagged(cell, kind) for cell, kind in zip(cells, kinds, strict=True)), timestamp]


def _duckdb_type(kind: Any) -> str:
    if isinstance(kind, tuple) and kind[0] == "array":
        return f"{_duckdb_type(kind[1])}[]"
    if isinstance(kind, tuple):
        return "STRUCT(" + ", ".join(f'"{name}" {_duckdb_type(inner)}' for name, inner in kind[1].items()) + ")"
    return {"string": "VARCHAR"}.get(kind, str(kind).upper())


READERS: dict[str, Callable[[list[Table]], Iterator[list[list[Any]]]]] = {
    "awswrangler": with_awswrangler,
    "pyarrow": with_pyarrow,
    "duckdb": with_duckdb,
    "spark": with_spark,
}


def main(reader: str, request: str, answer: str) -> None:
    """Read what is asked for."""
    tables = json.loads(Path(request).read_text(encoding="utf-8"))
    found = {table["name"]: rows for table, rows in zip(tables, READERS[reader](tables), strict=True)}
    Path(answer).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
