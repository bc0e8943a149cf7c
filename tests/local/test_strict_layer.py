"""The strict layer before the local AWS: what MiniStack allows or counts otherwise, and AWS does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.accounts import UPLOADER
from tests.local.test_local_aws import CURATED, LANDING, a_partition, a_table, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.conftest import LocalAws


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def glue(local_aws: LocalAws, request: pytest.FixtureRequest) -> tuple[Any, dict[str, Any]]:
    """A client of Glue, and where the test's own empty table is."""
    client = local_aws.client("glue", UPLOADER)
    database = f"strict_{request.node.name[:40]}"
    client.create_database(DatabaseInput={"Name": database})
    client.create_table(DatabaseName=database, TableInput=a_table("t", f"s3://{CURATED}/curated/{database}/t"))
    return client, {"DatabaseName": database, "TableName": "t"}


def test_versions_count_from_zero_and_a_stale_one_is_refused(glue: tuple[Any, dict[str, Any]]) -> None:
    client, place = glue
    database = place["DatabaseName"]
    table = a_table("t", f"s3://{CURATED}/curated/{database}/t")
    assert client.get_table(DatabaseName=database, Name="t")["Table"]["VersionId"] == "0"

    client.update_table(DatabaseName=database, TableInput=table, VersionId="0")

    assert client.get_table(DatabaseName=database, Name="T")["Table"]["VersionId"] == "1"
    code = refused(lambda: client.update_table(DatabaseName=database, TableInput=table, VersionId="0"))
    assert code == "ConcurrentModificationException"


def test_partitions_come_in_pages_and_batches_have_limits(glue: tuple[Any, dict[str, Any]]) -> None:
    client, place = glue
    partitions = [a_partition(f"20260101T{number:06}Z", f"s3://{CURATED}/x") for number in range(101)]
    code = refused(lambda: client.batch_create_partition(**place, PartitionInputList=partitions))
    assert code == "ValidationException"

    client.batch_create_partition(**place, PartitionInputList=partitions[:100])
    client.create_partition(**place, PartitionInput=partitions[100])

    assert len(client.get_partitions(**place)["Partitions"]) == 100
    pages = client.get_paginator("get_partitions").paginate(**place)
    assert sum(len(page["Partitions"]) for page in pages) == 101


def test_partitions_are_deleted_in_batches(glue: tuple[Any, dict[str, Any]]) -> None:
    client, place = glue
    client.create_partition(**place, PartitionInput=a_partition("20260101T000000Z", f"s3://{CURATED}/x"))

    values = [{"Values": ["20260101T000000Z"]}, {"Values": ["20260102T000000Z"]}]
    answer = client.batch_delete_partition(**place, PartitionsToDelete=values)

    assert [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]] == ["EntityNotFoundException"]
    assert client.get_partitions(**place)["Partitions"] == []


def test_a_browser_of_another_origin_is_refused(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3", UPLOADER)
    url = s3.generate_presigned_url("put_object", Params={"Bucket": LANDING, "Key": "landing/other.csv"})
    asking = {"Origin": "http://elsewhere.example.org", "Access-Control-Request-Method": "PUT"}

    status, headers = sent(url, method="OPTIONS", headers=asking)

    assert (status, headers["Access-Control-Allow-Origin"]) == (403, None)


def test_a_presigned_url_is_good_at_the_server_behind_the_layer_too(local_aws: LocalAws) -> None:
    # Host goes on as it came: it is part of what was signed.
    s3 = local_aws.client("s3", UPLOADER)
    url = s3.generate_presigned_url("put_object", Params={"Bucket": LANDING, "Key": "landing/signed.csv"})
    host = local_aws.url.removeprefix("http://")
    behind = url.replace(local_aws.url, local_aws.own_url)

    assert sent(behind, data=b"1", headers={"Host": host, "Content-Type": "text/csv"})[0] == 200
    assert (
        sent(behind.replace("signed", "other"), data=b"1", headers={"Host": host, "Content-Type": "text/csv"})[0] == 403
    )


def test_a_large_object_goes_through_and_comes_back(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3", UPLOADER)
    content = bytes(range(256)) * (80 * 1024)
    s3.put_object(Bucket=CURATED, Key="curated/large", Body=content)

    assert s3.get_object(Bucket=CURATED, Key="curated/large")["Body"].read() == content
    part = s3.get_object(Bucket=CURATED, Key="curated/large", Range="bytes=1000000-1000009")
    assert part["Body"].read() == content[1_000_000:1_000_010]
    assert part["ContentRange"] == f"bytes 1000000-1000009/{len(content)}"
