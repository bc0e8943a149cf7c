"""Read a table with awswrangler, through Glue, into one file: run by the readers' own environment.

Usage: read_table.py DATABASE TABLE OUT; endpoint and credentials by boto3's environment variables. OUT is JSON Lines:
first the Glue columns, then the rows as text, ordered by partition, NULL as null.
"""

import json
import os
import sys
from pathlib import Path

import awswrangler as wr
import pandas as pd


def as_text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def main(database: str, table: str, out: str) -> None:
    wr.config.s3_endpoint_url = wr.config.glue_endpoint_url = os.environ["AWS_ENDPOINT_URL"]
    columns = wr.catalog.get_table_types(database, table)
    names = [name for name in columns if name != "extraction_timestamp"]
    with Path(out).open("w", encoding="utf-8") as file:
        file.write(json.dumps(columns) + "\n")
        for location, (timestamp,) in sorted(
            wr.catalog.get_partitions(database, table).items(), key=lambda one: one[1]
        ):
            frame = wr.s3.read_parquet(location, dtype_backend="pyarrow", pyarrow_additional_kwargs={})
            for name in set(names) - set(frame.columns):
                frame[name] = None
            rows = frame[names].itertuples(index=False, name=None)
            file.writelines(json.dumps([timestamp, *map(as_text, row)]) + "\n" for row in rows)


main(*sys.argv[1:])
