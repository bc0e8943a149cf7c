"""The buckets of the local AWS: one for each area, encrypted, with the rules by which two accounts work together."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from include.settings import Settings
from local.accounts import ANALYTICAL_PLATFORM, UPLOADER, Account

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_OBJECTS = ["s3:GetObject", "s3:GetObjectTagging"]
LIST_BUCKET = ["s3:ListBucket", "s3:GetBucketLocation"]


def bucket_of(uri: str) -> str:
    """The bucket of an area's URI."""
    return urlsplit(uri).netloc


def own_buckets(settings: Settings) -> tuple[str, ...]:
    """The uploader's buckets, each once, in the order of the areas."""
    areas = (
        settings.landing_uri,
        settings.raw_history_uri,
        settings.fail_uri,
        settings.staging_uri,
        settings.curated_uri,
    )
    return tuple(dict.fromkeys(bucket_of(uri) for uri in areas))


def reader_policy(bucket: str, reader: Account) -> dict[str, Any]:
    """A bucket policy that lets another account list the bucket and read its objects."""
    principal = {"AWS": f"arn:aws:iam::{reader.number}:root"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            _statement("ListByTheOtherAccount", principal, LIST_BUCKET, f"arn:aws:s3:::{bucket}"),
            _statement("ReadByTheOtherAccount", principal, READ_OBJECTS, f"arn:aws:s3:::{bucket}/*"),
        ],
    }


def _statement(sid: str, principal: dict[str, str], actions: list[str], resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resource}


def browser_rules(origin: str) -> Any:
    """CORS rules for a bucket that a browser at `origin` puts parts into, with the checksum of each."""
    return {
        "CORSRules": [
            {
                "AllowedOrigins": [origin],
                "AllowedMethods": ["PUT"],
                "AllowedHeaders": ["x-amz-checksum-sha256"],
                "ExposeHeaders": ["ETag"],
                "MaxAgeSeconds": 3600,
            }
        ]
    }


def s3_client(settings: Settings, account: Account) -> S3Client:
    """An S3 client of one account on the local AWS."""
    return boto3.client(
        "s3",
        endpoint_url=settings.aws_endpoint_url,
        region_name=settings.aws_region,
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
        config=Config(retries={"total_max_attempts": 3}),
    )


def make_bucket(s3: S3Client, bucket: str, *, region: str) -> None:
    """Make an encrypted bucket unless it is there; every setting may be applied again."""
    try:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})  # type: ignore[typeddict-item]
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )


def make_areas(settings: Settings) -> None:
    """Make every area of both accounts; done again it changes nothing but the browser's origin."""
    own = s3_client(settings, UPLOADER)
    for bucket in own_buckets(settings):
        make_bucket(own, bucket, region=settings.aws_region)
    landing, curated = bucket_of(settings.landing_uri), bucket_of(settings.curated_uri)
    own.put_bucket_cors(Bucket=landing, CORSConfiguration=browser_rules(origin_of(settings.base_url)))
    own.put_bucket_policy(Bucket=curated, Policy=json.dumps(reader_policy(curated, ANALYTICAL_PLATFORM)))

    platform = s3_client(settings, ANALYTICAL_PLATFORM)
    mirror = bucket_of(settings.analytical_platform_uri)
    make_bucket(platform, mirror, region=settings.aws_region)
    platform.put_bucket_policy(Bucket=mirror, Policy=json.dumps(reader_policy(mirror, UPLOADER)))


def origin_of(url: str) -> str:
    """The origin a browser sends for pages at `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def main() -> int:
    """Make the areas that the settings name on the endpoint that they name."""
    settings = Settings()
    if settings.aws_endpoint_url is None:
        sys.stderr.write("DATA_UPLOADER_AWS_ENDPOINT_URL is not set: these rules are for a local AWS only.\n")
        return 2
    make_areas(settings)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
