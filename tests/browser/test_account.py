"""A person's account in real browsers: sessions, API tokens, and signing in with the organisation's account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from tests.browser.conftest import visitor_of
from tests.browser.looking import NARROW, too_wide, violations
from tests.browser.service import running_service
from tests.fakes.front import ANALYST
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from playwright.sync_api import Browser

    from tests.browser.conftest import Visitor
    from tests.strict_aws.server import StrictAws


def look(visitor: Visitor, name: str) -> None:
    """Nothing is wrong with the page as it is, at 1,000 px or at 320, and both are photographed."""
    visitor.shoot(f"{name}-wide")
    wrong = violations(visitor.page) + too_wide(visitor.page, NARROW)
    visitor.shoot(f"{name}-narrow")
    visitor.page.set_viewport_size({"width": 1000, "height": 800})
    assert wrong == []


def test_a_person_sees_where_they_are_signed_in_and_signs_out_everywhere_else(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.sign_in()
    other = browser.new_context()
    elsewhere = visitor_of(other, visitor.service, visitor.shots)
    elsewhere.sign_in()
    visitor.go("account")
    assert visitor.page.get_by_text("This browser", exact=True).count() == 1
    assert visitor.page.get_by_text("Another browser", exact=True).count() == 1
    look(visitor, "account-two-sessions")

    visitor.page.get_by_role("button", name="Sign out everywhere else").click()
    visitor.page.get_by_text("You have been signed out everywhere else.").wait_for()
    assert visitor.page.get_by_text("Another browser", exact=True).count() == 0
    assert visitor.page.get_by_role("button", name="Sign out everywhere else").count() == 0

    elsewhere.go("account")
    elsewhere.page.get_by_role("heading", name="Sign in", exact=True).wait_for()
    other.close()
    assert elsewhere.unexpected == []


def test_a_token_is_made_shown_once_works_and_is_revoked(visitor: Visitor) -> None:
    visitor.expect_complaint("422")  # a name is missing at first
    visitor.sign_in()
    visitor.go("account/tokens")
    visitor.page.get_by_role("button", name="Make the token").click()
    assert visitor.page.title().startswith("Error: ")
    visitor.page.get_by_label("Name").fill("nightly export of the survey of everybody who left")
    visitor.page.get_by_label("90 days").check()
    visitor.page.get_by_role("button", name="Make the token").click()
    visitor.page.get_by_role("heading", name="Your new API token").wait_for()
    token = visitor.page.locator("#token").inner_text()
    look(visitor, "token-made")
    headers = {"Authorization": f"Bearer {token}"}
    api = f"{visitor.service.url}api/v1/databases"
    assert httpx.get(api, headers=headers).status_code == 200

    visitor.page.get_by_role("link", name="I have copied it").click()
    visitor.page.get_by_role("rowheader", name="nightly export").wait_for()
    assert token not in visitor.page.content()
    look(visitor, "tokens-one")
    visitor.page.get_by_role("button", name="Revoke the token nightly export").click()
    visitor.page.get_by_text("The token has been revoked").wait_for()
    visitor.page.get_by_text("You have no tokens.").wait_for()
    assert httpx.get(api, headers=headers).status_code == 401


def test_a_person_signs_in_and_out_with_the_organisations_account(
    browser: Browser, aws: StrictAws, shots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWN_ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", presign.SECRET)
    with running_provider() as provider:
        provider.asks = True
        settings = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT_ID}
        secret = SecretStr(CLIENT_SECRET)
        with running_service(tmp_path, aws, oidc_client_secret=secret, **settings) as service:
            context = browser.new_context(viewport={"width": 1000, "height": 800})
            visitor = visitor_of(context, service, shots)
            visitor.expect_complaint("403")
            visitor.expect_complaint("404")  # the provider has no icon
            provider.person = {"email": "nobody@example.org", "email_verified": True}
            visitor.go("uploads")
            visitor.page.get_by_role("button", name="Sign in with your organisation").click()
            visitor.page.get_by_role("button").click()
            visitor.page.get_by_role("button", name="Try again").wait_for()
            look(visitor, "not-signed-in")

            provider.person = {"email": ANALYST, "email_verified": True}
            visitor.go("uploads")
            visitor.page.get_by_role("button", name="Sign in with your organisation").click()
            visitor.page.get_by_role("button").click()
            visitor.page.get_by_role("heading", name="My uploads").wait_for()
            visitor.page.get_by_role("button", name="Sign out").click()
            visitor.page.get_by_role("heading", name="You have signed out").wait_for()
            look(visitor, "signed-out")
            visitor.page.get_by_role("link", name="Sign out of your organisation").click()
            visitor.page.get_by_role("heading", name="Signed out of the provider").wait_for()
            visitor.page.get_by_role("link", name="Back").click()
            visitor.go("uploads")
            visitor.page.get_by_role("heading", name="Sign in", exact=True).wait_for()
            context.close()
            assert visitor.unexpected == []
