"""What S3 refuses and moto does not: each with the page of the S3 documentation that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from include.adapters.aws_clients import signing_config
from tests.strict_aws.conftest import refused, sent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws


def presigned(client: Any, **more: Any) -> str:
    url: str = client.generate_presigned_url("put_object", Params={"Bucket": "data", "Key": "a b/é.csv", **more})
    return url


@pytest.mark.parametrize("key", ["x" * 1024, "é" * 512, "x" * 1025, "é" * 513])
def test_a_key_has_at_most_1024_bytes(bucket: S3Client, key: str) -> None:
    # userguide/object-keys.html: "a sequence of Unicode characters whose UTF-8 encoding is up to 1,024 bytes long".
    if len(key.encode()) > 1024:
        assert refused(lambda: bucket.put_object(Bucket="data", Key=key)) == "KeyTooLongError"
    else:
        bucket.put_object(Bucket="data", Key=key)


def test_a_copy_of_what_is_not_there_is_refused(bucket: S3Client) -> None:
    code = refused(lambda: bucket.copy_object(Bucket="data", Key="b", CopySource={"Bucket": "data", "Key": "a"}))

    assert code == "NoSuchKey"


def test_a_copy_above_the_limit_is_refused(bucket: S3Client, aws: StrictAws) -> None:
    # API_CopyObject: "You can create a copy of an object up to 5 GB in size in a single atomic action".
    bucket.put_object(Bucket="data", Key="a", Body=b"123")
    aws.copy_max = 2

    code = refused(lambda: bucket.copy_object(Bucket="data", Key="b", CopySource={"Bucket": "data", "Key": "a"}))

    assert code == "InvalidRequest"


def test_a_part_copied_above_the_limit_or_beyond_the_source_is_refused(bucket: S3Client, aws: StrictAws) -> None:
    # userguide/qfacts.html: a part has "5 MiB to 5 GiB"; API_UploadPartCopy, x-amz-copy-source-range: "You can copy a
    # range only if the source object is greater than 5 MB", and within it.
    bucket.put_object(Bucket="data", Key="a", Body=b"123")
    begun = bucket.create_multipart_upload(Bucket="data", Key="b")["UploadId"]
    aws.copy_max = 2

    def copy(**span: str) -> object:
        return bucket.upload_part_copy(
            Bucket="data",
            Key="b",
            UploadId=begun,
            PartNumber=1,
            CopySource={"Bucket": "data", "Key": "a"},
            **span,  # type: ignore[arg-type]
        )

    copy(CopySourceRange="bytes=1-2")
    assert refused(copy) == "InvalidRequest"
    assert refused(lambda: copy(CopySourceRange="bytes=0-2")) == "InvalidRequest"
    assert refused(lambda: copy(CopySourceRange="bytes=2-3")) == "InvalidArgument"


def test_an_object_put_at_once_has_at_most_5_gb(signing: S3Client) -> None:
    # API_PutObject, "You cannot use PutObject to … upload objects larger than 5 GB": EntityTooLarge in ErrorResponses.
    assert sent(presigned(signing), headers={"Content-Length": str(5 * 1024**3 + 1)}) == 400


def test_a_delete_names_at_most_1000_keys(bucket: S3Client) -> None:
    # API_DeleteObjects: "The request can contain a list of up to 1,000 keys".
    def delete(count: int) -> object:
        return bucket.delete_objects(Bucket="data", Delete={"Objects": [{"Key": f"k{n}"} for n in range(count)]})

    delete(1000)
    assert refused(lambda: delete(1001)) == "MalformedXML"


def test_metadata_has_at_most_2_kb(bucket: S3Client) -> None:
    # userguide/UsingMetadata.html: "the user-defined metadata is limited to 2 KB in size".
    bucket.put_object(Bucket="data", Key="a", Metadata={"a": "x" * 2047})

    assert refused(lambda: bucket.put_object(Bucket="data", Key="a", Metadata={"a": "x" * 2048})) == "MetadataTooLarge"


def test_a_presigned_url_is_good_for_its_request(signing: S3Client, bucket: S3Client) -> None:
    assert sent(presigned(signing), headers={"Content-Type": "text/csv"}) == 200
    assert bucket.get_object(Bucket="data", Key="a b/é.csv")["Body"].read() == b"abc"


def test_a_presigned_url_is_refused_after_its_time(signing: S3Client, aws: StrictAws) -> None:
    # API/sigv4-query-string-auth.html, X-Amz-Expires.
    url = presigned(signing)
    aws.seconds_later = 3601

    assert sent(url) == 403


def test_a_presigned_url_is_refused_before_its_time(signing: S3Client, aws: StrictAws) -> None:
    url = presigned(signing)
    aws.seconds_later = -3600

    assert sent(url) == 403


@pytest.mark.parametrize(
    ("said", "instead"), [("/data/", "/other/"), ("csv?", "csvx?"), ("X-Amz-Expires=3600", "X-Amz-Expires=7200")]
)
def test_a_presigned_url_that_was_changed_is_refused(signing: S3Client, said: str, instead: str) -> None:
    url = presigned(signing)
    assert said in url

    assert sent(url.replace(said, instead)) == 403


def test_a_presigned_url_is_refused_for_another_method(signing: S3Client) -> None:
    assert sent(presigned(signing), method="POST") == 403


def test_a_presigned_url_of_a_foreign_key_is_refused(aws: StrictAws, bucket: S3Client) -> None:
    assert bucket
    foreign = boto3.client(
        "s3",
        endpoint_url=aws.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="guessed",
        config=signing_config(aws.endpoint_url),
    )

    assert sent(presigned(foreign)) == 403


def test_a_header_of_amazon_that_was_not_signed_is_refused(signing: S3Client) -> None:
    # userguide/RESTAuthentication.html: "all x-amz-* headers must be signed".
    assert sent(presigned(signing), headers={"x-amz-meta-more": "1"}) == 403


def test_a_header_that_was_signed_must_be_sent_as_it_was(signing: S3Client) -> None:
    url = presigned(signing, ContentType="text/csv")

    assert sent(url, headers={"Content-Type": "text/csv"}) == 200
    assert sent(url, headers={"Content-Type": "text/html"}) == 403


def test_signature_version_2_is_refused(aws: StrictAws, bucket: S3Client) -> None:
    # userguide/sigv2-deprecation: new buckets, made after 24 June 2020, do not take version 2.
    assert bucket

    assert sent(presigned(aws.client("s3", config=Config(signature_version="s3")))) == 400


def test_a_request_without_a_signature_is_refused(aws: StrictAws, bucket: S3Client) -> None:
    assert bucket

    assert sent(f"{aws.endpoint_url}/data/a") == 403


def test_requests_are_counted_by_operation(bucket: S3Client, signing: S3Client, aws: StrictAws) -> None:
    aws.requests.clear()
    bucket.put_object(Bucket="data", Key="a", Body=b"1")
    bucket.list_objects_v2(Bucket="data")
    begun = bucket.create_multipart_upload(Bucket="data", Key="b")["UploadId"]
    sent(
        signing.generate_presigned_url(
            "upload_part", Params={"Bucket": "data", "Key": "b", "UploadId": begun, "PartNumber": 1}
        )
    )
    bucket.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "a"}]})

    operations = ("PutObject", "ListObjectsV2", "CreateMultipartUpload", "UploadPart", "DeleteObjects")
    assert dict(aws.requests) == {("s3", operation): 1 for operation in operations}


def test_requests_of_an_account_are_told_from_another_s(bucket: S3Client, aws: StrictAws) -> None:
    aws.forget_requests()
    bucket.list_objects_v2(Bucket="data")
    aws.client("s3", account="222222222222").list_buckets()

    assert dict(aws.account_requests) == {
        ("111111111111", "s3", "ListObjectsV2"): 1,
        ("222222222222", "s3", "ListBuckets"): 1,
    }


def test_every_test_begins_with_nothing(aws: StrictAws, s3: S3Client) -> None:
    assert s3.list_buckets()["Buckets"] == []
    assert dict(aws.requests) == {("s3", "ListBuckets"): 1}
