"""S3 requests on their way through the rules to moto and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.strict_aws import presign, s3_rules
from tests.strict_aws.refusals import Refusal
from tests.strict_aws.wsgi import Answer, ask, headers_of, path_parts, put_body, query_of, raw_target, take_body

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tests.strict_aws.wsgi import Environ

_OK = 200
_REMEMBERED = frozenset({"CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload"})


def request_of(environ: Environ) -> s3_rules.S3Request:
    """What a request to S3 asks for."""
    path, query = raw_target(environ)
    bucket, key = path_parts(path)
    return s3_rules.S3Request(environ["REQUEST_METHOD"], bucket, key, query_of(query), headers_of(environ))


@dataclass
class S3Gate:
    """Answers as S3 would; objects stream through without being held."""

    moto: Any
    copy_max: int = s3_rules.COPY_MAX
    list_page: int = s3_rules.LIST_PAGE
    multipart: s3_rules.MultipartRules = field(default_factory=s3_rules.MultipartRules)

    def answer(
        self, request: s3_rules.S3Request, environ: Environ, start_response: Any, *, now: datetime
    ) -> Iterable[bytes]:
        """What AWS would answer."""
        try:
            self._check(request, environ, now=now)
        except Refusal as refusal:
            return refuse(refusal).send(environ, start_response)
        if request.operation == "ListObjectsV2":
            asked = int(request.query.get("max-keys", s3_rules.LIST_PAGE))
            environ["QUERY_STRING"] += f"&max-keys={min(asked, self.list_page)}"
        if request.operation not in _REMEMBERED:
            answer: Iterable[bytes] = self.moto(environ, start_response)
            return answer
        whole = ask(self.moto, environ)
        self.multipart.learn(request, status=whole.status, answer=whole.body)
        return whole.send(environ, start_response)

    def _check(self, request: s3_rules.S3Request, environ: Environ, *, now: datetime) -> None:
        _check_signed(request, environ, now=now)
        s3_rules.check(request)
        if "x-amz-copy-source" in request.headers:
            s3_rules.check_copy(request, self._source(request, environ), copy_max=self.copy_max)
        if "uploadId" in request.query:
            body = take_body(environ) if request.operation == "CompleteMultipartUpload" else b""
            self.multipart.check(request, body)

    def _source(self, request: s3_rules.S3Request, environ: Environ) -> s3_rules.Source | None:
        path = "/" + unquote(request.headers["x-amz-copy-source"].partition("?")[0]).lstrip("/")
        carried = {
            name: value
            for name, value in environ.items()
            if not name.startswith(("HTTP_X_AMZ_COPY", "HTTP_X_AMZ_META", "CONTENT_"))
        }
        asked = {
            **carried,
            "REQUEST_METHOD": "HEAD",
            "PATH_INFO": path.encode().decode("latin-1"),
            "REQUEST_URI": path,
            "RAW_URI": path,
            "QUERY_STRING": "",
        }
        put_body(asked, b"")
        found = ask(self.moto, asked)
        if found.status != _OK:
            return None
        headers = {name.lower(): value for name, value in found.headers.items()}
        return s3_rules.Source(headers["etag"].strip('"'), int(headers["content-length"]))


def refuse(refusal: Refusal) -> Answer:
    """A refusal as S3 words it."""
    return Answer(refusal.status, {"Content-Type": "application/xml"}, refusal.as_xml())


def _check_signed(request: s3_rules.S3Request, environ: Environ, *, now: datetime) -> None:
    path, query = raw_target(environ)
    if presign.is_presigned(query):
        presign.check(presign.SignedRequest(request.method, path, query, request.headers), now=now)
    elif "authorization" not in request.headers and request.method != "OPTIONS":
        raise Refusal("AccessDenied", "Access Denied", 403)
