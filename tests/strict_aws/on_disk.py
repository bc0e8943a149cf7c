"""A server to stand behind the strict layer that holds large objects in files and none of them in memory.

It does what an upload asks of S3 and nothing else; every rule is the strict layer's.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from xml.sax.saxutils import escape

from werkzeug.wsgi import LimitedStream

from tests.strict_aws import s3_integrity
from tests.strict_aws.behind import SERVICE
from tests.strict_aws.s3_request import S3Request
from tests.strict_aws.wsgi import Answer, take_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tests.strict_aws.behind import Moto
    from tests.strict_aws.wsgi import Environ

_BLOCK = 1024 * 1024
_XML = {"Content-Type": "application/xml"}
_NOT_FOUND = Answer(404, _XML, b"<Error><Code>NoSuchKey</Code><Message>There is no such key.</Message></Error>")
_NO_SUCH_UPLOAD = Answer(404, _XML, b"<Error><Code>NoSuchUpload</Code><Message>It is over.</Message></Error>")
_PAGE = 1000  # API_ListParts: "the response returns a maximum of 1,000"


@dataclass(frozen=True)
class _Part:
    size: int
    md5: bytes


@dataclass
class OnDisk:
    """Objects and parts as files below a folder; `etags` by path, `parts` by upload and number."""

    folder: Path
    cors: dict[str, bytes] = field(default_factory=dict)
    etags: dict[Path, str] = field(default_factory=dict)
    parts: dict[str, dict[int, _Part]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = S3Request.of(environ)
        if request.operation in {"GetObject", "HeadObject"}:
            return self._object(request, environ, start_response)
        does: dict[str, Callable[[S3Request, Environ], Answer]] = {
            "CreateBucket": self._create_bucket,
            "PutBucketCors": self._put_cors,
            "GetBucketCors": self._get_cors,
            "CreateMultipartUpload": self._begin,
            "UploadPart": self._put_part,
            "ListParts": self._list_parts,
            "CompleteMultipartUpload": self._complete,
            "AbortMultipartUpload": self._abort,
            "DeleteObjects": self._delete,
        }
        return does[request.operation](request, environ).send(environ, start_response)

    def path(self, bucket: str, key: str) -> Path:
        """The folder of an object's parts."""
        return self.folder / bucket / hashlib.sha256(key.encode()).hexdigest()

    def _create_bucket(self, request: S3Request, _environ: Environ) -> Answer:
        (self.folder / request.bucket).mkdir(parents=True)
        return Answer(200, {}, b"")

    def _put_cors(self, request: S3Request, environ: Environ) -> Answer:
        self.cors[request.bucket] = take_body(environ)
        return Answer(200, {}, b"")

    def _get_cors(self, request: S3Request, _environ: Environ) -> Answer:
        return Answer(200, _XML, self.cors[request.bucket]) if request.bucket in self.cors else _NOT_FOUND

    def _begin(self, request: S3Request, _environ: Environ) -> Answer:
        begun = uuid4().hex
        (self.folder / begun).mkdir()
        self.parts[begun] = {}
        body = (
            f"<InitiateMultipartUploadResult><Bucket>{request.bucket}</Bucket><Key>{escape(request.key)}</Key>"
            f"<UploadId>{begun}</UploadId></InitiateMultipartUploadResult>"
        )
        return Answer(200, _XML, body.encode())

    def _put_part(self, request: S3Request, environ: Environ) -> Answer:
        begun, number = request.query["uploadId"], int(request.query["partNumber"])
        path = self.folder / begun / str(number)
        arriving = path.with_name(f"{number}.{uuid4().hex}")
        part = _keep(LimitedStream(environ["wsgi.input"], int(environ.get("CONTENT_LENGTH") or 0)), arriving)
        with self.lock:
            arriving.replace(path)
            self.parts[begun][number] = part
        # API_UploadPart, response: the checksum that was given. Senders repeat it when they complete.
        sums = {s3_integrity.PREFIX + name: value for name, value in s3_integrity.given(request).items()}
        return Answer(200, {"ETag": f'"{part.md5.hex()}"', **sums}, b"")

    def _list_parts(self, request: S3Request, _environ: Environ) -> Answer:
        after, most = int(request.query.get("part-number-marker", 0)), int(request.query.get("max-parts", _PAGE))
        rest = [number for number in sorted(self.parts[request.query["uploadId"]]) if number > after]
        page = rest[: min(most, _PAGE)]
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{part.md5.hex()}&quot;</ETag>"
            f"<Size>{part.size}</Size></Part>"
            for number, part in ((number, self.parts[request.query["uploadId"]][number]) for number in page)
        )
        more = len(rest) > len(page)
        marker = f"<NextPartNumberMarker>{page[-1]}</NextPartNumberMarker>" if more else ""
        body = f"<ListPartsResult><IsTruncated>{str(more).lower()}</IsTruncated>{marker}{listed}</ListPartsResult>"
        return Answer(200, _XML, body.encode())

    def _complete(self, request: S3Request, environ: Environ) -> Answer:
        begun = request.query["uploadId"]
        numbers = [int(number) for number in re.findall(rb"<PartNumber>(\d+)</PartNumber>", take_body(environ))]
        path = self.path(request.bucket, request.key)
        with self.lock:
            if begun not in self.parts:
                return _NO_SUCH_UPLOAD  # a second request that asks for the same
            parts = self.parts.pop(begun)
            shutil.rmtree(path, ignore_errors=True)
            # The object is its parts, at once: gigabytes that were copied would keep whoever completes waiting.
            (self.folder / begun).rename(path)
        for left_out in parts.keys() - set(numbers):
            (path / str(left_out)).unlink()
        digests = b"".join(parts[number].md5 for number in numbers)
        self.etags[path] = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(numbers)}"
        body = f"<CompleteMultipartUploadResult><ETag>&quot;{self.etags[path]}&quot;</ETag>"
        return Answer(200, _XML, f"{body}</CompleteMultipartUploadResult>".encode())

    def _abort(self, request: S3Request, _environ: Environ) -> Answer:
        begun = request.query["uploadId"]
        shutil.rmtree(self.folder / begun)
        del self.parts[begun]
        return Answer(204, {}, b"")

    def _delete(self, request: S3Request, environ: Environ) -> Answer:
        for key in re.findall(rb"<Key>(.*?)</Key>", take_body(environ)):
            shutil.rmtree(self.path(request.bucket, key.decode()), ignore_errors=True)
        return Answer(200, _XML, b"<DeleteResult></DeleteResult>")

    def _object(self, request: S3Request, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = self.path(request.bucket, request.key)
        if not path.exists():
            return _NOT_FOUND.send(environ, start_response)
        parts = in_order(path)
        headers = [
            ("ETag", f'"{self.etags[path]}"'),
            ("Content-Length", str(sum(part.stat().st_size for part in parts))),
            ("Last-Modified", formatdate(path.stat().st_mtime, usegmt=True)),
        ]
        start_response("200 OK", headers)
        return blocks_of(path) if request.method == "GET" else []


def in_order(path: Path) -> list[Path]:
    """The files that an object is made of."""
    return sorted(path.iterdir(), key=lambda part: int(part.name))


def blocks_of(path: Path) -> Iterator[bytes]:
    """An object's content."""
    for part in in_order(path):
        with part.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


@dataclass(frozen=True)
class GlueApart:
    """Two servers behind one layer: S3 on disk, and another for everything else."""

    s3: OnDisk
    others: Moto

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        behind = self.s3 if environ.get(SERVICE) == "s3" else self.others
        return behind(environ, start_response)


def _keep(body: LimitedStream, path: Path) -> _Part:
    md5, size = hashlib.md5(usedforsecurity=False), 0
    with path.open("wb") as file:
        while chunk := body.read(_BLOCK):
            md5.update(chunk)
            size += file.write(chunk)
    return _Part(size, md5.digest())
