"""Copying one version of an object inside S3: at once, or in parts where it is too large for that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from include.adapters.aws_errors import translated
from include.adapters.s3_stream import read_error
from include.adapters.s3_uri import bucket_and_key, unquoted
from include.ports import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, CopySourceTypeDef

SINGLE_COPY_MAX = 5 * 1024**3  # bytes: S3's limit on CopyObject
PART_SIZE = 512 * 1024**2  # bytes of one copied part, more only where 10,000 of them would not do
MAX_PARTS = 10_000
THREADS = 8

SOURCE_ETAG = "source-etag"  # metadata of a copy: the ETag of what it was made from

# The one checksum that S3 keeps of a whole object however it was written, so that a copy can be held against its
# source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
CHECKSUM: Final = "CRC64NVME"


@dataclass(frozen=True)
class Copier:
    """Copies `source` to `uri`, and refuses with Conflict when the source has another ETag by now."""

    client: S3Client
    source: StoredObject
    uri: str
    part_size: int = PART_SIZE

    def at_once(self) -> StoredObject:
        """One request, for at most 5 GB."""
        bucket, key = bucket_and_key(self.uri)
        with self._reading("s3:CopyObject"):
            result = self.client.copy_object(
                Bucket=bucket,
                Key=key,
                CopySource=self._copy_source,
                CopySourceIfMatch=f'"{self.source.etag}"',
                MetadataDirective="REPLACE",
                Metadata={SOURCE_ETAG: self.source.etag},
                ChecksumAlgorithm=CHECKSUM,
            )["CopyObjectResult"]
        return StoredObject(
            uri=self.uri, size=self.source.size, etag=unquoted(result["ETag"]), last_modified=result["LastModified"]
        )

    def in_parts(self) -> None:
        """Many requests, several at a time; what was begun is aborted when one fails."""
        bucket, key = bucket_and_key(self.uri)
        with translated(f"s3:CreateMultipartUpload {self.uri}"):
            multipart_id = self.client.create_multipart_upload(
                Bucket=bucket,
                Key=key,
                Metadata={SOURCE_ETAG: self.source.etag},
                ChecksumAlgorithm=CHECKSUM,
                ChecksumType="FULL_OBJECT",
            )["UploadId"]
        try:
            parts = self._copy_parts(multipart_id)
            with translated(f"s3:CompleteMultipartUpload {self.uri}"):
                self.client.complete_multipart_upload(
                    Bucket=bucket,
                    Key=key,
                    UploadId=multipart_id,
                    MultipartUpload={"Parts": parts},
                    ChecksumType="FULL_OBJECT",
                )
        except BaseException:
            with translated(f"s3:AbortMultipartUpload {self.uri}"):
                self.client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=multipart_id)
            raise

    def _copy_parts(self, multipart_id: str) -> list[CompletedPartTypeDef]:
        size = max(self.part_size, -(-self.source.size // MAX_PARTS))
        ranges = [(start, min(start + size, self.source.size)) for start in range(0, self.source.size, size)]
        with ThreadPoolExecutor(THREADS) as pool:
            copies = [
                pool.submit(self._copy_part, multipart_id, number=number, start=start, end=end)
                for number, (start, end) in enumerate(ranges, start=1)
            ]
            try:
                return [copy.result() for copy in copies]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _copy_part(self, multipart_id: str, *, number: int, start: int, end: int) -> CompletedPartTypeDef:
        bucket, key = bucket_and_key(self.uri)
        with self._reading("s3:UploadPartCopy"):
            result = self.client.upload_part_copy(
                Bucket=bucket,
                Key=key,
                UploadId=multipart_id,
                PartNumber=number,
                CopySource=self._copy_source,
                CopySourceIfMatch=f'"{self.source.etag}"',
                CopySourceRange=f"bytes={start}-{end - 1}",
            )["CopyPartResult"]
        part: CompletedPartTypeDef = {"PartNumber": number, "ETag": result["ETag"]}
        if "ChecksumCRC64NVME" in result:
            part["ChecksumCRC64NVME"] = result["ChecksumCRC64NVME"]
        return part

    @property
    def _copy_source(self) -> CopySourceTypeDef:
        bucket, key = bucket_and_key(self.source.uri)
        return {"Bucket": bucket, "Key": key}

    @contextmanager
    def _reading(self, operation: str) -> Iterator[None]:
        what = f"{operation} {self.source.uri} to {self.uri}"
        with translated(what):
            try:
                yield
            except ClientError as error:
                raise read_error(error, uri=self.source.uri, what=what) from error
