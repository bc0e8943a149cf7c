"""What every object store keeps to: the one in memory that use cases are tested with, and the one on S3."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from include.adapters.aws_clients import client_config
from include.adapters.object_store_s3 import S3ObjectStore
from include.domain.errors import Conflict, NotFound
from tests.fakes.objects import MemoryObjects

if TYPE_CHECKING:
    from pathlib import Path

    from botocore.config import Config

    from include.ports import ObjectStore
    from tests.strict_aws.server import StrictAws

# MINISTACK_URL names a running MiniStack, the local AWS of `make run`, to hold to the same contract.
MINISTACK_URL = os.environ.get("MINISTACK_URL")
KINDS = ("memory", "s3", *(("ministack",) if MINISTACK_URL else ()))


def ministack_client(service: str, *, config: Config | None = None) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=MINISTACK_URL,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config or client_config(),
    )


@pytest.fixture
def bucket() -> str:
    return f"contract-{uuid4().hex[:12]}"


@pytest.fixture
def area(bucket: str) -> str:
    return f"s3://{bucket}"


@pytest.fixture(params=KINDS)
def objects(request: pytest.FixtureRequest, bucket: str) -> ObjectStore:
    if request.param == "memory":
        return MemoryObjects()
    if request.param == "ministack":
        client = ministack_client("s3")
    else:
        aws: StrictAws = request.getfixturevalue("aws")
        client = aws.client("s3", config=client_config())
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return S3ObjectStore(client)


def test_what_is_written_is_read_back(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/a/manifest.json", b'{"rows": 3}')

    assert objects.read(f"{area}/a/manifest.json") == b'{"rows": 3}'


def test_writing_replaces_what_was_there(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/a", b"old")
    objects.write(f"{area}/a", b"new", content_type="text/plain")

    assert objects.read(f"{area}/a") == b"new"


def test_an_object_is_described_by_address_size_etag_and_time(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/folder/name.csv", b"a\n1\n")

    stored = objects.head(f"{area}/folder/name.csv")

    assert stored is not None
    assert (stored.uri, stored.name, stored.size) == (f"{area}/folder/name.csv", "name.csv", 4)
    assert stored.etag == "34ff2335cbe2045ddc3b78993d1e971d"
    assert stored.last_modified.tzinfo is not None


def test_an_object_that_is_not_there_has_no_description(objects: ObjectStore, area: str) -> None:
    assert objects.head(f"{area}/nothing") is None


def test_reading_what_is_not_there_is_not_found(objects: ObjectStore, area: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as read:
        objects.read(f"{area}/nothing")
    with pytest.raises(NotFound) as fetched:
        objects.fetch(f"{area}/nothing", tmp_path / "file")

    assert read.value.code == fetched.value.code == "object_not_found"
    assert list(tmp_path.iterdir()) == []


def test_a_listing_has_all_that_begins_with_the_prefix_and_nothing_else(objects: ObjectStore, area: str) -> None:
    for key in ("in/b.csv", "in/a.csv", "in/deep/c d+é.csv", "other/a.csv", "inn.csv"):
        objects.write(f"{area}/{key}", key.encode())

    listed = list(objects.list(f"{area}/in/"))

    assert [stored.uri for stored in listed] == [
        f"{area}/in/a.csv",
        f"{area}/in/b.csv",
        f"{area}/in/deep/c d+é.csv",
    ]
    assert [stored.size for stored in listed] == [8, 8, 18]


def test_a_listing_describes_objects_as_head_does(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/in/a.csv", b"a\n1\n")

    (listed,) = objects.list(f"{area}/in/")
    head = objects.head(listed.uri)

    assert head is not None
    assert (listed.uri, listed.size, listed.etag) == (head.uri, head.size, head.etag)


def test_a_listing_of_nothing_is_empty(objects: ObjectStore, area: str) -> None:
    assert list(objects.list(f"{area}/nothing/")) == []


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_a_file_streams_its_bytes_as_often_as_it_is_opened(
    objects: ObjectStore, area: str, tmp_path: Path, size: int
) -> None:
    content = os.urandom(size)
    (tmp_path / "file").write_bytes(content)
    file = objects.file(objects.send(tmp_path / "file", f"{area}/raw.csv"))

    for _ in range(2):
        with file.open() as stream:
            assert stream.read() == content
    assert file.size == size


def test_a_range_of_a_file_begins_with_its_start_and_ends_before_its_end(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/raw", b"0123456789")
    stored = objects.head(f"{area}/raw")
    assert stored is not None
    file = objects.file(stored)

    assert file.open_range(0, 4).read() == b"0123"
    assert file.open_range(4, 10).read() == b"456789"
    assert file.open_range(7, 7).read() == b""
    assert file.open_range(8, 99).read() == b"89"


def test_a_stream_can_be_read_line_by_line(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/raw", b"a,b\n1,2\n3,4")
    stored = objects.head(f"{area}/raw")
    assert stored is not None

    assert list(objects.file(stored).open()) == [b"a,b\n", b"1,2\n", b"3,4"]


def test_a_file_that_changed_after_it_was_seen_is_a_conflict(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/raw", b"claimed")
    stored = objects.head(f"{area}/raw")
    assert stored is not None
    objects.write(f"{area}/raw", b"another")

    with pytest.raises(Conflict) as whole:
        objects.file(stored).open().read()
    with pytest.raises(Conflict) as part:
        objects.file(stored).open_range(2, 4).read()

    assert whole.value.code == part.value.code == "object_changed"


def test_a_local_file_is_sent_and_fetched(objects: ObjectStore, area: str, tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"PAR1")

    sent = objects.send(tmp_path / "here", f"{area}/part-0.parquet")
    objects.fetch(sent.uri, tmp_path / "there")

    assert (sent.uri, sent.size) == (f"{area}/part-0.parquet", 4)
    assert (tmp_path / "there").read_bytes() == b"PAR1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "there"]


def test_a_copy_has_the_bytes_of_its_source(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/landing/raw", b"a\n1\n")
    source = objects.head(f"{area}/landing/raw")
    assert source is not None

    copied = objects.copy(source, f"{area}/history/raw")

    assert (copied.uri, copied.size) == (f"{area}/history/raw", 4)
    assert objects.read(f"{area}/history/raw") == b"a\n1\n"


def test_copying_again_changes_nothing(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/landing/raw", b"a\n1\n")
    source = objects.head(f"{area}/landing/raw")
    assert source is not None

    first = objects.copy(source, f"{area}/history/raw")
    second = objects.copy(source, f"{area}/history/raw")

    assert (first.uri, first.size, first.etag) == (second.uri, second.size, second.etag)


def test_a_copy_replaces_what_is_not_equal(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/history/raw", b"x\n9\n")
    objects.write(f"{area}/landing/raw", b"a\n1\n")
    source = objects.head(f"{area}/landing/raw")
    assert source is not None

    objects.copy(source, f"{area}/history/raw")

    assert objects.read(f"{area}/history/raw") == b"a\n1\n"


def test_a_copy_of_what_changed_is_a_conflict(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/landing/raw", b"claimed")
    source = objects.head(f"{area}/landing/raw")
    assert source is not None
    objects.write(f"{area}/landing/raw", b"another")

    with pytest.raises(Conflict) as conflict:
        objects.copy(source, f"{area}/history/raw")

    assert conflict.value.code == "object_changed"
    assert objects.head(f"{area}/history/raw") is None


def test_a_copy_and_its_source_have_the_same_checksums_of_the_same_content(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/staged", b"a\n1\n")
    staged = objects.head(f"{area}/staged")
    assert staged is not None
    source = objects.copy(staged, f"{area}/curated")
    copy = objects.copy(source, f"{area}/platform")
    ours, theirs = objects.checksums(source), objects.checksums(copy)
    shared = ours.keys() & theirs.keys()
    assert shared
    assert all(ours[name] == theirs[name] for name in shared)


def test_other_content_of_the_same_size_has_no_checksum_in_common(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/one", b"a\n1\n")
    objects.write(f"{area}/other", b"a\n2\n")
    one, other = objects.head(f"{area}/one"), objects.head(f"{area}/other")
    assert one is not None
    assert other is not None
    ours, theirs = objects.checksums(one), objects.checksums(other)
    assert ours.keys() & theirs.keys()
    assert not ours.items() & theirs.items()


def test_checksums_of_what_changed_or_is_gone_are_refused(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/one", b"claimed")
    stored = objects.head(f"{area}/one")
    assert stored is not None
    objects.write(f"{area}/one", b"another")
    with pytest.raises(Conflict):
        objects.checksums(stored)


def test_deleting_what_was_seen_spares_what_was_written_over_it(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/a", b"1")
    seen = objects.head(f"{area}/a")
    assert seen is not None
    objects.write(f"{area}/a", b"2")
    assert not objects.delete_unchanged(seen)
    assert objects.read(f"{area}/a") == b"2"

    now = objects.head(f"{area}/a")
    assert now is not None
    assert objects.delete_unchanged(now)
    assert objects.head(f"{area}/a") is None
    assert objects.delete_unchanged(now)


def test_deleting_takes_what_is_there_and_does_not_mind_what_is_not(objects: ObjectStore, area: str) -> None:
    objects.write(f"{area}/a", b"1")
    objects.write(f"{area}/b", b"2")

    objects.delete([f"{area}/a", f"{area}/nothing"])
    objects.delete([])

    assert [stored.uri for stored in objects.list(area)] == [f"{area}/b"]
