"""S3 requests on their way through the rules to the server behind the layer and back."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from tests.strict_aws import presign, s3_conditions, s3_cors, s3_integrity, s3_multipart, s3_rules
from tests.strict_aws.refusals import Refusal
from tests.strict_aws.s3_request import S3Request, Stored
from tests.strict_aws.wsgi import Answer, ask, asking, raw_target, take_body

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tests.strict_aws.wsgi import Environ

_OK = 200
_HELD = 16 * 1024 * 1024  # bytes of a body kept in memory while its checksum is made


@dataclass(frozen=True)
class Limits:
    """Limits that a test may lower."""

    copy_max: int
    list_page: int
    parts_page: int


@dataclass(frozen=True)
class S3Memory:
    """What S3 knows beyond its objects."""

    multiparts: s3_multipart.Multiparts = field(default_factory=s3_multipart.Multiparts)
    conditions: s3_conditions.Conditions = field(default_factory=s3_conditions.Conditions)


@dataclass(frozen=True)
class S3Gate:
    """One request, answered as S3 would; objects stream through without being held in memory."""

    behind: Any
    memory: S3Memory
    limits: Limits
    request: S3Request
    environ: Environ
    now: datetime

    def answer(self, start_response: Any) -> Iterable[bytes]:
        """What AWS would answer."""
        start_response = self._starting(start_response)
        try:
            if self.request.method == "OPTIONS":
                allowed = s3_cors.preflight(self._cors_rules(), self.request.headers)
                return Answer(_OK, allowed, b"").send(self.environ, start_response)
            begun = self.memory.conditions.begun(self.request)
            self._check()
            if s3_conditions.is_conditional(self.request):
                with self.memory.conditions.lock:
                    there = self._stored(f"/{self.request.bucket}/{self.request.key}")
                    self.memory.conditions.check(self.request, there, begun=begun)
                    if self.request.operation in {"CopyObject", "DeleteObject"}:  # where moto reads them otherwise
                        self.environ.pop("HTTP_IF_MATCH", None)
                        self.environ.pop("HTTP_IF_NONE_MATCH", None)
                    return self._whole().send(self.environ, start_response)
            if self.request.operation in _WHOLE:
                return self._whole().send(self.environ, start_response)
        except Refusal as refusal:
            return refuse(refusal).send(self.environ, start_response)
        if self.request.operation == "ListObjectsV2":
            asked = int(self.request.query.get("max-keys", s3_rules.LIST_PAGE))
            self.environ["QUERY_STRING"] += f"&max-keys={min(asked, self.limits.list_page)}"
        answer: Iterable[bytes] = self.behind(self.environ, start_response)
        return answer

    def _check(self) -> None:
        request = self.request
        _check_signed(request, self.environ, now=self.now)
        s3_rules.check(request)
        if request.operation in s3_integrity.CHECKED:
            s3_integrity.check(request, hold_body(self.environ))
        if request.operation == "DeleteObjects":
            s3_rules.check_deletes(take_body(self.environ))
        if "x-amz-copy-source" in request.headers:
            self._check_copy()
        if "uploadId" in request.query:
            body = take_body(self.environ) if request.operation == "CompleteMultipartUpload" else b""
            self.memory.multiparts.check(request, body)

    def _check_copy(self) -> None:
        path = _source_path(self.request)
        source = self._stored(path)
        if source is None:
            return  # the server behind the layer says itself that there is no such key
        s3_conditions.check_source(self.request, source)
        s3_rules.check_copy_size(self.request, source, copy_max=self.limits.copy_max)
        bucket, _, key = path.lstrip("/").partition("/")
        made = self.memory.multiparts.made.get((bucket, key, source.etag))
        if self.request.operation == "CopyObject" and made:
            # userguide/checking-object-integrity.html: a copy has the checksum of the whole object, not a composite.
            self.environ.setdefault("HTTP_X_AMZ_CHECKSUM_ALGORITHM", made.algorithm.upper())

    def _whole(self) -> Answer:
        """An answer that has to be read, or changed."""
        request, multiparts = self.request, self.memory.multiparts
        if request.operation == "ListMultipartUploads":
            return self._list_uploads()
        if request.operation == "ListParts":
            asked = int(request.query.get("max-parts", s3_rules.PARTS_PAGE))
            self.environ["QUERY_STRING"] += f"&max-parts={min(asked, self.limits.parts_page)}"
        body = take_body(self.environ) if request.operation in _WITH_BODY else b""
        try:
            answer = ask(self.behind, self.environ)
        except KeyError:
            if request.operation != "UploadPart":
                raise
            raise s3_multipart.NO_SUCH_UPLOAD from None  # moto's word for an upload that was completed meanwhile
        if request.operation == "UploadPartCopy" and answer.status == _OK and multiparts.algorithm(request):
            answer = self._with_part_checksum(answer)
        if request.operation == "ListParts":
            answer = multiparts.with_part_checksums(request, answer)
        if request.operation in s3_multipart.LEARNT:
            multiparts.learn(request, answer, body, now=self.now)
        algorithm = multiparts.algorithm(request, whole=True)
        if request.operation == "CompleteMultipartUpload" and answer.status == _OK and algorithm:
            content = ask(self.behind, asking(self.environ, "GET", f"/{request.bucket}/{request.key}")).body
            value = s3_integrity.checksum(algorithm, content)
            multiparts.learn_made(request, answer, s3_multipart.Checksum(algorithm, value, "FULL_OBJECT"))
        if answer.status < 300:
            self.memory.conditions.deleted(request.bucket, _deleted_keys(request, body))
        return answer

    def _list_uploads(self) -> Answer:
        query = {name: self.request.query[name] for name in ("prefix",) if name in self.request.query}
        pages: list[bytes] = []
        more: dict[str, str] = {}
        while not pages or more:
            asked = urlencode({"uploads": "", **query, **more})
            page = ask(self.behind, asking(self.environ, "GET", raw_target(self.environ)[0], asked))
            if page.status != _OK:
                return page
            pages.append(page.body)
            more = s3_multipart.is_truncated(page.body)
        return self.memory.multiparts.page(self.request, pages)

    def _with_part_checksum(self, answer: Answer) -> Answer:
        """API_UploadPartCopy, CopyPartResult: the part's checksum, of the algorithm that the upload was begun with."""
        algorithm = self.memory.multiparts.algorithm(self.request)
        assert algorithm
        asked = asking(self.environ, "GET", _source_path(self.request))
        if "x-amz-copy-source-range" in self.request.headers:
            asked["HTTP_RANGE"] = self.request.headers["x-amz-copy-source-range"]
        value = s3_integrity.checksum(algorithm, ask(self.behind, asked).body)
        self.memory.multiparts.learn_copied(self.request, value)
        name = f"Checksum{algorithm.upper()}"
        if f"<{name}>".encode() in answer.body:
            return answer
        element = f"<{name}>{value}</{name}></CopyPartResult>".encode()
        return Answer(answer.status, answer.headers, answer.body.replace(b"</CopyPartResult>", element))

    def _stored(self, path: str) -> Stored | None:
        found = ask(self.behind, asking(self.environ, "HEAD", path))
        if found.status != _OK:
            return None
        headers = {name.lower(): value for name, value in found.headers.items()}
        return Stored(
            headers["etag"].strip('"'), int(headers["content-length"]), parsedate_to_datetime(headers["last-modified"])
        )

    def _cors_rules(self) -> list[s3_cors.Rule]:
        found = ask(self.behind, asking(self.environ, "GET", f"/{self.request.bucket}", "cors="))
        return s3_cors.read_rules(found.body) if found.status == _OK else []

    def _starting(self, start_response: Any) -> Any:
        """Answers have the CORS headers of the bucket's rules and no others, and an object of parts its checksum."""
        origin = self.request.headers.get("origin")
        preflight = self.request.method == "OPTIONS"
        allowed = (
            s3_cors.actual(self._cors_rules(), origin=origin, method=self.request.method)
            if origin and not preflight
            else {}
        )

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kept = [pair for pair in headers if preflight or not pair[0].lower().startswith("access-control-")]
            return start_response(status, self._with_checksum([*kept, *allowed.items()]), *more)

        return start

    def _with_checksum(self, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        request = self.request
        if request.operation not in {"GetObject", "HeadObject"} or "x-amz-checksum-mode" not in request.headers:
            return headers
        etag = next((value.strip('"') for name, value in headers if name.lower() == "etag"), "")
        found = self.memory.multiparts.made.get((request.bucket, request.key, etag))
        if found is None:
            return headers
        others = [pair for pair in headers if not pair[0].lower().startswith(s3_integrity.PREFIX)]
        kept = [(s3_integrity.PREFIX + found.algorithm, found.value), (f"{s3_integrity.PREFIX}type", found.kind)]
        return [*others, *kept]


_WITH_BODY = frozenset({"CompleteMultipartUpload", "DeleteObjects"})
_WHOLE = s3_multipart.LEARNT | {"ListMultipartUploads", "ListParts", "DeleteObject", "DeleteObjects"}


def refuse(refusal: Refusal) -> Answer:
    """A refusal as S3 words it."""
    return Answer(refusal.status, {"Content-Type": "application/xml"}, refusal.as_xml())


def hold_body(environ: Environ) -> IO[bytes]:
    """A request's body, to be read more than once; a large one is held on disk."""
    held: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115  closed with the request
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left and (chunk := environ["wsgi.input"].read(min(left, s3_integrity.CHUNK))):
        held.write(chunk)
        left -= len(chunk)
    held.seek(0)
    environ["wsgi.input"] = held
    return held


def _source_path(request: S3Request) -> str:
    return "/" + unquote(request.headers["x-amz-copy-source"].partition("?")[0]).lstrip("/")


def _deleted_keys(request: S3Request, body: bytes) -> list[str]:
    if request.operation == "DeleteObject":
        return [request.key]
    return s3_rules.keys_of(body) if request.operation == "DeleteObjects" else []


def _check_signed(request: S3Request, environ: Environ, *, now: datetime) -> None:
    path, query = raw_target(environ)
    if presign.is_presigned(query):
        presign.check(presign.SignedRequest(request.method, path, query, request.headers), now=now)
    elif "authorization" not in request.headers:
        raise Refusal("AccessDenied", "Access Denied", 403)
