"""The identity provider's client against a real provider on loopback, that keeps to the rules or breaks one."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt

from include.adapters.clock import SystemClock
from include.adapters.oidc import OidcProvider
from include.domain.errors import Refused, Terminal, Transient
from tests.fakes.clock import FixedClock
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, key_number, running_provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from include.ports import ProvidedIdentity

BACK = "http://127.0.0.1:9/uploader/sign-in/provider/callback"
VERIFIER = "v" * 64


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


def client_of(provider: Provider, **changes: Any) -> OidcProvider:
    facts: dict[str, Any] = {
        "issuer": provider.url,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "clock": SystemClock(),
    }
    return OidcProvider(**{**facts, **changes})


@pytest.fixture
def client(provider: Provider) -> OidcProvider:
    return client_of(provider)


def go(client: OidcProvider, *, nonce: str = "nonce") -> dict[str, str]:
    """Sign in at the provider; what it sends the browser back with."""
    url = client.authorize_url(redirect_uri=BACK, state="state", nonce=nonce, verifier=VERIFIER)
    back = httpx.get(url).headers["location"]
    assert back.startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def redeem(client: OidcProvider, answer: dict[str, str], **changes: Any) -> ProvidedIdentity:
    facts: dict[str, Any] = {
        "code": answer["code"],
        "redirect_uri": BACK,
        "nonce": "nonce",
        "verifier": VERIFIER,
        "response_issuer": answer.get("iss"),
    }
    return client.redeem(**{**facts, **changes})


def refused(client: OidcProvider, answer: dict[str, str] | None = None, **changes: Any) -> None:
    with pytest.raises(Refused) as error:
        redeem(client, answer or go(client), **changes)
    assert error.value.code == "provider_refused"


def test_who_signed_in_there_is_known(provider: Provider, client: OidcProvider) -> None:
    provider.claims = {"groups": ["uploaders", 7]}

    identity = redeem(client, go(client))

    assert (identity.subject, identity.email, identity.email_verified) == ("person-1", "analyst@example.org", True)
    assert identity.groups == ("uploaders",)
    assert identity.id_token not in repr(identity)


def test_an_address_that_only_userinfo_tells_is_read_there(provider: Provider, client: OidcProvider) -> None:
    provider.person = {}

    identity = redeem(client, go(client))
    assert (identity.email, identity.email_verified) == ("analyst@example.org", True)

    provider.claims = {"sub": "person-2"}
    refused(client)  # userinfo speaks of person-1


@pytest.mark.parametrize("said", ["true", 1, None, False])
def test_only_true_is_verified(provider: Provider, client: OidcProvider, said: object) -> None:
    provider.person["email_verified"] = said

    assert not redeem(client, go(client)).email_verified


def test_a_code_is_redeemed_once_and_by_whom_it_was_made_for(provider: Provider, client: OidcProvider) -> None:
    answer = go(client)
    refused(client, go(client), verifier="w" * 64)
    refused(client, go(client), redirect_uri=f"{BACK}/other")
    refused(client_of(provider, client_secret="another"), go(client))
    redeem(client, answer)
    refused(client, answer)
    refused(client, {**answer, "code": "made up"})


def test_an_answer_of_another_issuer_is_refused(provider: Provider, client: OidcProvider) -> None:
    """A mix-up: the browser was sent to one provider and comes back from another."""
    refused(client, response_issuer="https://attacker.example.org")
    refused(client, response_issuer=None)
    provider.metadata = {"authorization_response_iss_parameter_supported": False}
    lenient = client_of(provider)
    assert redeem(lenient, go(lenient), response_issuer=None)
    refused(lenient, response_issuer="https://attacker.example.org")


def test_a_token_for_another_sign_in_is_refused(client: OidcProvider) -> None:
    refused(client, nonce="of another browser")


HOUR = 3600
NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": None},
        {"nonce": "other"},
        {"iss": "https://attacker.example.org"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["another-client"]},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": NOW - HOUR},
        {"exp": None},
        {"exp": "never"},
        {"iat": NOW + HOUR},
        {"iat": None},
        {"nbf": NOW + HOUR},
        {"sub": None},
        {"at_hash": "of another access token"},
    ],
    ids=" ".join,
)
def test_an_id_token_that_says_anything_wrong_is_refused(
    provider: Provider, client: OidcProvider, claims: dict[str, object]
) -> None:
    provider.claims = claims
    refused(client)


def test_clocks_may_differ_a_little(provider: Provider) -> None:
    provider.claims = {"exp": int(time.time()) - 30}
    client = client_of(provider)
    assert redeem(client, go(client))
    refused(client_of(provider, skew_seconds=10))


FORGERIES: dict[str, Callable[[Provider], Callable[[dict[str, Any]], str]]] = {
    "no signature": lambda provider: provider.unsigned,
    "the public key as a secret": lambda provider: provider.signed_with_the_public_key,
    "a key of somebody else under a known id": lambda provider: (
        lambda claims: jwt.encode({"alg": "RS256", "kid": provider.keys[0].kid}, claims, key_number(-1))
    ),
    "a key that the token brings along": lambda _: _with_its_own_key,
    "no key of that id": lambda provider: (
        lambda claims: jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, provider.keys[0])
    ),
    "an algorithm that is not allowed": lambda provider: (
        lambda claims: jwt.encode(
            {"alg": "RS512", "kid": provider.keys[0].kid}, claims, provider.keys[0], algorithms=["RS512"]
        )
    ),
    "no token": lambda _: lambda _: "no token",
    "an empty one": lambda _: lambda _: "",
}


def _with_its_own_key(claims: dict[str, Any]) -> str:
    key = key_number(-1)
    return jwt.encode({"alg": "RS256", "jwk": key.as_dict(private=False)}, claims, key)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_id_token_is_refused(provider: Provider, client: OidcProvider, forgery: str) -> None:
    provider.sign = FORGERIES[forgery](provider)
    refused(client)


def test_discovery_and_keys_are_asked_for_once_an_hour(provider: Provider) -> None:
    clock = FixedClock()
    provider.clock = lambda: clock.now().timestamp()
    client = client_of(provider, clock=clock)
    for _ in range(3):
        redeem(client, go(client))
    assert [provider.requests.count(path) for path in ("/.well-known/openid-configuration", "/jwks")] == [1, 1]

    clock.advance(hours=1)
    redeem(client, go(client))
    assert [provider.requests.count(path) for path in ("/.well-known/openid-configuration", "/jwks")] == [2, 2]


def test_a_key_that_is_new_is_fetched_but_not_for_every_made_up_id(provider: Provider) -> None:
    clock = FixedClock()
    provider.clock = lambda: clock.now().timestamp()
    client = client_of(provider, clock=clock)
    redeem(client, go(client))
    provider.rotate()
    clock.advance(seconds=31)
    redeem(client, go(client))
    assert provider.requests.count("/jwks") == 2

    provider.sign = FORGERIES["no key of that id"](provider)
    for _ in range(5):
        refused(client)
    assert provider.requests.count("/jwks") == 2


def test_where_to_sign_out_is_the_providers_to_say(provider: Provider, client: OidcProvider) -> None:
    url = client.logout_url(id_token="proof", redirect_uri=BACK)
    assert url is not None
    assert url.startswith(f"{provider.url}/end-session?")
    assert parse_qs(urlsplit(url).query) == {
        "id_token_hint": ["proof"],
        "client_id": [CLIENT_ID],
        "post_logout_redirect_uri": [BACK],
    }
    provider.metadata = {"end_session_endpoint": None}
    assert client_of(provider).logout_url(id_token="proof", redirect_uri=BACK) is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://attacker.example.org"},
        {"jwks_uri": None},
        {"token_endpoint": "http://login.example.org/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_discovery_document_that_cannot_be_trusted_is_not(provider: Provider, metadata: dict[str, object]) -> None:
    provider.metadata = metadata
    with pytest.raises(Terminal, match="identity provider"):
        client_of(provider).authorize_url(redirect_uri=BACK, state="state", nonce="nonce", verifier=VERIFIER)


def test_a_provider_that_is_slow_or_away_is_said_to_be(provider: Provider) -> None:
    provider.delay = 2
    with pytest.raises(Transient):
        client_of(provider, timeout_seconds=0.2).authorize_url(
            redirect_uri=BACK, state="state", nonce="nonce", verifier=VERIFIER
        )
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = client_of(provider, issuer=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(Transient):
            away.authorize_url(redirect_uri=BACK, state="state", nonce="nonce", verifier=VERIFIER)
