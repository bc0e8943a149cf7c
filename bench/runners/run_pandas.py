"""pandas in chunks, with Arrow-backed columns so that whole numbers with gaps stay whole."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.runners.arguments import Work, run

if TYPE_CHECKING:
    from collections.abc import Iterable

CSV_ROWS = 250_000
JSON_ROWS = 100_000


def convert(work: Work) -> None:
    """Every chunk as the types of the first one."""
    writer: pq.ParquetWriter | None = None
    schema = pa.schema([])
    for chunk in _chunks(work):
        table = pa.Table.from_pandas(chunk, preserve_index=False)
        if writer is None:
            schema = table.schema
            writer = pq.ParquetWriter(work.parquet, schema, compression="zstd")
        writer.write_table(table.cast(schema))
    if writer is not None:
        writer.close()


def _chunks(work: Work) -> Iterable[pd.DataFrame]:
    if work.format == "csv":
        return pd.read_csv(work.file, chunksize=CSV_ROWS, dtype_backend="pyarrow")
    if work.format == "jsonl":
        return pd.read_json(work.file, lines=True, chunksize=JSON_ROWS, dtype_backend="pyarrow")
    return [pd.read_json(work.file, dtype_backend="pyarrow")]


if __name__ == "__main__":
    sys.exit(run(convert))
