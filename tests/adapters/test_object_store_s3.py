"""What only S3 can do to an object store: pages, parts, denials, broken connections, costs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from include.adapters.aws_clients import client_config
from include.adapters.object_store_s3 import S3ObjectStore
from include.domain.errors import Conflict, NotFound, Terminal, Transient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from include.ports import StoredObject
    from tests.strict_aws.server import StrictAws

MIB = 1024 * 1024
AREA = "s3://data"

pytestmark = pytest.mark.aws


@pytest.fixture
def client(s3: S3Client) -> S3Client:
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return s3


@pytest.fixture
def objects(client: S3Client) -> S3ObjectStore:
    return S3ObjectStore(client)


@pytest.fixture
def in_parts(client: S3Client) -> S3ObjectStore:
    """A store for which 6 MiB is too large for one copy."""
    return S3ObjectStore(client, single_copy_max=6 * MIB, part_size=5 * MIB)


def put(objects: S3ObjectStore, key: str, content: bytes) -> StoredObject:
    objects.write(f"{AREA}/{key}", content)
    stored = objects.head(f"{AREA}/{key}")
    assert stored is not None
    return stored


def counted(aws: StrictAws, *operations: str) -> Sequence[int]:
    return [aws.requests["s3", operation] for operation in operations]


def test_a_listing_reads_every_page(objects: S3ObjectStore, aws: StrictAws) -> None:
    keys = [f"{AREA}/many/{number:02d}" for number in range(21)]
    for uri in keys:
        objects.write(uri, b"")
    aws.list_page = 10

    assert [stored.uri for stored in objects.list(f"{AREA}/many/")] == keys
    assert counted(aws, "ListObjectsV2") == [3]


def test_deleting_takes_a_thousand_at_a_time(objects: S3ObjectStore, aws: StrictAws) -> None:
    objects.delete(f"{AREA}/many/{number}" for number in range(2001))

    assert counted(aws, "DeleteObjects") == [3]


def test_reading_a_file_costs_one_request(objects: S3ObjectStore, aws: StrictAws) -> None:
    stored = put(objects, "raw", os.urandom(3 * MIB))
    aws.requests.clear()

    with objects.file(stored).open() as stream:
        while stream.read(100_000):
            pass

    assert dict(aws.requests) == {("s3", "GetObject"): 1}


def test_a_stream_that_nobody_reads_costs_nothing(objects: S3ObjectStore, aws: StrictAws) -> None:
    stored = put(objects, "raw", b"abc")
    aws.requests.clear()

    objects.file(stored).open().close()

    assert not aws.requests


def test_a_broken_connection_is_taken_up_where_it_broke(objects: S3ObjectStore, aws: StrictAws) -> None:
    content = os.urandom(3 * MIB)
    stored = put(objects, "raw", content)
    aws.faults.cut("GetObject", after=MIB, times=2)

    assert objects.file(stored).open().read() == content
    assert counted(aws, "GetObject") == [3]


def test_a_range_is_taken_up_where_it_broke(objects: S3ObjectStore, aws: StrictAws) -> None:
    content = os.urandom(3 * MIB)
    stored = put(objects, "raw", content)
    aws.faults.cut("GetObject", after=1000)

    assert objects.file(stored).open_range(500, 2 * MIB).read() == content[500 : 2 * MIB]


def test_a_connection_that_always_breaks_is_tried_again_later(objects: S3ObjectStore, aws: StrictAws) -> None:
    stored = put(objects, "raw", os.urandom(MIB))
    aws.faults.cut("GetObject", after=0, times=99)

    with pytest.raises(Transient) as failure:
        objects.file(stored).open().read()

    assert failure.value.code == "aws_unreachable"


def test_an_object_that_changes_while_it_is_read_is_a_conflict(objects: S3ObjectStore, aws: StrictAws) -> None:
    stored = put(objects, "raw", os.urandom(3 * MIB))
    aws.faults.cut("GetObject", after=MIB)
    stream = objects.file(stored).open()
    stream.read(10)
    objects.write(stored.uri, os.urandom(3 * MIB))

    with pytest.raises(Conflict):
        stream.read()


def test_an_object_that_is_removed_before_it_is_read_is_not_found(objects: S3ObjectStore) -> None:
    stored = put(objects, "raw", b"abc")
    objects.delete([stored.uri])

    with pytest.raises(NotFound):
        objects.file(stored).open().read()


def test_a_fetch_that_fails_leaves_no_file(objects: S3ObjectStore, aws: StrictAws, tmp_path: Path) -> None:
    stored = put(objects, "raw", os.urandom(MIB))
    aws.faults.cut("GetObject", after=1000, times=1)
    aws.faults.refuse("GetObject", "AccessDenied", status=403)

    with pytest.raises(Terminal):
        objects.fetch(stored.uri, tmp_path / "file")

    assert list(tmp_path.iterdir()) == []


def test_a_large_file_is_sent_in_parts(objects: S3ObjectStore, aws: StrictAws, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(MIB) * 65)
    aws.requests.clear()

    sent = objects.send(path, f"{AREA}/large")

    assert sent.size == 65 * MIB
    assert counted(aws, "UploadPart", "CompleteMultipartUpload", "PutObject") == [2, 1, 0]


def test_a_small_copy_costs_a_look_and_a_copy(objects: S3ObjectStore, aws: StrictAws) -> None:
    source = put(objects, "landing/raw", b"abc")
    aws.requests.clear()

    copied = objects.copy(source, f"{AREA}/history/raw")

    assert dict(aws.requests) == {("s3", "HeadObject"): 1, ("s3", "CopyObject"): 1}
    assert copied == objects.head(copied.uri)


def test_a_copy_that_is_there_already_costs_a_look(objects: S3ObjectStore, aws: StrictAws) -> None:
    source = put(objects, "landing/raw", b"abc")
    objects.copy(source, f"{AREA}/history/raw")
    aws.requests.clear()

    objects.copy(source, f"{AREA}/history/raw")

    assert dict(aws.requests) == {("s3", "HeadObject"): 1}


def test_what_is_too_large_for_one_copy_is_copied_in_parts(in_parts: S3ObjectStore, aws: StrictAws) -> None:
    content = os.urandom(11 * MIB)
    source = put(in_parts, "landing/raw", content)
    aws.copy_max = 6 * MIB  # as if it were AWS's 5 GB: a copy at once would be refused
    aws.requests.clear()

    copied = in_parts.copy(source, f"{AREA}/history/raw")

    assert copied.size == source.size
    assert in_parts.read(copied.uri) == content
    assert counted(aws, "UploadPartCopy", "CompleteMultipartUpload", "CopyObject") == [3, 1, 0]


def test_a_copy_made_in_parts_is_known_again(in_parts: S3ObjectStore, aws: StrictAws) -> None:
    source = put(in_parts, "landing/raw", os.urandom(11 * MIB))
    first = in_parts.copy(source, f"{AREA}/history/raw")
    aws.requests.clear()

    assert in_parts.copy(source, f"{AREA}/history/raw") == first
    assert dict(aws.requests) == {("s3", "HeadObject"): 1}


def test_a_copy_in_parts_of_what_changed_is_a_conflict_and_leaves_nothing(
    in_parts: S3ObjectStore, client: S3Client
) -> None:
    source = put(in_parts, "landing/raw", os.urandom(11 * MIB))
    in_parts.write(source.uri, os.urandom(11 * MIB))

    with pytest.raises(Conflict):
        in_parts.copy(source, f"{AREA}/history/raw")

    assert in_parts.head(f"{AREA}/history/raw") is None
    assert "Uploads" not in client.list_multipart_uploads(Bucket="data")


def test_another_account_copies_what_it_may_read(objects: S3ObjectStore, aws: StrictAws) -> None:
    source = put(objects, "curated/part-0.parquet", b"PAR1")
    platform = aws.client("s3", account="222222222222", config=client_config())
    platform.create_bucket(Bucket="platform", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    copied = S3ObjectStore(platform).copy(source, "s3://platform/part-0.parquet")

    assert S3ObjectStore(platform).read(copied.uri) == b"PAR1"


@pytest.mark.parametrize("operation", ["ListObjectsV2", "HeadObject", "GetObject", "PutObject", "DeleteObjects"])
def test_a_denial_is_an_error_that_names_operation_and_place(
    objects: S3ObjectStore, aws: StrictAws, operation: str
) -> None:
    put(objects, "raw", b"abc")
    aws.faults.refuse(operation, "AccessDenied", status=403)
    calls: dict[str, Callable[[], object]] = {
        "ListObjectsV2": lambda: list(objects.list(f"{AREA}/")),
        "HeadObject": lambda: objects.head(f"{AREA}/raw"),
        "GetObject": lambda: objects.read(f"{AREA}/raw"),
        "PutObject": lambda: objects.write(f"{AREA}/raw", b"abc"),
        "DeleteObjects": lambda: objects.delete([f"{AREA}/raw"]),
    }

    with pytest.raises(Terminal) as denied:
        calls[operation]()

    assert denied.value.code == "access_denied"
    assert "data" in denied.value.detail
    assert "s3:" in denied.value.detail


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500), ("RequestTimeout", 400)])
def test_a_store_that_is_busy_is_tried_again_later(aws: StrictAws, code: str, status: int) -> None:
    at_once = client_config().merge(Config(retries={"total_max_attempts": 1}))
    aws.faults.refuse("GetObject", code, status=status, times=9)

    with pytest.raises(Transient):
        S3ObjectStore(aws.client("s3", config=at_once)).read(f"{AREA}/raw")


def test_a_store_that_is_busy_for_a_moment_is_not_noticed(objects: S3ObjectStore, aws: StrictAws) -> None:
    put(objects, "raw", b"abc")
    aws.faults.refuse("GetObject", "SlowDown", status=503)

    assert objects.read(f"{AREA}/raw") == b"abc"


def test_a_store_that_nobody_answers_for_is_tried_again_later() -> None:
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=client_config().merge(Config(retries={"total_max_attempts": 1})),
    )

    with pytest.raises(Transient) as failure:
        S3ObjectStore(client).read(f"{AREA}/raw")

    assert failure.value.code == "aws_unreachable"


def test_a_bucket_that_is_not_there_is_an_error_not_an_empty_listing(objects: S3ObjectStore) -> None:
    with pytest.raises(Terminal):
        list(objects.list("s3://no-such-bucket/"))


def test_an_address_that_is_not_of_s3_is_an_error(objects: S3ObjectStore) -> None:
    with pytest.raises(Terminal) as failure:
        objects.head("/tmp/file")  # noqa: S108 - the point is that it is a path

    assert failure.value.code == "bad_uri"
