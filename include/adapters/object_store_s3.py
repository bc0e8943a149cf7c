"""The object store on S3: which requests each call of the port becomes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import ClientError

from include.adapters.aws_errors import PASSING, code_of, from_client_error, from_code, status_of, translated
from include.adapters.s3_copy import PART_SIZE, SINGLE_COPY_MAX, SOURCE_ETAG, Copier
from include.adapters.s3_stream import BUFFER, PinnedFile, object_changed, object_missing, read_error
from include.adapters.s3_uri import bucket_and_key, object_uri, unquoted
from include.domain.errors import Terminal
from include.ports import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ObjectIdentifierTypeDef

    from include.ports import StoredFile

CHECKSUMS = ("CRC64NVME", "CRC32C", "CRC32", "SHA256", "SHA1")  # that S3 can keep of an object

DELETE_BATCH = 1000  # S3's limit on the keys of one DeleteObjects
MULTIPART_SEND = 64 * 1024 * 1024  # local files above this are sent in parts of this size

_NOT_FOUND = 404
_PRECONDITION_FAILED = 412


@dataclass(frozen=True)
class S3ObjectStore:
    """Objects in S3, through one client: one account, one endpoint.

    Attributes:
        client: made with `aws_clients.client_config()`, or by Airflow's hook.
        single_copy_max: bytes; objects above are copied in parts of `part_size`.
    """

    client: S3Client
    single_copy_max: int = SINGLE_COPY_MAX
    part_size: int = PART_SIZE

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose URI starts with `prefix`, all pages."""
        bucket, key = bucket_and_key(prefix)
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        with translated(f"s3:ListBucket {prefix}"):
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield StoredObject(
                        uri=object_uri(bucket, entry["Key"]),
                        size=entry["Size"],
                        etag=unquoted(entry["ETag"]),
                        last_modified=entry["LastModified"],
                    )

    def head(self, uri: str) -> StoredObject | None:
        """The object, or None if there is none."""
        answer = self._head(uri)
        return None if answer is None else _stored(uri, answer)

    def file(self, stored: StoredObject) -> StoredFile:
        """The object's content; reading fails with Conflict once the object has another ETag."""
        return PinnedFile(self.client, stored)

    def read(self, uri: str) -> bytes:
        """A small object's content."""
        bucket, key = bucket_and_key(uri)
        what = f"s3:GetObject {uri}"
        with translated(what):
            try:
                return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                raise read_error(error, uri=uri, what=what) from error

    def write(self, uri: str, content: bytes, *, content_type: str = "application/json") -> None:
        """Write a small object, over what was there."""
        bucket, key = bucket_and_key(uri)
        with translated(f"s3:PutObject {uri}"):
            self.client.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)

    def send(self, path: Path, uri: str) -> StoredObject:
        """Write a local file, in parts when it is large, over what was there."""
        from boto3.s3.transfer import TransferConfig, create_transfer_manager

        bucket, key = bucket_and_key(uri)
        parts = TransferConfig(
            multipart_threshold=MULTIPART_SEND, multipart_chunksize=MULTIPART_SEND, max_concurrency=4
        )
        # By its path: of a file object each part would be read into memory before it is sent.
        with translated(f"s3:PutObject {uri}"), create_transfer_manager(self.client, parts) as sending:
            sending.upload(str(path), bucket, key).result()
        sent = self.head(uri)
        if sent is None or sent.size != path.stat().st_size:
            raise Terminal(
                f"{uri} was replaced or removed while it was written. Nothing else may write there.",
                code="object_changed",
                title="An object changed while it was written",
            )
        return sent

    def fetch(self, uri: str, path: Path) -> None:
        """Write an object to a local file; the file appears only when it is whole."""
        stored = self.head(uri)
        if stored is None:
            raise object_missing(uri)
        unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            with self.file(stored).open() as source, unfinished.open("wb") as target:
                shutil.copyfileobj(source, target, BUFFER)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def copy(self, source: StoredObject, uri: str) -> StoredObject:
        """Copy on the server's side, only that ETag, in parts above 5 GB; an equal copy already there is kept."""
        there = self._head(uri)
        if there is not None and _is_copy(there, source):
            return _stored(uri, there)
        copier = Copier(self.client, source=source, uri=uri, part_size=self.part_size)
        if source.size <= self.single_copy_max:
            return copier.at_once()
        copier.in_parts()
        there = self._head(uri)
        if there is None or not _is_copy(there, source):
            raise Terminal(
                f"{uri} was replaced or removed while it was copied. Nothing else may write there.",
                code="object_changed",
                title="An object changed while it was copied",
            )
        return _stored(uri, there)

    def checksums(self, stored: StoredObject) -> dict[str, str]:
        """The checksums that S3 keeps of the object's whole content, by algorithm; Conflict if it has another ETag."""
        answer = self._head(stored.uri, with_checksums=True)
        if answer is None:
            raise object_missing(stored.uri)
        if unquoted(answer["ETag"]) != stored.etag:
            raise object_changed(stored.uri)
        if answer.get("ChecksumType") == "COMPOSITE":  # of how it was cut into parts, not of its content
            return {}
        kept = {name: answer.get(f"Checksum{name}") for name in CHECKSUMS}
        return {name: str(value) for name, value in kept.items() if value and "-" not in str(value)}

    def delete(self, uris: Iterable[str]) -> None:
        """Delete objects; one that is not there is deleted already."""
        waiting: dict[str, set[str]] = {}
        for uri in uris:
            bucket, key = bucket_and_key(uri)
            keys = waiting.setdefault(bucket, set())
            keys.add(key)
            if len(keys) == DELETE_BATCH:
                self._delete(bucket, waiting.pop(bucket))
        for bucket, keys in waiting.items():
            self._delete(bucket, keys)

    def delete_unchanged(self, stored: StoredObject) -> bool:
        """Delete an object unless it has another ETag by now; whether it is gone."""
        bucket, key = bucket_and_key(stored.uri)
        what = f"s3:DeleteObject {stored.uri}"
        with translated(what):
            try:
                self.client.delete_object(Bucket=bucket, Key=key, IfMatch=f'"{stored.etag}"')
            except ClientError as error:
                if status_of(error) == _PRECONDITION_FAILED:
                    return False
                raise from_client_error(error, what=what) from error
        return True

    def _delete(self, bucket: str, keys: set[str]) -> None:
        objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in sorted(keys)]
        what = f"s3:DeleteObject in {bucket}"
        with translated(what):
            answer = self.client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        errors = [error for error in answer.get("Errors", ()) if error.get("Code") != "NoSuchKey"]
        # What passes is reported only when nothing else went wrong: it would be tried again for ever.
        errors.sort(key=lambda error: error.get("Code", "") in PASSING)
        if errors:
            raise from_code(errors[0].get("Code", ""), what=f"{what} ({len(errors)} of {len(keys)} objects)")

    def _head(self, uri: str, *, with_checksums: bool = False) -> HeadObjectOutputTypeDef | None:
        bucket, key = bucket_and_key(uri)
        what = f"s3:HeadObject {uri}"
        with translated(what):
            try:
                if with_checksums:  # which also needs the right to decrypt
                    return self.client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
                return self.client.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if code_of(error) == "NoSuchKey" or status_of(error) == _NOT_FOUND:
                    return None
                raise from_client_error(error, what=what) from error


def _stored(uri: str, answer: HeadObjectOutputTypeDef) -> StoredObject:
    return StoredObject(
        uri=uri,
        size=answer["ContentLength"],
        etag=unquoted(answer["ETag"]),
        last_modified=answer["LastModified"],
    )


def _is_copy(there: HeadObjectOutputTypeDef, source: StoredObject) -> bool:
    # A copy's own ETag differs from its source's when either was written in parts.
    if there["ContentLength"] != source.size:
        return False
    return source.etag in {unquoted(there["ETag"]), there["Metadata"].get(SOURCE_ETAG)}
