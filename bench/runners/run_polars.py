"""Polars: its streaming engine into Parquet; a JSON array, which it cannot stream, through memory."""

from __future__ import annotations

import sys

import polars as pl

from bench.runners.arguments import Work, run


def convert(work: Work) -> None:
    """Scan and sink."""
    if work.format == "json":
        pl.read_json(work.file).write_parquet(work.parquet, compression="zstd")
        return
    frame = pl.scan_csv(work.file, try_parse_dates=True) if work.format == "csv" else pl.scan_ndjson(work.file)
    frame.sink_parquet(work.parquet, compression="zstd")


if __name__ == "__main__":
    sys.exit(run(convert))
