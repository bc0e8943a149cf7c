"""`python -m local.athena_query SQL`: asks the local Athena, as boto3 would AWS's own, and prints the rows as CSV."""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from typing import TYPE_CHECKING

import boto3

from include.settings import Settings
from local.accounts import ANALYTICAL_PLATFORM, UPLOADER, Account
from local.environment import REGION
from local.places import Places
from local.private_files import read_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_athena import AthenaClient


class QueryFailed(RuntimeError):
    """Athena's own reason."""


def client(endpoint_url: str, account: Account) -> AthenaClient:
    """An Athena client of one account on the local AWS."""
    return boto3.client(
        "athena",
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
    )


def rows(athena: AthenaClient, sql: str, *, results: str) -> Iterator[list[str]]:
    """The header and the rows of an answer, NULL as the empty text; `results` is where Athena keeps it."""
    query = athena.start_query_execution(QueryString=sql, ResultConfiguration={"OutputLocation": results})
    execution = query["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.1)
    if status["State"] != "SUCCEEDED":
        raise QueryFailed(status.get("StateChangeReason", status["State"]))
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution):
        for row in page["ResultSet"]["Rows"]:
            yield [cell.get("VarCharValue", "") for cell in row["Data"]]


def main() -> int:
    """Run the query that was asked; 1 if Athena refuses it, 2 if no service runs here."""
    parser = argparse.ArgumentParser(prog="python -m local.athena_query", description=__doc__)
    parser.add_argument("sql")
    parser.add_argument(
        "--analytical-platform", action="store_true", help="ask the Analytical Platform's account, not the uploader's"
    )
    arguments = parser.parse_args()
    local = read_private(Places.of(os.environ).description)
    if not local:
        sys.stderr.write("No service runs here. Start it with `make run`.\n")
        return 2
    settings = Settings()
    platform = arguments.analytical_platform
    account = ANALYTICAL_PLATFORM if platform else UPLOADER
    area = settings.analytical_platform_uri if platform else settings.staging_uri
    try:
        answer = rows(client(local["aws_endpoint_url"], account), arguments.sql, results=f"{area}/athena-results/")
        csv.writer(sys.stdout, lineterminator="\n").writerows(answer)
    except QueryFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
