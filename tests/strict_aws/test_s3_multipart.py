"""What S3 remembers of multipart uploads and moto does not: each with the page of the documentation that says so."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.strict_aws.conftest import refused
from tests.strict_aws.s3_integrity import checksum

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws


def begun(s3: S3Client, key: str, **more: Any) -> dict[str, Any]:
    return {
        "Bucket": "data",
        "Key": key,
        "UploadId": s3.create_multipart_upload(Bucket="data", Key=key, **more)["UploadId"],
    }


def test_an_upload_begun_with_a_checksum_is_completed_with_the_checksum_of_every_part(bucket: S3Client) -> None:
    # userguide/checking-object-integrity.html; parts that a browser sends to a URL have none.
    begun = bucket.create_multipart_upload(Bucket="data", Key="a", ChecksumAlgorithm="CRC32")["UploadId"]
    part = bucket.upload_part(Bucket="data", Key="a", UploadId=begun, PartNumber=1, Body=b"1")

    def complete(**checksum: str) -> object:
        parts: Any = [{"PartNumber": 1, "ETag": part["ETag"], **checksum}]
        return bucket.complete_multipart_upload(
            Bucket="data", Key="a", UploadId=begun, MultipartUpload={"Parts": parts}
        )

    assert refused(complete) == "InvalidRequest"
    complete(ChecksumCRC32=part["ChecksumCRC32"])


@pytest.mark.parametrize("end", ["complete", "abort"])
def test_an_upload_that_is_over_is_not_known(bucket: S3Client, end: str) -> None:
    # API_CompleteMultipartUpload: NoSuchUpload, "the multipart upload might have been aborted or completed".
    upload: Any = {"Bucket": "data", "Key": "a"}
    upload["UploadId"] = bucket.create_multipart_upload(**upload)["UploadId"]
    part = bucket.upload_part(**upload, PartNumber=1, Body=b"1")
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    if end == "complete":
        bucket.complete_multipart_upload(**upload, MultipartUpload=parts)
    else:
        bucket.abort_multipart_upload(**upload)

    assert refused(lambda: bucket.upload_part(**upload, PartNumber=2, Body=b"1")) == "NoSuchUpload"
    assert refused(lambda: bucket.complete_multipart_upload(**upload, MultipartUpload=parts)) == "NoSuchUpload"
    assert refused(lambda: bucket.abort_multipart_upload(**upload)) == "NoSuchUpload"


def test_a_part_without_the_upload_s_checksum_is_refused(bucket: S3Client, signing: S3Client) -> None:
    # API_UploadPart, ChecksumAlgorithm: "must be the same for all parts and it match the checksum value supplied in the
    # CreateMultipartUpload request".
    assert signing
    upload = begun(bucket, "a", ChecksumAlgorithm="SHA256")

    code = refused(lambda: bucket.upload_part(**upload, PartNumber=1, Body=b"1", ChecksumAlgorithm="CRC32"))

    assert code == "InvalidRequest"


def test_a_part_of_another_checksum_cannot_be_completed(bucket: S3Client) -> None:
    # API_CompleteMultipartUpload: InvalidPart.
    upload = begun(bucket, "a", ChecksumAlgorithm="CRC32")
    part = bucket.upload_part(**upload, PartNumber=1, Body=b"1")
    parts: Any = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": "AAAAAA=="}]

    assert (
        refused(lambda: bucket.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})) == "InvalidPart"
    )


def test_an_object_of_parts_has_a_checksum_of_their_checksums(bucket: S3Client) -> None:
    # userguide/checking-object-integrity.html: "the checksum of checksums", followed by "-" and the number of parts.
    bucket.put_object(Bucket="data", Key="source", Body=b"abcdef")
    upload = begun(bucket, "a", ChecksumAlgorithm="SHA256")
    # API_UploadPartCopy, CopyPartResult: the checksum of the part.
    copied = bucket.upload_part_copy(
        **upload, PartNumber=1, CopySource={"Bucket": "data", "Key": "source"}, CopySourceRange="bytes=0-3"
    )["CopyPartResult"]
    digest = hashlib.sha256(b"abcd").digest()
    assert copied["ChecksumSHA256"] == base64.b64encode(digest).decode()
    parts: Any = [{"PartNumber": 1, "ETag": copied["ETag"], "ChecksumSHA256": copied["ChecksumSHA256"]}]

    bucket.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    composite = base64.b64encode(hashlib.sha256(digest).digest()).decode() + "-1"
    head = bucket.head_object(Bucket="data", Key="a", ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ChecksumType"]) == (composite, "COMPOSITE")
    # "When you copy an object … uploaded with a composite checksum", the copy has that of the whole object.
    whole = bucket.copy_object(Bucket="data", Key="b", CopySource={"Bucket": "data", "Key": "a"})["CopyObjectResult"]
    assert whole["ChecksumSHA256"] == base64.b64encode(digest).decode()


def test_an_object_of_parts_can_have_a_checksum_of_the_whole(bucket: S3Client) -> None:
    # userguide/checking-object-integrity.html: "full object checksums", the only kind of CRC64NVME.
    upload = begun(bucket, "a", ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT")
    part = bucket.upload_part(**upload, PartNumber=1, Body=b"abc")
    parts: Any = [{"PartNumber": 1, "ETag": part["ETag"]}]

    bucket.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, ChecksumType="FULL_OBJECT")

    head = bucket.head_object(Bucket="data", Key="a", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC64NVME"], head["ChecksumType"]) == (checksum("crc64nvme", b"abc"), "FULL_OBJECT")


def test_an_upload_says_when_it_was_begun(bucket: S3Client, aws: StrictAws) -> None:
    # API_MultipartUpload, Initiated: "Date and time at which the multipart upload was initiated".
    aws.seconds_later = -8 * 24 * 3600
    begun(bucket, "old")
    aws.seconds_later = 0
    begun(bucket, "new")

    uploads = bucket.list_multipart_uploads(Bucket="data")["Uploads"]

    ages = {upload["Key"]: datetime.now(UTC) - upload["Initiated"] for upload in uploads}
    assert timedelta(days=8) <= ages["old"] < timedelta(days=8, minutes=5)
    assert timedelta(0) <= ages["new"] < timedelta(minutes=5)


def test_uploads_are_listed_in_pages(bucket: S3Client, aws: StrictAws) -> None:
    # API_ListMultipartUploads: max-uploads, NextKeyMarker and NextUploadIdMarker; by key, and by time within a key.
    wanted = []
    for number in range(5):
        aws.seconds_later = number
        wanted.append(begun(bucket, "b" if number else "a")["UploadId"])
    begun(bucket, "other")

    pages = list(
        bucket.get_paginator("list_multipart_uploads").paginate(
            Bucket="data", Prefix="", PaginationConfig={"PageSize": 2}
        )
    )

    assert [len(page["Uploads"]) for page in pages] == [2, 2, 2]
    assert [upload["UploadId"] for page in pages for upload in page["Uploads"]][:5] == wanted


def test_a_list_goes_on_after_an_upload_that_is_over_by_then(bucket: S3Client) -> None:
    uploads = [begun(bucket, f"k{number}") for number in range(3)]
    page = bucket.list_multipart_uploads(Bucket="data", MaxUploads=2)
    bucket.abort_multipart_upload(**uploads[1])  # the marker

    rest = bucket.list_multipart_uploads(
        Bucket="data", KeyMarker=page["NextKeyMarker"], UploadIdMarker=page["NextUploadIdMarker"]
    )

    assert page["IsTruncated"]
    assert [upload["Key"] for upload in rest["Uploads"]] == ["k2"]


@pytest.mark.parametrize("number", [0, 10_001])
def test_parts_are_numbered_from_1_to_10000(bucket: S3Client, number: int) -> None:
    # userguide/qfacts.html: "Part numbers 1 to 10,000 (inclusive)".
    upload = begun(bucket, "a")

    assert refused(lambda: bucket.upload_part(**upload, PartNumber=number, Body=b"1")) == "InvalidArgument"
