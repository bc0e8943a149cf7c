"""A bucket and a table to try requests on, and requests as a browser sends them."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from include.adapters.aws_clients import signing_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

    from tests.strict_aws.server import StrictAws


@pytest.fixture
def bucket(s3: S3Client) -> S3Client:
    """A client of S3 in which there is an empty bucket `data`."""
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return s3


@pytest.fixture
def signing(aws: StrictAws, bucket: S3Client) -> S3Client:
    """The client that presigns, as the service's own."""
    assert bucket
    client: S3Client = aws.client("s3", config=signing_config(aws.endpoint_url))
    return client


@pytest.fixture
def catalogue(glue: GlueClient) -> GlueClient:
    """A client of Glue in which there is a table `db.visits` with one column."""
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(DatabaseName="db", TableInput=table_input(("id", "bigint")))
    return glue


def table_input(*columns: tuple[str, str], **more: Any) -> Any:
    """What describes the table `visits`."""
    return {
        "Name": "visits",
        "PartitionKeys": [{"Name": "extraction_timestamp", "Type": "string"}],
        "StorageDescriptor": {"Columns": [{"Name": name, "Type": kind} for name, kind in columns]},
        **more,
    }


def values(number: int) -> list[str]:
    """The value of partition so and so."""
    return [f"20260131T{number:06d}Z"]


def refused(call: Callable[[], object]) -> str:
    """The code of the error that a call ends in."""
    return refused_with(call)[0]


def refused_with(call: Callable[[], object]) -> tuple[str, int]:
    """Code and HTTP status of the error that a call ends in."""
    with pytest.raises(ClientError) as error:
        call()
    answer: Any = error.value.response
    return str(answer["Error"]["Code"]), int(answer["ResponseMetadata"]["HTTPStatusCode"])


@dataclass(frozen=True)
class Answered:
    """What a browser is answered."""

    status: int
    headers: Message
    body: bytes


def sent_whole(
    url: str, *, method: str = "PUT", headers: dict[str, str] | None = None, data: bytes | None = b"abc"
) -> Answered:
    """The answer to a request to a URL, as a browser sends it."""
    typed = {"Content-Type": "text/csv"} if data else {}
    request = urllib.request.Request(url, data=data, method=method, headers={**typed, **(headers or {})})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return Answered(int(answer.status), answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answered(error.code, error.headers, error.read())


def sent(url: str, *, method: str = "PUT", headers: dict[str, str] | None = None) -> int:
    """The status of a request to a URL with a CSV file."""
    return sent_whole(url, method=method, headers=headers).status
