"""DuckDB: its sniffer's default sample, the whole file as the sample, or the latter in one thread."""

from __future__ import annotations

import sys

import duckdb

from bench.runners.arguments import Work, run

OPTIONS = {"": "", "exact": ", sample_size = -1", "serial": ", sample_size = -1, parallel = false"}


def convert(work: Work) -> None:
    """One COPY from reader to Parquet."""
    options = OPTIONS[work.variant]
    reader = {
        "csv": f"read_csv($file{options})",
        "jsonl": f"read_json($file, format = 'newline_delimited'{options})",
        "json": f"read_json($file, format = 'array'{options})",
    }[work.format]
    copy = f"COPY (SELECT * FROM {reader}) TO '{work.parquet}' (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608  # a table function cannot be a parameter
    duckdb.connect().execute(copy, {"file": str(work.file)})


if __name__ == "__main__":
    sys.exit(run(convert))
