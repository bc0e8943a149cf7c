"""dlt: its filesystem source and readers into its filesystem destination."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "DATA_WRITER__COMPRESSION": "zstd",
}

import dlt
from dlt.sources.filesystem import filesystem, read_csv, read_jsonl

from bench.runners.arguments import Work, run

if TYPE_CHECKING:
    from collections.abc import Iterator


def convert(work: Work) -> None:
    """Extract, normalize, load. Nested values stay in the row; otherwise there would be several tables."""
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(work.out / ".dlt"),
        destination=dlt.destinations.filesystem(bucket_url=work.out.as_uri()),
        dataset_name="data",
    )
    pipeline.run(_resource(work), table_name="rows", loader_file_format="parquet", write_disposition="append")


def _resource(work: Work) -> object:
    files = filesystem(bucket_url=work.file.parent.as_uri(), file_glob=work.file.name)
    if work.format == "csv":
        return files | read_csv(chunksize=250_000)
    if work.format == "jsonl":
        lines = files | read_jsonl(chunksize=10_000)
        lines.max_table_nesting = 0
        return lines
    return dlt.resource(_array(work), name="rows", max_table_nesting=0)


def _array(work: Work) -> Iterator[list[object]]:
    with work.file.open(encoding="utf-8") as stream:
        yield json.load(stream)


if __name__ == "__main__":
    sys.exit(run(convert))
