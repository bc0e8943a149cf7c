"""Objects in a store, and how they come there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO


@dataclass(frozen=True)
class StoredObject:
    """One object in a store. `uri` is `s3://bucket/key`, `etag` without quotes, `size` in bytes."""

    uri: str
    size: int
    etag: str
    last_modified: datetime

    @property
    def name(self) -> str:
        """The last segment of the key."""
        return self.uri.rpartition("/")[2]

    @property
    def written_at(self) -> datetime:
        """When it was written, in whole seconds: not every answer of S3 is finer."""
        return self.last_modified.replace(microsecond=0)


@dataclass(frozen=True)
class PartToSign:
    """One part to be sent: its number (1-based), how many bytes it has, and their SHA-256 in base64."""

    number: int
    size: int
    sha256: str


@dataclass(frozen=True)
class SignedPart:
    """Where a part may be PUT to, and the headers that the PUT must have."""

    number: int
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One part that was put: the ETag that S3 answered, without quotes, and its SHA-256 in base64."""

    number: int
    etag: str
    sha256: str


@dataclass(frozen=True)
class StoredPart:
    """One part as the store has it."""

    number: int
    size: int
    etag: str
    sha256: str


class StoredFile(Protocol):
    """A file in a store, pinned to one ETag; a `ByteSource` of the conversion. A changed object is a Conflict."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def open(self) -> BinaryIO:
        """A fresh stream from the first byte."""
        ...

    def open_range(self, start: int, end: int) -> BinaryIO:
        """A stream of the bytes `start` (inclusive) to `end` (exclusive)."""
        ...


class ObjectStore(Protocol):
    """Objects by URI. A missing object is NotFound, a denied one Terminal (never shown as empty)."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose URI starts with `prefix`, all pages."""
        ...

    def head(self, uri: str) -> StoredObject | None:
        """The object, or None if there is none."""
        ...

    def file(self, stored: StoredObject) -> StoredFile:
        """The object's content; reading fails with Conflict once the object has another ETag."""
        ...

    def read(self, uri: str) -> bytes:
        """A small object's content."""
        ...

    def write(self, uri: str, content: bytes, *, content_type: str = "application/json") -> None:
        """Write a small object, over what was there."""
        ...

    def send(self, path: Path, uri: str) -> StoredObject:
        """Write a local file, in parts when it is large, over what was there."""
        ...

    def fetch(self, uri: str, path: Path) -> None:
        """Write an object to a local file."""
        ...

    def copy(self, source: StoredObject, uri: str) -> StoredObject:
        """Copy on the server's side, only that ETag, in parts above 5 GB; an equal copy already there is kept."""
        ...

    def checksums(self, stored: StoredObject) -> dict[str, str]:
        """What the store itself keeps of the whole content, by algorithm; empty if nothing. A changed one: Conflict."""
        ...

    def delete(self, uris: Iterable[str]) -> None:
        """Delete objects; one that is not there is deleted already."""
        ...

    def delete_unchanged(self, stored: StoredObject) -> bool:
        """Delete an object unless it has another ETag by now; whether it is gone."""
        ...


@dataclass(frozen=True)
class PendingUpload:
    """A multipart upload that was begun and neither completed nor aborted."""

    uri: str
    multipart_id: str
    started_at: datetime


class MultipartUploads(Protocol):
    """Uploads that a browser sends to the store in presigned parts."""

    def start(self, uri: str) -> str:
        """Begin; returns the store's id of the multipart upload."""
        ...

    def sign(self, uri: str, multipart_id: str, parts: Sequence[PartToSign], *, seconds: int) -> tuple[SignedPart, ...]:
        """A URL for each part, good within `seconds` for a PUT of these very bytes."""
        ...

    def stored(self, uri: str, multipart_id: str) -> Iterator[StoredPart]:
        """The parts that are there, by number, all pages. NotFound when the store no longer knows the upload."""
        ...

    def complete(self, uri: str, multipart_id: str, parts: Sequence[Part]) -> StoredObject:
        """Make the object. NotFound when the store no longer knows the upload; Refused for wrong parts."""
        ...

    def abort(self, uri: str, multipart_id: str) -> None:
        """Give up and free the parts; one unknown to the store is aborted already."""
        ...

    def pending(self, prefix: str) -> Iterator[PendingUpload]:
        """Every multipart upload under way whose URI starts with `prefix`, all pages."""
        ...
