"""This engine over an object in S3, read by range as the service reads it."""

from __future__ import annotations

import sys

import boto3

from bench.runners.arguments import CannotDo, Work, run
from include.adapters.aws_clients import client_config
from include.adapters.object_store_s3 import S3ObjectStore
from include.conversion import check, convert


def convert_object(work: Work) -> None:
    """Check and convert, pinned to the object's ETag."""
    client = boto3.client(
        "s3",
        endpoint_url=work.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",  # noqa: S106  # the local endpoint asks for none
        config=client_config(),
    )
    store = S3ObjectStore(client)
    stored = store.head(f"s3://bench/{work.file.name}")
    if stored is None:
        raise CannotDo("there is no such object")
    source = store.file(stored)
    report = check(source, filename=work.file.name)
    if report.refused:
        raise CannotDo(f"refused: {', '.join(found.code for found in report.findings)}")
    convert(source, report, out=work.out)
    for sidecar in work.out.glob("lines-*.parquet"):
        sidecar.unlink()


if __name__ == "__main__":
    sys.exit(run(convert_object))
