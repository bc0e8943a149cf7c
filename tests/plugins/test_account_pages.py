"""The account pages, and refusals in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.trail import trail_of

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.fakes.front import Front
    from tests.plugins.browsing import Browser


def test_a_token_is_made_shown_once_listed_and_revoked(browser: Browser) -> None:
    browser.sign_in()
    browser.get("account").follow("API tokens").submit(action="/uploader/account/tokens", name="laptop", days="30")
    token = browser.page.select_one("#token")
    assert token is not None
    call = browser.client.get("api/v1/databases", headers={"Authorization": f"Bearer {token.get_text()}"})
    assert call.status_code == 200

    browser.get("account/tokens")
    assert token.get_text() not in browser.response.text
    assert "laptop" in browser.page.get_text()
    browser.submit(action="/uploader/account/tokens/revoke")

    assert "laptop" not in browser.page.get_text()
    call = browser.client.get("api/v1/databases", headers={"Authorization": f"Bearer {token.get_text()}"})
    assert call.status_code == 401


def test_what_is_asked_wrongly_of_a_token_is_said_beside_it(browser: Browser) -> None:
    browser.sign_in()
    browser.get("account/tokens").submit(action="/uploader/account/tokens", name="", days="30")
    assert "Enter a name" in browser.errors[0]
    browser.submit(action="/uploader/account/tokens", name="laptop", days="31")
    assert browser.errors == ["Select how long the token works"]


def test_a_refused_request_is_in_the_audit_trail_by_route_and_code(stranger: TestClient, front: Front) -> None:
    upload = front.start()
    assert stranger.delete(f"uploads/{upload.id}").status_code == 404

    last = trail_of(front)[-1]
    assert (last.who, last.what) == ("colleague@example.org", "request refused")
    assert last.details["upload_id"] == upload.id
    assert last.details["request"].startswith("DELETE ")
