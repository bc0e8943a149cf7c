"""Every way in which signing a part is refused, and what the audit trail says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail
from include.services import api_tokens, uploading
from plugins.front.app import create_standalone
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.fakes.objects import sha256_of
from tests.plugins.conftest import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

    from tests.plugins.browsing import Browser

CONTENT = b"year\n2013\n\n"
PART = {"part_number": 1, "size": len(CONTENT), "sha256": sha256_of(CONTENT)}


def sign(client: TestClient, upload_id: str, **headers: str) -> Response:
    answer: Response = client.post(f"uploads/{upload_id}/parts", json={"parts": [PART]}, headers=headers)
    return answer


def refusals(front: Front) -> list[tuple[str, str, str]]:
    """Who was refused the signing of which upload's parts, and why."""
    query = select(audit_trail.c.who, audit_trail.c.details).where(audit_trail.c.what == "signing refused")
    with front.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        return [(who, details["upload_id"], details["why"]) for who, details in connection.execute(query)]


def test_a_part_of_somebody_elses_upload_is_not_signed(api: TestClient, stranger: TestClient, front: Front) -> None:
    upload = front.start()

    assert sign(stranger, upload.id).status_code == 404
    assert refusals(front) == [(COLLEAGUE, upload.id, "upload_not_found")]
    assert sign(api, upload.id).status_code == 200


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": len(CONTENT) + 1}, "bad_part_size"),
        ({"size": 0}, "bad_part_size"),
        ({"part_number": 2}, "bad_part_numbers"),
        ({"key": "landing/elsewhere.csv"}, "invalid_request"),
        ({"sha256": ""}, "invalid_request"),
    ],
)
def test_a_part_of_another_size_or_key_is_not_signed(
    api: TestClient, front: Front, change: dict[str, Any], why: str
) -> None:
    upload = front.start()

    answer = api.post(f"uploads/{upload.id}/parts", json={"parts": [{**PART, **change}]})

    assert (answer.status_code, answer.json()["code"]) == (422, why)
    assert refusals(front) == [(ANALYST, upload.id, why)]


def test_a_part_of_an_upload_that_is_over_is_not_signed(api: TestClient, front: Front) -> None:
    landed = front.land()
    cancelled = uploading.cancel_upload(front.context, front.start().id, by=ANALYST)

    for upload in (landed, cancelled):
        assert sign(api, upload.id).status_code == 409
    assert refusals(front) == [(ANALYST, landed.id, "wrong_state"), (ANALYST, cancelled.id, "wrong_state")]


def test_nothing_is_signed_after_signing_out(browser: Browser, front: Front) -> None:
    browser.sign_in()
    session = browser.client.get("session").json()
    assert session["email"] == ANALYST
    headers = {"X-CSRF-Token": session["csrf"]}
    place = f"api/v1/uploads/{front.start().id}/parts"
    cookies = dict(browser.client.cookies)
    assert browser.client.post(place, json={"parts": [PART]}, headers=headers).status_code == 200
    assert browser.client.post(place, json={"parts": [PART]}).status_code == 403

    browser.client.post("sign-out", data={"csrf_token": session["csrf"]})
    browser.client.cookies.update(cookies)

    assert browser.client.post(place, json={"parts": [PART]}, headers=headers).status_code == 401
    assert browser.client.get("session").status_code == 401
    assert [(who, why) for who, _, why in refusals(front)] == [(ANALYST, "csrf"), ("unknown", "token_missing")]


def test_nothing_is_signed_with_a_token_that_was_revoked(api: TestClient, front: Front) -> None:
    upload = front.start()
    api_tokens.issue_token(front.context, ANALYST, name="tests")  # takes the place of the first

    assert sign(api, upload.id).status_code == 401
    assert refusals(front) == [("unknown", upload.id, "invalid_token")]


@pytest.mark.parametrize("host", ["evil.example.org", "testserver:8080", "testserver.evil.example.org", "[::1", ""])
def test_nothing_is_signed_for_another_host_and_no_url_follows_one(api: TestClient, front: Front, host: str) -> None:
    upload = front.start()

    answer = sign(api, upload.id, Host=host)

    assert (answer.status_code, answer.json()["code"]) == (421, "other_host")
    assert "evil" not in answer.text
    assert refusals(front) == [(ANALYST, upload.id, "other_host")]
    forwarded = sign(api, upload.id, **{"X-Forwarded-Host": "evil.example.org"})
    assert forwarded.status_code == 200
    assert "evil" not in forwarded.text


def test_hosts_that_proxies_use_can_be_named(tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    front = make_front(tmp_path, base_url="https://uploads.example.org/uploader/", other_hosts="front.internal:8080")
    client = TestClient(
        create_standalone(lambda: front.context),
        base_url="http://uploads.example.org/uploader/api/v1/",
        headers={"Authorization": f"Bearer {front.token()}"},
    )
    upload = front.start()

    assert sign(client, upload.id).status_code == 200
    assert sign(client, upload.id, Host="front.internal:8080").status_code == 200
    assert sign(client, upload.id, Host="front.internal").status_code == 421


@pytest.mark.parametrize("upload_id", ["0" * 32, "é", "x" * 1000])
def test_a_refusal_is_recorded_also_of_an_upload_that_does_not_exist(
    api: TestClient, front: Front, upload_id: str
) -> None:
    assert sign(api, upload_id).status_code == 404
    assert refusals(front) == [(ANALYST, upload_id[:64], "upload_not_found")]


def test_whom_nobody_knows_fills_the_trail_only_so_far_with_made_up_uploads(tmp_path: Path) -> None:
    front = make_front(tmp_path, sign_in_source_limit=3)
    client = client_of(front)
    client.base_url = client.base_url.join("api/v1/")
    for number in range(6):
        assert sign(client, f"{number:032}").status_code == 401

    assert [(who, why) for who, _, why in refusals(front)] == [("unknown", "token_missing")] * 3


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b'{"parts": "\xff\xfe"}', 422, "invalid_request"),
        (b" " * 4 * 1024**2, 413, "request_entity_too_large"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_refusal_too(
    api: TestClient, front: Front, content: bytes, status: int, why: str
) -> None:
    upload = front.start()
    headers = {"Content-Type": "application/json"}

    assert api.post(f"uploads/{upload.id}/parts", content=content, headers=headers).status_code == status
    assert refusals(front) == [("unknown", upload.id, why)]
