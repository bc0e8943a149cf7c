"""Signing in through the identity provider on pages, there and back, with a real provider on loopback."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from include.adapters.clock import SystemClock
from include.adapters.oidc import OidcProvider
from plugins.front.app import create_standalone
from tests.fakes.front import ANALYST, Front, make_front
from tests.fakes.trail import trail_of
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Make = Callable[..., Browser]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def make(provider: Provider, tmp_path: Path) -> Make:
    """Browsers of a front that knows the provider; `changes` are settings."""
    made: list[Front] = []

    def browser(**changes: Any) -> Browser:
        if not made:
            front = make_front(tmp_path, oidc_issuer=provider.url, oidc_client_id=CLIENT_ID, **changes)
            client = OidcProvider(
                issuer=provider.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, clock=SystemClock()
            )
            front.context = replace(front.context, provider=client)
            made.append(front)
        app = create_standalone(lambda: made[0].context)
        base = "http://testserver/uploader/"
        return Browser(TestClient(app, base_url=base, follow_redirects=False, raise_server_exceptions=False), made[0])

    return browser


def depart(browser: Browser, path: str = "sign-in/provider") -> str:
    """Go to the provider and be sent back; the address back."""
    sent = browser.client.get(path)
    assert sent.status_code == 303
    back = httpx.get(sent.headers["location"]).headers["location"]
    assert back.startswith("http://testserver/uploader/sign-in/provider/callback?")
    return str(back)


def come_back(browser: Browser, address: str) -> Browser:
    return browser._show(browser.client.get(address, follow_redirects=True))


def refusals(browser: Browser) -> list[tuple[str, str]]:
    return [(entry.who, entry.details["why"]) for entry in trail_of(browser.front) if entry.what == "sign-in refused"]


def test_the_sign_in_page_offers_the_provider_and_a_code(make: Make) -> None:
    page = make(oidc_label="Sign in with Example ID").get("sign-in?next=/uploads").page

    [button] = [tag for tag in page.select("a.govuk-button") if tag.get_text(strip=True) == "Sign in with Example ID"]
    assert button["href"] == "/uploader/sign-in/provider?next=/uploads"
    assert page.select("input#email")


def test_signing_in_by_a_code_can_be_switched_off(make: Make) -> None:
    browser = make(sign_in_by_code=False).get("sign-in")

    assert not browser.page.select("input#email")
    answer = browser.client.post("sign-in", data={"email": ANALYST})
    assert answer.headers["location"] == "/uploader/sign-in"
    assert browser.front.mailer.sent == {}


def test_a_person_goes_there_and_back_and_on_to_where_they_were_going(make: Make) -> None:
    browser = make()
    come_back(browser, depart(browser, "sign-in/provider?next=/uploads"))

    assert browser.path == "/uploader/uploads"
    assert ANALYST in browser.page.get_text()
    [entry] = [entry for entry in trail_of(browser.front) if entry.what == "signed in"]
    assert (entry.who, entry.details) == (ANALYST, {"by": "identity provider"})


@pytest.mark.parametrize("next_path", ["//attacker.example.org", "https://attacker.example.org", "/\\attacker"])
def test_nobody_is_sent_to_another_host_afterwards(make: Make, next_path: str) -> None:
    browser = make()
    back = depart(browser, f"sign-in/provider?next={next_path}")

    assert browser.client.get(back).headers["location"] == "/uploader/upload"


def test_the_address_back_is_ours_whatever_host_a_request_claims(make: Make) -> None:
    sent = make().client.get("sign-in/provider", headers={"Host": "attacker.example.org"})

    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert asked["redirect_uri"] == ["http://testserver/uploader/sign-in/provider/callback"]
    assert asked["code_challenge_method"] == ["S256"]


def test_each_sign_in_has_a_state_a_nonce_and_a_verifier_of_its_own(make: Make) -> None:
    browser = make()
    asked = []
    for _ in range(3):
        sent = parse_qs(urlsplit(browser.client.get("sign-in/provider").headers["location"]).query)
        state, nonce, challenge = sent["state"][0], sent["nonce"][0], sent["code_challenge"][0]
        of_state = base64.urlsafe_b64encode(hashlib.sha256(state.encode()).digest()).rstrip(b"=").decode()
        asked += [state, nonce, challenge, of_state]  # who sees the address must not know the verifier from it

    assert len(set(asked)) == 3 * 4
    assert min(map(len, asked)) >= 43  # 256 bits


def test_an_answer_is_good_only_in_the_browser_that_asked(make: Make) -> None:
    """Somebody who is sent another person's address back does not come in as that person."""
    attacker, victim = make(), make()
    back = depart(attacker)

    come_back(victim, back)

    assert victim.response.status_code == 422
    assert victim.heading == "You are not signed in"
    depart(victim)  # the victim has a ticket too, but another one
    come_back(victim, back)
    assert victim.response.status_code == 422
    assert refusals(victim) == [("unknown", "provider_state")] * 2


