"""awswrangler, which reads and writes S3 only: chunks from an object into a dataset."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import awswrangler as wr
import boto3

from bench.runners.arguments import Work, run

if TYPE_CHECKING:
    from collections.abc import Iterable

CSV_ROWS = 250_000
JSON_ROWS = 100_000


def convert(work: Work) -> None:
    """Append every chunk to the dataset."""
    wr.config.s3_endpoint_url = work.endpoint
    session = boto3.Session(aws_access_key_id="bench", aws_secret_access_key="bench", region_name="eu-west-1")  # noqa: S106  # the local endpoint asks for none
    for chunk in _chunks(work, session):
        wr.s3.to_parquet(
            chunk, path="s3://bench/out/", dataset=True, mode="append", compression="zstd", boto3_session=session
        )


def _chunks(work: Work, session: boto3.Session) -> Iterable[Any]:
    path = f"s3://bench/{work.file.name}"
    chunks: Iterable[Any]
    if work.format == "csv":
        chunks = wr.s3.read_csv(path, chunksize=CSV_ROWS, boto3_session=session)
    elif work.format == "jsonl":
        chunks = wr.s3.read_json(path, lines=True, chunksize=JSON_ROWS, boto3_session=session)
    else:
        chunks = [wr.s3.read_json(path, boto3_session=session)]
    return chunks


if __name__ == "__main__":
    sys.exit(run(convert))
