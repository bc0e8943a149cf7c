"""An object store in memory, with multipart uploads and the errors that the ports promise."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Refused
from include.ports import PendingUpload, SignedPart, StoredObject, StoredPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from include.ports import Part, PartToSign


def sha256_of(content: bytes) -> str:
    """As S3 writes it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@dataclass(frozen=True)
class MemoryFile:
    """One object's content, pinned to the ETag it had."""

    store: MemoryObjects
    stored: StoredObject

    @property
    def size(self) -> int:
        return self.stored.size

    def open(self) -> BinaryIO:
        return io.BytesIO(self._content())

    def open_range(self, start: int, end: int) -> BinaryIO:
        return io.BytesIO(self._content()[start:end])

    def _content(self) -> bytes:
        current = self.store.head(self.stored.uri)
        if current is None or current.etag != self.stored.etag:
            raise Conflict(f"{self.stored.uri} has changed.", code="object_changed")
        return self.store.content[self.stored.uri]


@dataclass
class MemoryObjects:
    """An ObjectStore. `content` may be looked into and written to by tests; `moments` are other times than `moment`."""

    content: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    moment: datetime = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    moments: dict[str, datetime] = field(default_factory=dict)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for uri in sorted(self.content):
            if uri.startswith(prefix):
                yield self._stored(uri)

    def head(self, uri: str) -> StoredObject | None:
        return self._stored(uri) if uri in self.content else None

    def file(self, stored: StoredObject) -> MemoryFile:
        return MemoryFile(self, stored)

    def read(self, uri: str) -> bytes:
        if uri not in self.content:
            raise NotFound(f"There is no object at {uri}.", code="object_not_found")
        return self.content[uri]

    def write(self, uri: str, content: bytes, *, content_type: str = "application/json") -> None:
        assert content_type
        self.content[uri] = content
        self.etags.pop(uri, None)

    def send(self, path: Path, uri: str) -> StoredObject:
        self.write(uri, path.read_bytes(), content_type="application/octet-stream")
        return self._stored(uri)

    def fetch(self, uri: str, path: Path) -> None:
        path.write_bytes(self.read(uri))

    def copy(self, source: StoredObject, uri: str) -> StoredObject:
        self.write(uri, MemoryFile(self, source)._content())
        return self._stored(uri)

    def checksums(self, stored: StoredObject) -> dict[str, str]:
        with self.file(stored).open() as stream:
            return {"SHA256": hashlib.sha256(stream.read()).hexdigest()}

    def delete(self, uris: Iterable[str]) -> None:
        for uri in uris:
            self.content.pop(uri, None)
            self.etags.pop(uri, None)

    def delete_unchanged(self, stored: StoredObject) -> bool:
        if stored.uri in self.content and self._stored(stored.uri).etag != stored.etag:
            return False
        self.content.pop(stored.uri, None)
        self.etags.pop(stored.uri, None)
        return True

    def _stored(self, uri: str) -> StoredObject:
        etag = self.etags.get(uri) or hashlib.md5(self.content[uri], usedforsecurity=False).hexdigest()
        return StoredObject(uri, len(self.content[uri]), etag, self.moments.get(uri, self.moment))


@dataclass
class MemoryMultipart:
    """MultipartUploads into a MemoryObjects. A test puts a part with `put(signed, content)` and gets its ETag."""

    objects: MemoryObjects
    endpoint: str = "https://s3.test"
    open: dict[str, dict[int, bytes]] = field(default_factory=dict)
    aborted: list[str] = field(default_factory=list)
    failure: Exception | None = None
    started: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    moment: datetime = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    _count: int = 0

    def start(self, uri: str) -> str:
        if self.failure is not None:
            raise self.failure
        self._count += 1
        multipart_id = f"multipart-{self._count}"
        self.open[multipart_id] = {}
        assert uri.startswith("s3://")
        self.started[multipart_id] = (uri, self.moment)
        return multipart_id

    def pending(self, prefix: str) -> Iterator[PendingUpload]:
        for multipart_id in sorted(self.open):
            uri, moment = self.started[multipart_id]
            if uri.startswith(prefix):
                yield PendingUpload(uri, multipart_id, moment)

    def sign(self, uri: str, multipart_id: str, parts: Sequence[PartToSign], *, seconds: int) -> tuple[SignedPart, ...]:
        place = uri.removeprefix("s3://")
        return tuple(
            SignedPart(
                part.number,
                f"{self.endpoint}/{place}?uploadId={multipart_id}&partNumber={part.number}&X-Amz-Expires={seconds}",
                {"Content-Length": str(part.size), "x-amz-checksum-sha256": part.sha256},
            )
            for part in parts
        )

    def put(self, signed: SignedPart, content: bytes) -> str:
        assert signed.headers == {"Content-Length": str(len(content)), "x-amz-checksum-sha256": sha256_of(content)}
        query = dict(pair.split("=", 1) for pair in signed.url.partition("?")[2].split("&"))
        self.open[query["uploadId"]][int(query["partNumber"])] = content
        return hashlib.md5(content, usedforsecurity=False).hexdigest()

    def stored(self, uri: str, multipart_id: str) -> Iterator[StoredPart]:
        assert uri.startswith("s3://")
        for number, content in sorted(self._held(multipart_id).items()):
            etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
            yield StoredPart(number, len(content), etag, sha256_of(content))

    def complete(self, uri: str, multipart_id: str, parts: Sequence[Part]) -> StoredObject:
        held = self._held(multipart_id)
        there = {part.number: (part.etag, part.sha256) for part in self.stored(uri, multipart_id)}
        for part in parts:
            if there.get(part.number) != (part.etag, part.sha256):
                raise Refused(f"Part {part.number} is not there.", code="bad_parts", field="parts")
        self.objects.write(uri, b"".join(held[part.number] for part in parts))
        self.objects.etags[uri] = f"{hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest()}-{len(parts)}"
        del self.open[multipart_id]
        stored = self.objects.head(uri)
        assert stored is not None
        return stored

    def _held(self, multipart_id: str) -> dict[int, bytes]:
        if multipart_id not in self.open:
            raise NotFound("The store does not know this upload.", code="multipart_not_found")
        return self.open[multipart_id]

    def abort(self, uri: str, multipart_id: str) -> None:
        assert uri.startswith("s3://")
        self.open.pop(multipart_id, None)
        self.aborted.append(multipart_id)
