"""Checksums that S3 compares and moto does not: each with the page of the documentation that says so."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.strict_aws.conftest import refused, sent_whole
from tests.strict_aws.s3_integrity import checksum

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.aws

SUMS = {
    "CRC32": checksum("crc32", b"abc"),
    "CRC32C": checksum("crc32c", b"abc"),
    "CRC64NVME": checksum("crc64nvme", b"abc"),
    "SHA1": base64.b64encode(hashlib.sha1(b"abc", usedforsecurity=False).digest()).decode(),
    "SHA256": base64.b64encode(hashlib.sha256(b"abc").digest()).decode(),
}


@pytest.mark.parametrize(
    ("algorithm", "known"), [("crc32", "cbf43926"), ("crc32c", "e3069283"), ("crc64nvme", "ae8b14860a799888")]
)
def test_the_checksums_are_those_of_the_catalogue_of_crcs(algorithm: str, known: str) -> None:
    # https://reveng.sourceforge.io/crc-catalogue/all.htm: check="123456789".
    assert base64.b64decode(checksum(algorithm, b"123456789")).hex() == known


@pytest.mark.parametrize("algorithm", SUMS)
def test_a_body_that_is_not_what_its_checksum_says_is_refused(bucket: S3Client, algorithm: str) -> None:
    # userguide/checking-object-integrity.html: "If the two checksums don't match, Amazon S3 generates an error";
    # BadDigest in API/ErrorResponses.html.
    said: Any = {f"Checksum{algorithm}": SUMS[algorithm]}
    bucket.put_object(Bucket="data", Key="a", Body=b"abc", **said)
    upload = bucket.create_multipart_upload(Bucket="data", Key="b")["UploadId"]
    part: Any = {"Bucket": "data", "Key": "b", "UploadId": upload, "PartNumber": 1, **said}
    bucket.upload_part(**part, Body=b"abc")

    assert refused(lambda: bucket.put_object(Bucket="data", Key="a", Body=b"abd", **said)) == "BadDigest"
    assert refused(lambda: bucket.upload_part(**part, Body=b"abd")) == "BadDigest"
    assert bucket.get_object(Bucket="data", Key="a")["Body"].read() == b"abc"


def test_a_body_that_is_not_what_its_md5_says_is_refused(bucket: S3Client) -> None:
    # API_PutObject, Content-MD5; BadDigest and InvalidDigest in API/ErrorResponses.html.
    md5 = base64.b64encode(hashlib.md5(b"abc", usedforsecurity=False).digest()).decode()
    bucket.put_object(Bucket="data", Key="a", Body=b"abc", ContentMD5=md5)

    assert refused(lambda: bucket.put_object(Bucket="data", Key="a", Body=b"abd", ContentMD5=md5)) == "BadDigest"
    assert refused(lambda: bucket.put_object(Bucket="data", Key="a", Body=b"abc", ContentMD5="no")) == "InvalidDigest"


def test_a_checksum_that_is_none_is_refused(bucket: S3Client) -> None:
    # API_PutObject: InvalidRequest.
    code = refused(lambda: bucket.put_object(Bucket="data", Key="a", Body=b"abc", ChecksumCRC32="AAAA"))

    assert code == "InvalidRequest"


def test_a_large_body_is_compared_too(bucket: S3Client) -> None:
    large = bytes(17 * 1024 * 1024)
    bucket.put_object(Bucket="data", Key="a", Body=io.BytesIO(large), ChecksumAlgorithm="CRC32")

    code = refused(
        lambda: bucket.put_object(Bucket="data", Key="a", Body=io.BytesIO(large), ChecksumCRC32=SUMS["CRC32"])
    )

    assert code == "BadDigest"
    assert bucket.head_object(Bucket="data", Key="a")["ContentLength"] == len(large)


def test_a_presigned_part_with_a_signed_checksum_is_compared(bucket: S3Client, signing: S3Client) -> None:
    # userguide/checking-object-integrity.html, by the door that browsers use.
    url = signing.generate_presigned_url(
        "put_object", Params={"Bucket": "data", "Key": "a", "ChecksumSHA256": SUMS["SHA256"]}
    )
    headers = {"x-amz-checksum-sha256": SUMS["SHA256"]}

    assert b"BadDigest" in sent_whole(url, headers=headers, data=b"abd").body
    assert sent_whole(url, headers=headers, data=b"abc").status == 200
    assert bucket.get_object(Bucket="data", Key="a")["Body"].read() == b"abc"


def test_a_payload_that_is_not_what_was_signed_is_refused(bucket: S3Client, signing: S3Client) -> None:
    # API/sig-v4-header-based-auth.html: x-amz-content-sha256; XAmzContentSHA256Mismatch.
    assert bucket
    url = signing.generate_presigned_url("put_object", Params={"Bucket": "data", "Key": "a"})

    assert sent_whole(url, headers={"x-amz-content-sha256": "0" * 64}).status == 403  # not signed
    assert sent_whole(url).status == 200


@pytest.mark.parametrize("algorithm", [None, "SHA256", "CRC32", "CRC32C", "CRC64NVME"])
def test_a_copy_keeps_or_is_given_a_checksum(bucket: S3Client, algorithm: str | None) -> None:
    # userguide/checking-object-integrity.html: "If you don't specify a checksum algorithm … the checksum value of the
    # source is copied"; API_CopyObject, CopyObjectResult; API_HeadObject, x-amz-checksum-mode.
    bucket.put_object(Bucket="data", Key="a", Body=b"abc", ChecksumAlgorithm="SHA256")
    asked: Any = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    name = f"Checksum{algorithm or 'SHA256'}"

    copied: Any = bucket.copy_object(Bucket="data", Key="b", CopySource={"Bucket": "data", "Key": "a"}, **asked)
    head: Any = bucket.head_object(Bucket="data", Key="b", ChecksumMode="ENABLED")

    assert copied["CopyObjectResult"][name] == head[name] == SUMS[algorithm or "SHA256"]
    assert name not in bucket.head_object(Bucket="data", Key="b")