def test_a_wrong_state_is_refused(make: Make) -> None:
    browser = make()
    back = depart(browser)
    state = parse_qs(urlsplit(back).query)["state"][0]

    assert browser.client.get(back.replace(state, "x" * len(state))).status_code == 422
    assert browser.client.get(back).status_code == 422  # the ticket was used up by the first try


def test_an_address_back_works_once(make: Make) -> None:
    browser = make()
    back = depart(browser)
    ticket = browser.client.cookies["data_uploader_ticket"]
    come_back(browser, back)
    other = make()
    other.client.cookies.set("data_uploader_ticket", ticket, path="/uploader/")

    assert other.client.get(back).status_code == 422
    assert refusals(other) == [("unknown", "provider_refused")]


def test_who_takes_longer_than_ten_minutes_begins_again(make: Make) -> None:
    browser = make()
    back = depart(browser)
    browser.front.clock.advance(minutes=10, seconds=1)

    assert browser.client.get(back).status_code == 422


def test_a_ticket_that_was_changed_is_none(make: Make) -> None:
    browser = make()
    back = depart(browser)
    ticket = browser.client.cookies["data_uploader_ticket"]
    browser.client.cookies.clear()
    browser.client.cookies.set("data_uploader_ticket", f"x{ticket[1:]}", path="/uploader/")

    assert browser.client.get(back).status_code == 422


def test_a_person_who_declines_there_is_told_that_they_are_not_signed_in(make: Make) -> None:
    browser = make()
    state = parse_qs(urlsplit(depart(browser)).query)["state"][0]

    browser.get(f"sign-in/provider/callback?error=access_denied&state={state}")

    assert browser.response.status_code == 422
    assert browser.follow("Try again").heading == "Sign in"
    assert refusals(browser) == [("unknown", "provider_declined")]


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ({"email": ANALYST, "email_verified": False}, "email_unverified"),
        ({"email": ANALYST}, "email_unverified"),
        ({"email": "", "email_verified": True}, "email_missing"),
        ({"email": "nobody@example.org", "email_verified": True}, "user_unknown"),
        ({"email": "\uff41nalyst@example.org", "email_verified": True}, "email_missing"),
    ],
    ids=str,
)
def test_only_people_in_the_users_file_with_a_verified_address_come_in(
    make: Make, provider: Provider, person: dict[str, object], why: str
) -> None:
    provider.person = person
    browser = make()
    come_back(browser, depart(browser))

    assert browser.response.status_code == 403
    assert [said for _, said in refusals(browser)] == [why]
    assert browser.get("uploads").heading == "Sign in"


@pytest.mark.parametrize("settings", [{"oidc_admit_domains": ("partner.org",)}, {"oidc_admit_groups": ("uploaders",)}])
def test_a_domain_or_a_group_may_be_let_in_without_the_users_file(
    make: Make, provider: Provider, settings: dict[str, object]
) -> None:
    provider.person = {"email": "Guest@partner.org", "email_verified": True, "groups": ["uploaders"]}
    browser = make(**settings)
    come_back(browser, depart(browser, "sign-in/provider?next=/account/tokens"))

    assert browser.heading == "API tokens"
    browser.submit(action="/uploader/account/tokens", name="laptop", days="30")
    assert browser.errors == ["guest@partner.org is not in the users file. Add the address to it first."]


@pytest.mark.parametrize(
    "email", ["guest@partner.org.attacker.org", "guest@sub.partner.org", "partner.org@attacker.org"]
)
def test_a_domain_that_only_contains_one_that_may_is_not_let_in(make: Make, provider: Provider, email: str) -> None:
    provider.person = {"email": email, "email_verified": True}
    browser = make(oidc_admit_domains=("partner.org",))

    assert come_back(browser, depart(browser)).response.status_code == 403


def test_signing_out_offers_to_sign_out_there_too(make: Make, provider: Provider) -> None:
    browser = make()
    come_back(browser, depart(browser, "sign-in/provider?next=/uploads"))
    browser.submit(action="/uploader/sign-out")

    assert browser.heading == "You have signed out"
    link = next(str(tag["href"]) for tag in browser.page.select("a") if "organisation" in tag.get_text())
    assert link.startswith(f"{provider.url}/end-session?")
    assert "Signed out of the provider" in httpx.get(link).text
    assert browser.get("uploads").heading == "Sign in"


def test_without_a_provider_there_is_no_way_to_one(browser: Browser) -> None:
    assert browser.client.get("sign-in/provider").status_code == 404
    assert browser.client.get("sign-in/provider/callback?code=x&state=y").status_code == 422
    assert "organisation" not in browser.get("sign-in").page.get_text()


def test_a_provider_that_is_away_does_not_keep_anybody_from_signing_out(make: Make) -> None:
    browser = make()
    come_back(browser, depart(browser, "sign-in/provider?next=/uploads"))
    provider = browser.front.context.provider
    assert isinstance(provider, OidcProvider)
    provider._documents.clear()
    provider.issuer = "http://127.0.0.1:9"
    browser.submit(action="/uploader/sign-out")

    assert browser.path == "/uploader/"
    assert browser.get("uploads").heading == "Sign in"
