"""The server of large files behind the strict layer: it keeps what an upload brings, and the layer's rules hold."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from include.adapters.aws_clients import client_config, signing_config
from include.adapters.multipart_s3 import S3MultipartUploads
from include.adapters.object_store_s3 import S3ObjectStore
from include.domain.errors import NotFound
from include.ports import Part, PartToSign, SignedPart
from tests.strict_aws.on_disk import OnDisk
from tests.strict_aws.server import StrictAws, strict_aws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.aws

URI = "s3://data/landing/a b/é.csv"
ORIGIN = "https://uploader.example.org"
FIVE_MIB = 5 * 1024**2
FIRST, SECOND = b"a" * FIVE_MIB, b"the rest"


@dataclass(frozen=True)
class Place:
    """The service's own adapters before it."""

    aws: StrictAws
    multipart: S3MultipartUploads
    objects: S3ObjectStore
    folder: Path

    def sign(self, multipart_id: str, *contents: bytes) -> tuple[SignedPart, ...]:
        parts = [PartToSign(number, len(content), sha256(content)) for number, content in enumerate(contents, start=1)]
        return self.multipart.sign(URI, multipart_id, parts, seconds=60)

    def upload(self, multipart_id: str, *contents: bytes) -> list[Part]:
        signed = self.sign(multipart_id, *contents)
        # The last one first: they come in any order.
        pairs = list(zip(signed, contents, strict=True))
        etags = {part.number: put(part, content).headers["ETag"] for part, content in reversed(pairs)}
        return [Part(part.number, etags[part.number], sha256(content)) for part, content in pairs]


def sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def put(part: SignedPart, content: bytes) -> httpx.Response:
    return httpx.put(part.url, content=content, headers={**part.headers, "Origin": ORIGIN})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with strict_aws(OnDisk(tmp_path)) as aws:
        client = aws.client("s3", config=client_config())
        client.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        rule = {"AllowedOrigins": [ORIGIN], "AllowedMethods": ["PUT"], "ExposeHeaders": ["ETag"]}
        client.put_bucket_cors(Bucket="data", CORSConfiguration={"CORSRules": [rule]})
        signing = aws.client("s3", config=signing_config(aws.endpoint_url))
        yield Place(aws, S3MultipartUploads(client, signing), S3ObjectStore(client), tmp_path)


def test_parts_become_the_object_in_the_order_of_their_numbers(place: Place) -> None:
    multipart_id = place.multipart.start(URI)
    parts = place.upload(multipart_id, FIRST, SECOND)
    stored = [(part.number, part.size, part.sha256) for part in place.multipart.stored(URI, multipart_id)]
    made = place.multipart.complete(URI, multipart_id, parts)

    assert stored == [(1, FIVE_MIB, sha256(FIRST)), (2, len(SECOND), sha256(SECOND))]
    assert place.objects.read(URI) == FIRST + SECOND
    assert made.etag.endswith("-2")
    assert place.objects.head(URI) == made
    assert sorted(path.name for path in place.folder.iterdir()) == ["data"]
    with pytest.raises(NotFound):
        place.multipart.complete(URI, multipart_id, parts)


def test_all_parts_are_listed_when_they_do_not_fit_on_one_page(place: Place) -> None:
    place.aws.parts_page = 1
    multipart_id = place.multipart.start(URI)
    place.upload(multipart_id, FIRST, SECOND)

    assert [part.number for part in place.multipart.stored(URI, multipart_id)] == [1, 2]


def test_an_aborted_upload_and_a_deleted_object_leave_nothing(place: Place) -> None:
    given_up, kept = place.multipart.start(URI), place.multipart.start(URI)
    place.upload(given_up, FIRST)
    place.multipart.abort(URI, given_up)
    place.multipart.complete(URI, kept, place.upload(kept, SECOND))
    place.objects.delete([URI])

    assert place.objects.head(URI) is None
    assert [path for path in place.folder.rglob("*") if path.is_file()] == []


def test_other_bytes_than_the_signed_ones_and_a_url_after_its_time_are_refused(place: Place) -> None:
    (signed,) = place.sign(place.multipart.start(URI), SECOND)

    assert "BadDigest" in put(signed, SECOND[::-1]).text
    place.aws.seconds_later = 61
    assert "Request has expired" in put(signed, SECOND).text


def test_only_pages_of_the_buckets_rules_may_read_an_answer(place: Place) -> None:
    (signed,) = place.sign(place.multipart.start(URI), SECOND)
    ours = put(signed, SECOND)
    other = httpx.put(signed.url, content=SECOND, headers={**signed.headers, "Origin": "https://elsewhere.example.org"})

    assert ours.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_file_of_the_service_itself_is_taken_in_parts(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_bytes(b"0123456789abcde\n" * (65 * 1024**2 // 16))
    place.objects.send(path, URI)

    assert place.objects.read(URI) == path.read_bytes()
    assert place.aws.requests["s3", "UploadPart"] == 2
