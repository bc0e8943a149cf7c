"""WSGI as the strict layer needs it: what came, what the server behind it answers, and an answer of our own."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

Environ = dict[str, Any]

_OF_THE_REQUEST = ("HTTP_X_AMZ_COPY", "HTTP_X_AMZ_META", "HTTP_X_AMZ_CHECKSUM", "HTTP_ACCESS_CONTROL", "CONTENT_")
_CONDITIONS = frozenset(
    {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_CONTENT_MD5", "HTTP_ORIGIN", "HTTP_EXPECT"}
)


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def send(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Hand it to the server, its length set anew."""
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
        return Response(self.body, status=self.status, headers=headers)(environ, start_response)


def ask(app: Any, environ: Environ) -> Answer:
    """What an application answers, read whole."""
    chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Answer(int(status.split(" ", 1)[0]), dict(headers), b"".join(chunks))


def headers_of(environ: Environ) -> dict[str, str]:
    """A request's headers, names in lower case."""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def raw_target(environ: Environ) -> tuple[str, str]:
    """Path and query exactly as they came, still quoted."""
    path, _, query = str(environ.get("REQUEST_URI", environ["PATH_INFO"])).partition("?")
    return path, query


def query_of(query: str) -> dict[str, str]:
    """A query's parameters, decoded; the first of each."""
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


def path_parts(path: str) -> tuple[str, str]:
    """Bucket and key of a path-style request."""
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    return bucket, key


def take_body(environ: Environ) -> bytes:
    """A request's body; it can still be read by the application behind."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    put_body(environ, body)
    return body


def asking(environ: Environ, method: str, path: str, query: str = "") -> Environ:
    """Another request in the name of whoever sent this one: `path` is not quoted, and there is no body."""
    carried = {
        name: value
        for name, value in environ.items()
        if not name.startswith(_OF_THE_REQUEST) and name not in _CONDITIONS
    }
    quoted = quote(path)
    made = {
        **carried,
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "REQUEST_URI": f"{quoted}?{query}" if query else quoted,
        "RAW_URI": f"{quoted}?{query}" if query else quoted,
        "QUERY_STRING": query,
    }
    put_body(made, b"")
    return made


def put_body(environ: Environ, body: bytes) -> None:
    """Give the application behind this body to read."""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
