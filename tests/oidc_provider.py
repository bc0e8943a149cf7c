"""An OpenID Connect provider on loopback, for tests: it keeps to the rules until it is told to break one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import secrets
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

CLIENT_ID = "data-uploader"
CLIENT_SECRET = "the client's secret"


@cache
def key_number(number: int) -> RSAKey:
    """A key: one takes a good part of a second to make, so all tests share them."""
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig"})


@dataclass
class Provider:
    """What it says of whom, and which rules it breaks.

    Attributes:
        person: the claims of whoever signs in.
        claims: what ID tokens have otherwise, by claim; None leaves one out.
        metadata: what discovery has otherwise.
        sign: makes the ID token in another way than by the newest key.
        asks: whether signing in shows a page with a button instead of going straight back.
        requests: how often each path was asked for.
    """

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"email": "analyst@example.org", "email_verified": True})
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    asks: bool = False
    response_issuer: str | None = None
    delay: float = 0
    clock: Callable[[], float] = time.time
    requests: list[str] = field(default_factory=list)
    keys: list[RSAKey] = field(default_factory=list)
    grants: dict[str, dict[str, str]] = field(default_factory=dict)

    rotations: int = 0

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """A new key instead of those before."""
        self.rotations += 1
        self.keys = [key_number(self.rotations)]

    def discovery(self, request: Request) -> Response:
        del request
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/jwks",
                "end_session_endpoint": f"{self.url}/end-session",
                "authorization_response_iss_parameter_supported": True,
                "code_challenge_methods_supported": ["S256"],
                **self.metadata,
            }
        )

    def jwks(self, request: Request) -> Response:
        del request
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    def authorize(self, request: Request) -> Response:
        """Signs everybody in as the person, at once or at the press of a button."""
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(asked["scope"].split())
        if self.asks and "pressed" not in asked:
            fields = "".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in {**asked, "pressed": "yes"}.items()
            )
            return HTMLResponse(
                f'<!DOCTYPE html><html lang="en"><title>Provider</title><h1>Provider</h1>'
                f"<form>{fields}<button>Continue as {html.escape(self.person['email'])}</button></form></html>"
            )
        code = secrets.token_urlsafe(16)
        self.grants[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.response_issuer or self.url}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        """Exchanges a code once, for the client that has the secret and the verifier."""
        form = await request.form()
        grant = self.grants.pop(str(form.get("code")), None)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(given).decode().partition(":") if scheme == "Basic" else ("", "", "")
        if (unquote(name), unquote(secret)) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if grant is None or form.get("redirect_uri") != grant["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant", "error_description": "the code is not good"}, 400)
        digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge, grant["code_challenge"]):
            return JSONResponse({"error": "invalid_grant", "error_description": "the verifier is not right"}, 400)
        return JSONResponse(
            {
                "access_token": "access",
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self.id_token(grant["nonce"]),
            }
        )

    def id_token(self, nonce: str) -> str:
        """An ID token for the person, but for what it is told to say otherwise."""
        now = int(self.clock())
        claims = {
            "iss": self.url,
            "sub": "person-1",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.person,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": self.keys[-1].kid}, claims, self.keys[-1])

    def unsigned(self, claims: dict[str, Any]) -> str:
        """A token of the algorithm "none"."""
        key = self.keys[-1]
        registry = JWSRegistry(algorithms=["RS256"])
        body = jwt.encode({"alg": "RS256"}, claims, key, registry=registry).split(".")[1]
        header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
        return f"{header}.{body}."

    def signed_with_the_public_key(self, claims: dict[str, Any]) -> str:
        """A token whose HMAC has the public RSA key as its secret."""
        key = self.keys[-1]
        parts = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key).split(".")
        header = base64.urlsafe_b64encode(f'{{"alg":"HS256","kid":"{key.kid}"}}'.encode()).rstrip(b"=").decode()
        message = f"{header}.{parts[1]}"
        digest = hmac.new(key.as_pem(private=False), message.encode(), hashlib.sha256).digest()
        return f"{message}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer access":
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse({"sub": "person-1", "email": "analyst@example.org", "email_verified": True})

    def end_session(self, request: Request) -> Response:
        """Signs out and shows that it did."""
        assert request.query_params["client_id"] == CLIENT_ID
        assert jwt.decode(request.query_params["id_token_hint"], self.keys[-1]).claims["sub"] == "person-1"
        back = html.escape(request.query_params["post_logout_redirect_uri"])
        return HTMLResponse(
            '<!DOCTYPE html><html lang="en"><title>Provider</title><h1>Signed out of the provider</h1>'
            f'<a href="{back}">Back</a></html>'
        )

    def app(self) -> Starlette:
        routes = {
            "/.well-known/openid-configuration": self.discovery,
            "/jwks": self.jwks,
            "/authorize": self.authorize,
            "/userinfo": self.userinfo,
            "/end-session": self.end_session,
        }
        return Starlette(
            routes=[
                *(Route(path, self._counted(path, answer)) for path, answer in routes.items()),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    def _counted(self, path: str, answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def counted(request: Request) -> Response:
            self.requests.append(path)
            time.sleep(self.delay)
            return answer(request)

        return counted


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Serve one on a free port of loopback until the block ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        provider = Provider(url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(provider.app(), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],), name="provider", daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the provider did not start"
            time.sleep(0.01)
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join(10)
