"""What a browser's upload in presigned parts comes to, in memory and on S3."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
import pytest

from include.adapters.aws_clients import client_config, signing_config
from include.adapters.multipart_s3 import S3MultipartUploads
from include.adapters.object_store_s3 import S3ObjectStore
from include.domain.errors import NotFound, Refused, Terminal
from include.ports import Part
from tests.adapters.test_object_store import KINDS, MINISTACK_URL, ministack_client
from tests.fakes.front import to_sign
from tests.fakes.objects import MemoryMultipart, MemoryObjects, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from include.ports import MultipartUploads, ObjectStore, SignedPart
    from tests.strict_aws.server import StrictAws

MIB = 1024 * 1024


@dataclass
class Place:
    """A store, its multipart uploads, and a browser that puts a part to a URL and tells its ETag."""

    objects: ObjectStore
    multipart: MultipartUploads
    put: Callable[[SignedPart, bytes], str]
    uri: str


def put_over_http(signed: SignedPart, content: bytes) -> str:
    headers = {**signed.headers, "Content-Length": str(len(content)), "Content-Type": "text/csv"}
    request = urllib.request.Request(signed.url, data=content, method="PUT", headers=headers)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        return str(answer.headers["ETag"])


def on_s3(client: Any, signing: Any, bucket: str) -> Place:
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return Place(
        S3ObjectStore(client), S3MultipartUploads(client, signing=signing), put_over_http, f"s3://{bucket}/in/é x.csv"
    )


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Place:
    bucket = f"contract-{uuid4().hex[:12]}"
    if request.param == "memory":
        objects = MemoryObjects()
        memory = MemoryMultipart(objects)
        return Place(objects, memory, memory.put, "s3://landing/in/x.csv")
    if request.param == "ministack":
        return on_s3(ministack_client("s3"), ministack_client("s3", config=signing_config(MINISTACK_URL)), bucket)
    aws: StrictAws = request.getfixturevalue("aws")
    return on_s3(
        aws.client("s3", config=client_config()), aws.client("s3", config=signing_config(aws.endpoint_url)), bucket
    )


@pytest.fixture
def place_on_s3(aws: StrictAws) -> Place:
    return on_s3(
        aws.client("s3", config=client_config()), aws.client("s3", config=signing_config(aws.endpoint_url)), "landing"
    )


def send(place: Place, multipart_id: str, *contents: bytes) -> list[Part]:
    wanted = [to_sign(number, content) for number, content in enumerate(contents, start=1)]
    return [
        Part(signed.number, place.put(signed, content).strip('"'), sha256_of(content))
        for signed, content in zip(
            place.multipart.sign(place.uri, multipart_id, wanted, seconds=60), contents, strict=True
        )
    ]


def test_parts_are_joined_in_the_order_of_their_numbers(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    parts = send(place, multipart_id, b"a" * 5 * MIB, b"b" * 10)

    made = place.multipart.complete(place.uri, multipart_id, parts)

    assert (made.uri, made.size) == (place.uri, 5 * MIB + 10)
    assert place.objects.read(place.uri) == b"a" * 5 * MIB + b"b" * 10
    assert place.objects.head(place.uri) == made


def test_an_empty_file_is_one_part_of_no_bytes(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)

    made = place.multipart.complete(place.uri, multipart_id, send(place, multipart_id, b""))

    assert made.size == 0
    assert place.objects.read(place.uri) == b""


def test_nothing_is_there_before_it_is_complete(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    send(place, multipart_id, b"a")

    assert place.objects.head(place.uri) is None


def test_a_part_sent_again_counts_once(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    send(place, multipart_id, b"first")

    place.multipart.complete(place.uri, multipart_id, send(place, multipart_id, b"again"))

    assert place.objects.read(place.uri) == b"again"


def test_a_part_that_was_not_sent_is_refused(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    (part,) = send(place, multipart_id, b"a")

    with pytest.raises(Refused) as refused:
        place.multipart.complete(place.uri, multipart_id, [part, Part(2, part.etag, part.sha256)])

    assert (refused.value.code, refused.value.field) == ("bad_parts", "parts")


def test_a_wrong_etag_is_refused(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    send(place, multipart_id, b"a")

    with pytest.raises(Refused):
        place.multipart.complete(place.uri, multipart_id, [Part(1, "0" * 32, sha256_of(b"a"))])


@pytest.mark.parametrize("place", ["memory", "s3"], indirect=True)  # MiniStack completes it again
def test_an_upload_that_was_completed_is_not_known_any_more(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    parts = send(place, multipart_id, b"a")
    place.multipart.complete(place.uri, multipart_id, parts)

    with pytest.raises(NotFound):
        place.multipart.complete(place.uri, multipart_id, parts)


def test_an_upload_that_was_aborted_is_not_known_any_more(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    parts = send(place, multipart_id, b"a")

    place.multipart.abort(place.uri, multipart_id)
    place.multipart.abort(place.uri, multipart_id)

    with pytest.raises(NotFound):
        place.multipart.complete(place.uri, multipart_id, parts)
    assert place.objects.head(place.uri) is None


@pytest.mark.aws
def test_no_parts_are_refused_without_asking(place_on_s3: Place, aws: StrictAws) -> None:
    with pytest.raises(Refused):
        place_on_s3.multipart.complete(place_on_s3.uri, "any", [])

    assert aws.requests["s3", "CompleteMultipartUpload"] == 0


@pytest.mark.aws
def test_a_small_part_that_is_not_the_last_is_refused(place_on_s3: Place) -> None:
    multipart_id = place_on_s3.multipart.start(place_on_s3.uri)
    parts = send(place_on_s3, multipart_id, b"a", b"b")

    with pytest.raises(Refused) as refused:
        place_on_s3.multipart.complete(place_on_s3.uri, multipart_id, parts)

    assert "5 MiB" in refused.value.detail


@pytest.mark.aws
def test_a_url_is_of_no_use_after_its_time(place_on_s3: Place, aws: StrictAws) -> None:
    multipart_id = place_on_s3.multipart.start(place_on_s3.uri)
    (signed,) = place_on_s3.multipart.sign(place_on_s3.uri, multipart_id, [to_sign(1, b"a")], seconds=60)
    aws.seconds_later = 61

    with pytest.raises(urllib.error.HTTPError) as refused:
        place_on_s3.put(signed, b"a")

    assert refused.value.code == 403


@pytest.mark.aws
@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("partNumber=1", "partNumber=2"),
        ("x.csv", "y.csv"),
        ("/landing/in/", "/landing/out/"),
        ("uploadId=", "uploadId=x"),
    ],
)
def test_a_url_is_of_no_use_for_another_part_key_or_upload(place_on_s3: Place, said: str, instead: str) -> None:
    multipart_id = place_on_s3.multipart.start(place_on_s3.uri)
    (signed,) = place_on_s3.multipart.sign(place_on_s3.uri, multipart_id, [to_sign(1, b"a")], seconds=60)

    with pytest.raises(urllib.error.HTTPError) as refused:
        place_on_s3.put(replace(signed, url=signed.url.replace(said, instead)), b"a")

    assert refused.value.code == 403


@pytest.mark.aws
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"b", {}, 400),  # BadDigest: other bytes
        (b"b", {"x-amz-checksum-sha256": sha256_of(b"b")}, 403),  # SignatureDoesNotMatch: the header says so
        (b"ab", {}, 403),  # Content-Length is signed
        (b"", {}, 403),
    ],
)
def test_a_url_is_of_no_use_for_other_bytes(
    place_on_s3: Place, content: bytes, headers: dict[str, str], status: int
) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, X-Amz-SignedHeaders, and
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html, x-amz-checksum-sha256.
    multipart_id = place_on_s3.multipart.start(place_on_s3.uri)
    (signed,) = place_on_s3.multipart.sign(place_on_s3.uri, multipart_id, [to_sign(1, b"a")], seconds=60)

    with pytest.raises(urllib.error.HTTPError) as refused:
        place_on_s3.put(replace(signed, headers={**signed.headers, **headers}), content)

    assert refused.value.code == status
    assert list(place_on_s3.multipart.stored(place_on_s3.uri, multipart_id)) == []


def test_the_parts_that_are_there_are_listed_with_their_checksums(place: Place) -> None:
    multipart_id = place.multipart.start(place.uri)
    assert list(place.multipart.stored(place.uri, multipart_id)) == []
    parts = send(place, multipart_id, b"a", b"")

    stored = list(place.multipart.stored(place.uri, multipart_id))

    assert [(part.number, part.etag, part.sha256) for part in stored] == [
        (part.number, part.etag, part.sha256) for part in parts
    ]
    assert [part.size for part in stored] == [1, 0]
    place.multipart.abort(place.uri, multipart_id)
    with pytest.raises(NotFound):
        list(place.multipart.stored(place.uri, multipart_id))


@pytest.mark.aws
def test_all_pages_of_parts_are_listed(place_on_s3: Place, aws: StrictAws) -> None:
    aws.parts_page = 2
    multipart_id = place_on_s3.multipart.start(place_on_s3.uri)
    send(place_on_s3, multipart_id, b"a", b"b", b"c", b"d", b"e")

    assert [part.number for part in place_on_s3.multipart.stored(place_on_s3.uri, multipart_id)] == [1, 2, 3, 4, 5]
    assert aws.requests["s3", "ListParts"] == 3


@pytest.mark.aws
def test_the_checksum_of_parts_is_not_taken_for_that_of_the_content(place_on_s3: Place) -> None:
    multipart_id = place_on_s3.multipart.start(place_on_s3.uri)
    made = place_on_s3.multipart.complete(place_on_s3.uri, multipart_id, send(place_on_s3, multipart_id, b"a"))

    assert place_on_s3.objects.checksums(made) == {}
    copy = place_on_s3.objects.copy(made, place_on_s3.uri + ".copy")
    assert set(place_on_s3.objects.checksums(copy)) == {"CRC64NVME"}


@pytest.mark.aws
def test_signing_asks_nothing_of_s3(place_on_s3: Place, aws: StrictAws) -> None:
    aws.requests.clear()

    wanted = [to_sign(number, b"a") for number in range(1, 1001)]
    place_on_s3.multipart.sign(place_on_s3.uri, "any", wanted, seconds=60)

    assert not aws.requests


@pytest.mark.aws
def test_a_denied_upload_is_an_error(place_on_s3: Place, aws: StrictAws) -> None:
    aws.faults.refuse("CreateMultipartUpload", "AccessDenied", status=403)

    with pytest.raises(Terminal) as denied:
        place_on_s3.multipart.start(place_on_s3.uri)

    assert denied.value.code == "access_denied"


def signed_by(endpoint_url: str | None) -> str:
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        endpoint_url=endpoint_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=signing_config(endpoint_url),
    )
    uploads = S3MultipartUploads(client, signing=client)
    (signed,) = uploads.sign("s3://data-uploader-landing/in/x.csv", "id", [to_sign(1, b"a")], seconds=60)
    return signed.url


def test_urls_on_aws_name_bucket_and_region_in_the_host() -> None:
    # The host without a region answers with a redirect for a new bucket, which a browser's PUT does not follow.
    assert urlsplit(signed_by(None)).hostname == "data-uploader-landing.s3.eu-west-1.amazonaws.com"


def test_urls_on_another_endpoint_name_the_bucket_in_the_path() -> None:
    url = urlsplit(signed_by("https://s3.example.org"))

    assert (url.hostname, url.path) == ("s3.example.org", "/data-uploader-landing/in/x.csv")


def test_urls_are_signed_with_version_4() -> None:
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in signed_by(None)


def test_an_upload_under_way_is_pending_until_it_is_completed_or_aborted(place: Place) -> None:
    first, second = place.multipart.start(place.uri), place.multipart.start(place.uri + ".2")
    prefix = place.uri.rpartition("/")[0] + "/"
    pending = {found.multipart_id: found for found in place.multipart.pending(prefix)}
    assert {key: found.uri for key, found in pending.items()} == {first: place.uri, second: place.uri + ".2"}
    assert all(found.started_at.tzinfo is not None for found in pending.values())
    assert list(place.multipart.pending(prefix + "elsewhere/")) == []
    place.multipart.abort(place.uri, first)
    assert [found.multipart_id for found in place.multipart.pending(prefix)] == [second]
