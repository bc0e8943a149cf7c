"""Conditions on copies and writes that moto does not keep: each with the page of the documentation that says so."""

from __future__ import annotations

import http.client
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.strict_aws.conftest import refused, refused_with

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws

FAILED = ("PreconditionFailed", 412)


@pytest.fixture
def etag(bucket: S3Client) -> str:
    return bucket.put_object(Bucket="data", Key="a", Body=b"1")["ETag"]


def test_a_copy_with_another_etag_is_refused(bucket: S3Client) -> None:
    # API_CopyObject: "x-amz-copy-source-if-match … 412 Precondition Failed".
    bucket.put_object(Bucket="data", Key="a", Body=b"1")

    code = refused(
        lambda: bucket.copy_object(
            Bucket="data", Key="b", CopySource={"Bucket": "data", "Key": "a"}, CopySourceIfMatch='"0"'
        )
    )

    assert code == "PreconditionFailed"


def test_a_part_copied_with_another_etag_is_refused(bucket: S3Client) -> None:
    # API_UploadPartCopy: the same.
    bucket.put_object(Bucket="data", Key="a", Body=b"1")
    begun = bucket.create_multipart_upload(Bucket="data", Key="b")["UploadId"]

    code = refused(
        lambda: bucket.upload_part_copy(
            Bucket="data",
            Key="b",
            UploadId=begun,
            PartNumber=1,
            CopySource={"Bucket": "data", "Key": "a"},
            CopySourceIfMatch='"0"',
        )
    )

    assert code == "PreconditionFailed"


def test_a_copy_with_the_etag_that_was_not_wanted_is_refused(bucket: S3Client, etag: str) -> None:
    # API_CopyObject: "x-amz-copy-source-if-none-match … 412 Precondition Failed".
    source: Any = {"Bucket": "data", "Key": "a"}

    assert (
        refused_with(lambda: bucket.copy_object(Bucket="data", Key="b", CopySource=source, CopySourceIfNoneMatch=etag))
        == FAILED
    )
    bucket.copy_object(Bucket="data", Key="b", CopySource=source, CopySourceIfNoneMatch='"0"')


def test_a_copy_can_depend_on_when_its_source_was_changed(bucket: S3Client, etag: str) -> None:
    # API_CopyObject: if-match true and if-unmodified-since false together are 200 OK; if-none-match false and
    # if-modified-since true together are 412.
    changed = bucket.head_object(Bucket="data", Key="a")["LastModified"]
    before = changed - timedelta(hours=1)

    def copy(**conditions: Any) -> object:
        return bucket.copy_object(Bucket="data", Key="b", CopySource={"Bucket": "data", "Key": "a"}, **conditions)

    copy(CopySourceIfModifiedSince=before)
    copy(CopySourceIfUnmodifiedSince=changed)
    copy(CopySourceIfMatch=etag, CopySourceIfUnmodifiedSince=before)
    assert refused_with(lambda: copy(CopySourceIfUnmodifiedSince=before)) == FAILED
    assert refused_with(lambda: copy(CopySourceIfModifiedSince=changed)) == FAILED
    assert refused_with(lambda: copy(CopySourceIfNoneMatch=etag, CopySourceIfModifiedSince=before)) == FAILED


def written(s3: S3Client, how: str, key: str, **conditions: Any) -> object:
    """Write an object in one of three ways."""
    if how == "put":
        return s3.put_object(Bucket="data", Key=key, Body=b"2", **conditions)
    if how == "copy":
        return s3.copy_object(Bucket="data", Key=key, CopySource={"Bucket": "data", "Key": "from"}, **conditions)
    upload: Any = {"Bucket": "data", "Key": key}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"2")
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    return s3.complete_multipart_upload(**upload, MultipartUpload=parts, **conditions)


@pytest.mark.parametrize("how", ["put", "copy", "complete"])
def test_a_write_can_depend_on_what_is_there(bucket: S3Client, etag: str, how: str) -> None:
    # userguide/conditional-writes.html; API_PutObject, API_CopyObject, API_CompleteMultipartUpload, If-Match: "412
    # Precondition Failed", "404 Not Found" when there is no object; If-None-Match expects "*".
    bucket.put_object(Bucket="data", Key="from", Body=b"2")
    written(bucket, how, "new", IfNoneMatch="*")
    written(bucket, how, "a", IfMatch=etag)

    assert refused_with(lambda: written(bucket, how, "a", IfNoneMatch="*")) == FAILED
    assert refused_with(lambda: written(bucket, how, "a", IfMatch='"0"')) == FAILED
    assert refused_with(lambda: written(bucket, how, "none", IfMatch=etag)) == ("NoSuchKey", 404)
    assert refused_with(lambda: written(bucket, how, "none", IfNoneMatch=etag)) == ("NotImplemented", 501)
    assert [entry["Key"] for entry in bucket.list_objects_v2(Bucket="data")["Contents"]] == ["a", "from", "new"]


def test_a_delete_can_depend_on_what_is_there(bucket: S3Client, etag: str) -> None:
    # API_DeleteObject, If-Match: 412, and "if the object doesn't exist, the operation will return a 204".
    assert refused_with(lambda: bucket.delete_object(Bucket="data", Key="a", IfMatch='"0"')) == FAILED
    for _ in range(2):
        bucket.delete_object(Bucket="data", Key="a", IfMatch=etag)


def test_a_conditional_write_conflicts_with_a_delete_that_comes_before_its_end(
    bucket: S3Client, signing: S3Client, aws: StrictAws, etag: str
) -> None:
    # userguide/conditional-writes.html: "409 Conflict … if a delete request to an object succeeds before a conditional
    # write operation on that object completes".
    url = urlsplit(signing.generate_presigned_url("put_object", Params={"Bucket": "data", "Key": "a", "IfMatch": etag}))
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint_url).netloc)
    connection.putrequest("PUT", f"{url.path}?{url.query}")
    connection.putheader("If-Match", etag)
    connection.putheader("Content-Length", "2")
    connection.endheaders(b"1")
    while aws.requests["s3", "PutObject"] < 2:  # the first is the fixture's
        pass
    bucket.delete_object(Bucket="data", Key="a")
    connection.send(b"2")

    answer = connection.getresponse()

    assert (answer.status, b"ConditionalRequestConflict" in answer.read()) == (409, True)
    connection.close()
