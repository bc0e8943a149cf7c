"""Protection around every answer: what a browser may load and send, and how large a request may be."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from include.settings import Settings
from plugins.front.provided import Provider
from plugins.front.visitors import session_of

MIB = 1024 * 1024
FORM_FILE_MAX = 100 * MIB  # the file of the form without JavaScript
_FORM_OVERHEAD = 64 * 1024
_API_MAX = 3 * MIB  # 10,000 parts with ETag and checksum
_FORM_MAX = 64 * 1024
_NO_CHARACTER = "\N{REPLACEMENT CHARACTER}"


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": " ".join(("'self'", *_store_origins(settings))),
        "object-src": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _store_origins(settings: Settings) -> tuple[str, ...]:
    """Where presigned URLs may point to: the landing bucket by path and by host name."""
    bucket = urlsplit(settings.landing_uri).netloc
    endpoint = settings.public_endpoint_url
    if endpoint is not None:
        scheme, host = urlsplit(endpoint)[:2]
        return (f"{scheme}://{host}", f"{scheme}://{bucket}.{host}")
    region = settings.aws_region
    hosts = (f"{bucket}.s3.{region}.amazonaws.com", f"{bucket}.s3.amazonaws.com", f"s3.{region}.amazonaws.com")
    return tuple(f"https://{host}" for host in hosts)


class SecurityHeaders:
    """Adds the security headers; what no route decided about caching is not kept by browsers."""

    def __init__(self, app: ASGIApp, *, provide: Provider) -> None:
        self.app = app
        self.provide = provide

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        context = await self.provide.ready()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(security_headers(context.settings))
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class PrintablePath:
    """Takes control characters out of paths: a line break fits no route, so that another app would answer it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] == "http" and not scope["path"].isprintable():
            scope = {**scope, "path": "".join(each if each.isprintable() else _NO_CHARACTER for each in scope["path"])}
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses a body that is too large (413), by its announced length or as it arrives."""

    def __init__(self, app: ASGIApp, *, provide: Provider) -> None:
        self.app = app
        self.provide = provide

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = await self._limit(HTTPConnection(scope))
        announced = Headers(scope=scope).get("content-length", "")
        arrived = 0

        async def receive_within() -> Message:
            nonlocal arrived
            if announced.isdecimal() and int(announced) > limit:
                raise HTTPException(413)
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_within, send)

    async def _limit(self, connection: HTTPConnection) -> int:
        path = connection.scope["path"].removeprefix(connection.scope.get("root_path", ""))
        # A form is read, onto disk, before the route asks who sends it: only people who signed in may fill the disk.
        if path == "/upload/file" and await run_in_threadpool(self._is_signed_in, connection):
            return FORM_FILE_MAX + _FORM_OVERHEAD
        return _API_MAX if path.startswith("/api/") else _FORM_MAX

    def _is_signed_in(self, connection: HTTPConnection) -> bool:
        return session_of(connection, context=self.provide()) is not None
