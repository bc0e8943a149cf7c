"""The servers that may stand behind the strict layer: moto in this process, or any other that speaks HTTP."""

from __future__ import annotations

import base64
import http.client
import threading
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3 import models, responses
from moto.s3.utils import compute_checksum
from werkzeug.test import create_environ

from tests.strict_aws import s3_integrity
from tests.strict_aws.wsgi import ask, headers_of, raw_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.strict_aws.wsgi import Environ

SERVICE = "strict_aws.service"  # in a request's environ: the service it is for
CHUNK = 256 * 1024
_SECONDS = 300
_OF_THE_CONNECTION = frozenset({"connection", "expect", "keep-alive", "transfer-encoding", "content-length"})


class Moto:
    """moto, in this process."""

    def __init__(self) -> None:
        # Without a library that is not ours to need, moto gives a CRC32 the names of these two.
        for module in (models, responses):
            vars(module)["compute_checksum"] = _compute_checksum
        self._parts = threading.Lock()
        self._application = DomainDispatcherApplication(create_backend_app)
        # moto looks for the service of each request anew, one request at a time, for longer than most answers take.
        self._services = {service: create_backend_app(service) for service in ("glue", "s3")}

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        application = self._services.get(environ.get(SERVICE, ""), self._application)
        if "uploadId=" not in environ.get("QUERY_STRING", ""):
            answer: Iterable[bytes] = application(environ, start_response)
            return answer
        with self._parts:  # moto stumbles over a part that is put twice at once, or while its upload is completed
            return list(application(environ, start_response))

    def reset(self) -> None:
        """Forget everything."""
        ask(self._application, create_environ("/moto-api/reset", "http://127.0.0.1", method="POST"))


def _compute_checksum(body: bytes, algorithm: str, encode_base64: bool = True) -> bytes:  # noqa: FBT001, FBT002  moto's
    if algorithm not in {"CRC32C", "CRC64NVME"}:
        return compute_checksum(body, algorithm, encode_base64)
    encoded = s3_integrity.checksum(algorithm.lower(), body).encode()
    return encoded if encode_base64 else base64.b64decode(encoded)


class Forwarded:
    """Another server: bodies stream both ways, and Host goes on as it came, for it is part of what was signed."""

    def __init__(self, url: str) -> None:
        self._netloc = urlsplit(url).netloc

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        connection = http.client.HTTPConnection(self._netloc, timeout=_SECONDS)
        path, _ = raw_target(environ)
        query = environ.get("QUERY_STRING", "")
        connection.putrequest(
            environ["REQUEST_METHOD"],
            f"{path}?{query}" if query else path,
            skip_host=True,
            skip_accept_encoding=True,
        )
        for name, value in headers_of(environ).items():
            if name not in _OF_THE_CONNECTION:
                connection.putheader(name, value)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        connection.putheader("content-length", str(length))
        connection.endheaders()
        for chunk in _chunks(environ["wsgi.input"], length):
            connection.send(chunk)
        answer = connection.getresponse()
        headers = [pair for pair in answer.getheaders() if pair[0].lower() not in _OF_THE_CONNECTION]
        if answer.getheader("content-length") is not None:
            headers.append(("Content-Length", str(answer.getheader("content-length"))))
        start_response(f"{answer.status} {answer.reason}", headers)
        return _body(connection, answer)


def _chunks(source: IO[bytes], length: int) -> Iterator[bytes]:
    while length and (chunk := source.read(min(length, CHUNK))):
        yield chunk
        length -= len(chunk)


def _body(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := answer.read(CHUNK):
            yield chunk
    finally:
        connection.close()
