"""An OpenID Connect provider, by Authlib: its discovery, its keys, and what an ID token of its proves."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from include.domain.errors import Refused, Terminal, Transient
from include.ports import ProvidedIdentity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from include.ports import Clock

log = logging.getLogger(__name__)

_KEEP = timedelta(hours=1)  # how long discovery and keys are believed
_NOT_OFTENER_THAN = timedelta(seconds=30)  # a made-up key id must not make us ask for the keys each time
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass
class _Kept:
    """A document of the provider, and when it was fetched."""

    at: datetime
    content: Any


@dataclass
class OidcProvider:
    """`IdentityProvider` over HTTPS; plain HTTP is for a provider on this machine.

    Discovery and keys are kept for an hour in each process, and the keys fetched again for a key id that is not known.
    """

    issuer: str
    client_id: str
    client_secret: str | None
    clock: Clock
    scopes: str = "openid email profile"
    algorithms: Sequence[str] = ("RS256",)
    discovery_url: str | None = None
    groups_claim: str = "groups"
    skew_seconds: int = 60
    timeout_seconds: float = 10
    _lock: Lock = field(default_factory=Lock, repr=False)
    _documents: dict[str, _Kept] = field(default_factory=dict, repr=False)

    def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in there."""
        metadata = self._metadata()
        with self._session(metadata, redirect_uri) as session:
            url, _ = session.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    def redeem(
        self, *, code: str, redirect_uri: str, nonce: str, verifier: str, response_issuer: str | None
    ) -> ProvidedIdentity:
        """Who came back with this code. Refused (`provider_refused`) unless all of it proves to be ours and true."""
        metadata = self._metadata()
        self._check_response_issuer(metadata, response_issuer)
        with self._session(metadata, redirect_uri) as session:
            token = self._tokens(session, metadata, code=code, verifier=verifier)
            id_token = token.get("id_token")
            if not isinstance(id_token, str):
                _refuse("the token endpoint answered no ID token")
            claims = self._claims(metadata, id_token, nonce=nonce, access_token=token.get("access_token"))
            profile = claims if "email" in claims else {**claims, **self._userinfo(session, metadata, claims)}
        email, groups = profile.get("email"), profile.get(self.groups_claim)
        return ProvidedIdentity(
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) else "",
            email_verified=profile.get("email_verified") is True,
            groups=tuple(name for name in groups if isinstance(name, str)) if isinstance(groups, list) else (),
            id_token=id_token,
        )

    def logout_url(self, *, id_token: str, redirect_uri: str) -> str | None:
        """Where a browser is sent to sign out there too; None if the provider has no such place."""
        endpoint = self._metadata().get("end_session_endpoint")
        if not endpoint or not _is_safe(endpoint):
            return None
        hints = {"id_token_hint": id_token, "client_id": self.client_id, "post_logout_redirect_uri": redirect_uri}
        return str(add_params_to_uri(endpoint, hints))

    def _tokens(self, session: Any, metadata: Mapping[str, Any], *, code: str, verifier: str) -> dict[str, Any]:
        try:
            token: dict[str, Any] = session.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                redirect_uri=session.redirect_uri,
                timeout=self.timeout_seconds,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:  # the provider's own error code; its description may say anything
            _refuse(f"the token endpoint answered {str(error.error)[:50]!r}")
        except requests.RequestException as error:
            raise _away("token endpoint", error) from error
        except ValueError:
            _refuse("the token endpoint answered no JSON object")
        return token

    def _claims(
        self, metadata: Mapping[str, Any], id_token: str, *, nonce: str, access_token: object
    ) -> dict[str, Any]:
        try:
            token = self._decode(metadata, id_token)
            options = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client_id},
                "nonce": {"essential": True, "value": nonce},
            }
            params = {"client_id": self.client_id, "nonce": nonce, "access_token": access_token}
            claims = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(now=int(self.clock.now().timestamp()), leeway=self.skew_seconds)
        except JoseError as error:
            _refuse(f"the ID token does not hold: {type(error).__name__} {getattr(error, 'claim', '')}".rstrip())
        except ValueError:
            _refuse("the ID token is none")
        return dict(claims)

    def _decode(self, metadata: Mapping[str, Any], id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(self.algorithms), strict_check_header=False)
        try:
            return jwt.decode(id_token, self._keys(metadata), registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(id_token, self._keys(metadata, fresh=True), registry=registry)

    def _userinfo(self, session: Any, metadata: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
        """Claims that some providers only tell here; of the same person, or they count for nothing."""
        endpoint = metadata.get("userinfo_endpoint")
        if not endpoint or not _is_safe(endpoint):
            return {}
        said = self._read(session, endpoint, what="userinfo endpoint", withhold_token=False)
        if said.get("sub") != claims["sub"]:
            _refuse("the userinfo endpoint speaks of somebody else")
        return {name: said[name] for name in ("email", "email_verified", self.groups_claim) if name in said}

    def _check_response_issuer(self, metadata: Mapping[str, Any], said: str | None) -> None:
        """RFC 9207: the answer must come from the provider that was asked (mix-up)."""
        demanded = metadata.get("authorization_response_iss_parameter_supported") is True
        if said != self.issuer and (demanded or said is not None):
            _refuse("the answer names another issuer")

    def _metadata(self) -> dict[str, Any]:
        url = self.discovery_url or f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        document = self._document(url, what="discovery")
        wrong = next((name for name in _NEEDED if not _is_safe(document.get(name))), None)
        if document.get("issuer") != self.issuer:
            raise _misconfigured("its discovery document names another issuer than DATA_UPLOADER_OIDC_ISSUER")
        if wrong:
            raise _misconfigured(f"its discovery document has no {wrong} with https")
        return document

    def _keys(self, metadata: Mapping[str, Any], *, fresh: bool = False) -> KeySet:
        document = self._document(metadata["jwks_uri"], what="keys", fresh=fresh)
        keys = document.get("keys")
        if not isinstance(keys, list):
            raise _misconfigured("its keys are no JSON Web Key Set")
        return KeySet.import_key_set({"keys": [key for key in keys if key.get("use", "sig") == "sig"]})

    def _document(self, url: str, *, what: str, fresh: bool = False) -> dict[str, Any]:
        with self._lock:  # of many that come at once, one asks
            now, kept = self.clock.now(), self._documents.get(url)
            if kept is None or now - kept.at >= (_NOT_OFTENER_THAN if fresh else _KEEP):
                with OAuth2Session() as session:
                    kept = _Kept(now, self._read(session, url, what=what, withhold_token=True))
                self._documents[url] = kept
            content: dict[str, Any] = kept.content
            return content

    def _read(self, session: Any, url: str, *, what: str, withhold_token: bool) -> dict[str, Any]:
        try:
            response = session.get(
                url, withhold_token=withhold_token, timeout=self.timeout_seconds, allow_redirects=False
            )
            response.raise_for_status()
            document = response.json()
        except (requests.RequestException, AuthlibBaseError) as error:
            raise _away(what, error) from error
        if not isinstance(document, dict):
            raise _misconfigured(f"its {what} is no JSON object")
        return document

    def _session(self, metadata: Mapping[str, Any], redirect_uri: str) -> Any:
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return OAuth2Session(
            client_id=self.client_id,
            client_secret=self.client_secret,
            token_endpoint_auth_method=way if self.client_secret else "none",
            scope=self.scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )


def _is_safe(url: object) -> bool:
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _refuse(why: str) -> NoReturn:
    log.warning("a sign-in through the identity provider was refused: %s", why)
    raise Refused(
        "Your organisation's sign-in did not answer as it should. Try again.",
        code="provider_refused",
        title="You have not been signed in",
    )


def _away(what: str, error: Exception) -> Transient:
    return Transient(
        f"Your organisation's sign-in cannot be reached now ({what}: {type(error).__name__}). Try again in a minute.",
        code="provider_unavailable",
        title="Sorry, signing in does not work now",
    )


def _misconfigured(why: str) -> Terminal:
    return Terminal(f"The identity provider cannot be used: {why}.", code="provider_misconfigured")
