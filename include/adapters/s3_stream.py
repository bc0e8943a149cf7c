"""Reading one S3 object as a stream: pinned to an ETag, resumed where a connection broke."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError, HTTPClientError, IncompleteReadError

from include.adapters.aws_errors import code_of, from_botocore, from_client_error, status_of
from include.adapters.s3_uri import bucket_and_key
from include.domain.errors import Conflict, NotFound, Terminal, Transient, UploaderError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

    from include.ports import StoredObject

BUFFER = 1024 * 1024
RESUMES = 4  # breaks in a row without a byte between them, before giving up

_PRECONDITION_FAILED = 412
_NOT_FOUND = 404


def object_changed(uri: str) -> Conflict:
    """The object has another ETag than the one that was claimed."""
    return Conflict(
        f"{uri} was written again after it was taken in. Upload the new file as an upload of its own.",
        code="object_changed",
        title="The file was changed meanwhile",
    )


def object_missing(uri: str) -> NotFound:
    """There is no such object."""
    return NotFound(f"There is no object at {uri}.", code="object_not_found", title="No such object")


def read_error(error: ClientError, *, uri: str, what: str) -> UploaderError:
    """Our error for a refused read of an object, pinned or not."""
    if status_of(error) == _PRECONDITION_FAILED:
        return object_changed(uri)
    if code_of(error) in {"NoSuchKey", "404"}:
        return object_missing(uri)
    return from_client_error(error, what=what)


class _PinnedStream(io.RawIOBase):
    """Bytes `start` to `end` of one version of an object; the request is made at the first read."""

    def __init__(self, client: S3Client, stored: StoredObject, *, start: int, end: int) -> None:
        super().__init__()
        self._client = client
        self._stored = stored
        self._position = start
        self._end = end
        self._body: StreamingBody | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._end - self._position)
        if wanted <= 0:
            self._finish()
            return 0
        chunk = self._next_chunk(wanted)
        view[: len(chunk)] = chunk
        self._position += len(chunk)
        return len(chunk)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _next_chunk(self, wanted: int) -> bytes:
        what = f"s3:GetObject {self._stored.uri}"
        broken: BotoCoreError | None = None
        for _ in range(RESUMES + 1):
            try:
                body = self._body = self._body or self._request()
                if chunk := body.read(wanted):
                    return chunk
            except ClientError as error:
                raise read_error(error, uri=self._stored.uri, what=what) from error
            except (HTTPClientError, IncompleteReadError) as error:
                broken = error
            except BotoCoreError as error:
                raise from_botocore(error, what=what) from error
            self._hang_up()
        raise Transient(
            f"The connection broke {RESUMES + 1} times at byte {self._position} during {what}. Try again.",
            code="aws_unreachable",
            title="AWS cannot be reached",
        ) from broken

    def _finish(self) -> None:
        # botocore compares the checksum that S3 keeps of the whole object when it sees the end of the body.
        body, self._body = self._body, None
        if body is None:
            return
        try:
            body.read(1)
        except FlexibleChecksumError as error:
            raise Transient(
                f"The bytes received of {self._stored.uri} do not have the checksum that S3 keeps. Try again.",
                code="checksum_mismatch",
                title="The file arrived damaged",
            ) from error
        finally:
            body.close()

    def _request(self) -> StreamingBody:
        bucket, key = bucket_and_key(self._stored.uri)
        whole = self._position == 0 and self._end == self._stored.size
        if whole:
            answer = self._client.get_object(Bucket=bucket, Key=key, IfMatch=f'"{self._stored.etag}"')
        else:
            answer = self._client.get_object(
                Bucket=bucket,
                Key=key,
                IfMatch=f'"{self._stored.etag}"',
                Range=f"bytes={self._position}-{self._end - 1}",
            )
        if answer["ContentLength"] != self._end - self._position:
            answer["Body"].close()
            raise Terminal(
                f"The store sent {answer['ContentLength']} bytes of {self._stored.uri} where "
                f"{self._end - self._position} were asked for.",
                code="aws_error",
                title="The store did not send what was asked for",
            )
        return answer["Body"]

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


@dataclass(frozen=True)
class PinnedFile:
    """A StoredFile: the content of an object as long as it keeps its ETag."""

    client: S3Client
    stored: StoredObject

    @property
    def size(self) -> int:
        """Bytes."""
        return self.stored.size

    def open(self) -> BinaryIO:
        """A fresh stream from the first byte."""
        return self.open_range(0, self.size)

    def open_range(self, start: int, end: int) -> BinaryIO:
        """A stream of the bytes `start` (inclusive) to `end` (exclusive), cut at the object's end."""
        stream = _PinnedStream(self.client, self.stored, start=start, end=min(end, self.size))
        return cast("BinaryIO", io.BufferedReader(stream, buffer_size=BUFFER))
