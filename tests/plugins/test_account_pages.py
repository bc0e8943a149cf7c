"""The account pages, and refusals in the audit trail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from include.adapters.users_file import UsersFile
from tests.fakes.trail import trail_of
from tests.plugins.browsing import Browser
from tests.plugins.conftest import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from tests.fakes.front import Front


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


def test_who_is_taken_off_the_users_file_while_the_service_runs_has_neither_session_nor_token(
    front: Front, tmp_path: Path
) -> None:
    users = tmp_path / "users.yaml"
    users.write_text("users:\n  - email: analyst@example.org\n  - email: colleague@example.org\n")
    front.context = replace(front.context, users=UsersFile(users))
    headers = {"Authorization": f"Bearer {front.token()}"}
    browser = Browser(client_of(front), front).sign_in()
    place = "api/v1/databases"
    assert browser.get("uploads").heading == "My uploads"
    assert browser.client.get(place, headers=headers).status_code == 200

    users.write_text("users:\n  - email: colleague@example.org\n")
    front.clock.advance(minutes=1)

    assert browser.get("uploads").heading == "Sign in"
    assert browser.client.get(place, headers=headers).status_code == 401
    users.write_text("users:\n  - email: analyst@example.org\n")
    assert browser.get("uploads").heading == "Sign in"  # who comes back signs in again
