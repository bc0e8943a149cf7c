"""Multipart uploads on S3: begun and completed here, their parts sent by a browser to presigned URLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from include.adapters.aws_errors import code_of, from_client_error, translated
from include.adapters.s3_uri import bucket_and_key, unquoted
from include.domain.errors import NotFound, Refused, UploaderError
from include.ports import PendingUpload, SignedPart, StoredObject, StoredPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from include.ports import Part, PartToSign

_WRONG_PARTS = {
    "InvalidPart": "a part is missing, or its ETag or SHA-256 is not that of what S3 stored",
    "BadDigest": "the SHA-256 of a part is not that of what S3 stored",
    "InvalidPartOrder": "a part is named twice",
    "EntityTooSmall": "a part other than the last is smaller than 5 MiB",
    "EntityTooLarge": "the parts together are larger than S3 allows",
    "InvalidArgument": "a part number is not one of 1 to 10,000",
    "MalformedXML": "the list of parts cannot be read",
}


@dataclass(frozen=True)
class S3MultipartUploads:
    """Multipart uploads in S3.

    Attributes:
        client: made with `aws_clients.client_config()`.
        signing: made with `aws_clients.signing_config()` for the endpoint as browsers reach it; it sends nothing.
    """

    client: S3Client
    signing: S3Client

    def start(self, uri: str) -> str:
        """Begin; returns the store's id of the multipart upload."""
        bucket, key = bucket_and_key(uri)
        with translated(f"s3:CreateMultipartUpload {uri}"):
            answer = self.client.create_multipart_upload(
                Bucket=bucket, Key=key, ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE"
            )
            return answer["UploadId"]

    def sign(self, uri: str, multipart_id: str, parts: Sequence[PartToSign], *, seconds: int) -> tuple[SignedPart, ...]:
        """A URL for each part, good within `seconds` for a PUT of these very bytes: S3 refuses any other content."""
        bucket, key = bucket_and_key(uri)
        with translated(f"s3:UploadPart {uri} (signing)"):
            return tuple(
                SignedPart(
                    number=part.number,
                    url=self.signing.generate_presigned_url(
                        "upload_part",
                        Params={
                            "Bucket": bucket,
                            "Key": key,
                            "UploadId": multipart_id,
                            "PartNumber": part.number,
                            "ContentLength": part.size,
                            "ChecksumSHA256": part.sha256,
                        },
                        ExpiresIn=seconds,
                    ),
                    headers={"Content-Length": str(part.size), "x-amz-checksum-sha256": part.sha256},
                )
                for part in parts
            )

    def stored(self, uri: str, multipart_id: str) -> Iterator[StoredPart]:
        """The parts that are there, in the order of their numbers, all pages; NotFound when the upload is over."""
        bucket, key = bucket_and_key(uri)
        what = f"s3:ListParts {uri}"
        pages = self.client.get_paginator("list_parts").paginate(Bucket=bucket, Key=key, UploadId=multipart_id)
        with translated(what):
            try:
                for page in pages:
                    for part in page.get("Parts", ()):
                        yield StoredPart(
                            part["PartNumber"], part["Size"], unquoted(part["ETag"]), part.get("ChecksumSHA256", "")
                        )
            except ClientError as error:
                raise _complete_error(error, uri=uri, what=what) from error

    def complete(self, uri: str, multipart_id: str, parts: Sequence[Part]) -> StoredObject:
        """Make the object. NotFound when the store no longer knows the upload; Refused for wrong parts.

        S3 joins the parts it is given: that they are all of the file is for the caller to see from the size.
        """
        if not parts:
            raise _wrong_parts("no part is named")
        bucket, key = bucket_and_key(uri)
        what = f"s3:CompleteMultipartUpload {uri}"
        with translated(what):
            try:
                self.client.complete_multipart_upload(
                    Bucket=bucket,
                    Key=key,
                    UploadId=multipart_id,
                    MultipartUpload={
                        "Parts": [
                            {
                                "PartNumber": part.number,
                                "ETag": f'"{unquoted(part.etag)}"',
                                "ChecksumSHA256": part.sha256,
                            }
                            for part in sorted(parts, key=lambda part: part.number)
                        ]
                    },
                )
            except ClientError as error:
                raise _complete_error(error, uri=uri, what=what) from error
            made = self.client.head_object(Bucket=bucket, Key=key)
        return StoredObject(
            uri=uri, size=made["ContentLength"], etag=unquoted(made["ETag"]), last_modified=made["LastModified"]
        )

    def abort(self, uri: str, multipart_id: str) -> None:
        """Give up and free the parts; one unknown to the store is aborted already."""
        bucket, key = bucket_and_key(uri)
        what = f"s3:AbortMultipartUpload {uri}"
        with translated(what):
            try:
                self.client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=multipart_id)
            except ClientError as error:
                if code_of(error) != "NoSuchUpload":
                    raise from_client_error(error, what=what) from error

    def pending(self, prefix: str) -> Iterator[PendingUpload]:
        """Every multipart upload under way whose URI starts with `prefix`, all pages."""
        bucket, key = bucket_and_key(prefix)
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=key)
        with translated(f"s3:ListMultipartUploads {prefix}"):
            for page in pages:
                for upload in page.get("Uploads", ()):
                    yield PendingUpload(f"s3://{bucket}/{upload['Key']}", upload["UploadId"], upload["Initiated"])


def _complete_error(error: ClientError, *, uri: str, what: str) -> UploaderError:
    code = code_of(error)
    if code == "NoSuchUpload":
        return NotFound(
            f"S3 no longer knows this upload to {uri}: it was completed, cancelled or removed after some days.",
            code="multipart_not_found",
            title="The upload is not known any more",
        )
    if code in _WRONG_PARTS:
        return _wrong_parts(_WRONG_PARTS[code])
    return from_client_error(error, what=what)


def _wrong_parts(reason: str) -> Refused:
    return Refused(
        f"S3 cannot join the parts: {reason}. Send the parts that are missing again and complete with the number, "
        "ETag and SHA-256 of every part, or start a new upload.",
        code="bad_parts",
        title="The parts of the file do not fit together",
        field="parts",
    )
