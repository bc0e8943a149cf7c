"""pyarrow: its streaming CSV reader into a Parquet writer; JSON Lines through memory."""

from __future__ import annotations

import sys

import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from bench.runners.arguments import CannotDo, Work, run


def convert(work: Work) -> None:
    """Batch by batch, as types of the first block."""
    if work.format == "json":
        raise CannotDo("it reads no JSON arrays")
    if work.format == "jsonl":
        pq.write_table(pyarrow.json.read_json(str(work.file)), work.parquet, compression="zstd")
        return
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    with (
        pyarrow.csv.open_csv(str(work.file), parse_options=parse) as reader,
        pq.ParquetWriter(work.parquet, reader.schema, compression="zstd") as writer,
    ):
        for batch in reader:
            writer.write_batch(batch)


if __name__ == "__main__":
    sys.exit(run(convert))
