"""Whom each route answers, and that none changes anything when it is only looked at: derived from the app's routes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.services.areas import Areas
from plugins.front.protection import security_headers
from tests.fakes.front import ANALYST, COLLEAGUE
from tests.security.kept import everything
from tests.security.routes import API, every_route, of_uploads

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient

    from include.domain.upload import Upload
    from tests.fakes.front import Front
    from tests.plugins.browsing import Browser

PUBLIC = {
    ("GET", "/"), ("GET", "/health"), ("GET", "/help"),
    ("GET", "/cookies"), ("GET", "/privacy"), ("GET", "/accessibility"),
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/sign-in/code"), ("POST", "/sign-in/code"),
    ("GET", "/sign-in/provider"), ("GET", "/sign-in/provider/callback"),
    ("GET", f"{API}/openapi.json"),
}  # fmt: skip
"""What anybody may ask for. A route that is not named here is for people who signed in."""

COMES_BACK = "/sign-in/provider/callback"
"""Where the identity provider sends people back, by GET as its protocol has it: its tests are those of the state."""


def with_rows(front: Front) -> Upload:
    """A published upload whose first rows can be read."""
    upload, written = front.publish(), io.BytesIO()
    pq.write_table(pa.table({"year": [2013]}), written)
    folder = Areas(front.context.settings).revision(upload.key, upload.revision or "")
    front.objects.write(f"{folder}/part-00000.parquet", written.getvalue())
    return upload


SCENES: dict[str, Callable[[Front], Upload]] = {
    "under way": lambda front: front.start(),
    "waiting": lambda front: front.wait(),
    "published": with_rows,
}
scenes = pytest.mark.parametrize("scene", SCENES)


@scenes
def test_no_route_of_an_upload_answers_a_stranger(
    front: Front, browser: Browser, stranger: TestClient, scene: str
) -> None:
    upload = SCENES[scene](front)
    csrf = csrf_of(browser.sign_in(COLLEAGUE))
    routes = of_uploads(front)
    assert {asked.of_api for asked in routes} == {True, False}

    for asked in routes:
        answer = asked.send(browser.client, upload_id=upload.id, csrf=csrf)
        assert answer.status_code == 404, (asked, answer.text)
        if asked.of_api:
            by_token = asked.send(front_of(stranger), upload_id=upload.id)
            assert (by_token.status_code, by_token.json()["code"]) == (404, "upload_not_found"), asked
    assert front.context.ledger.get(upload.id) == upload


@scenes
def test_the_same_requests_find_the_upload_of_its_sender(front: Front, browser: Browser, scene: str) -> None:
    upload = SCENES[scene](front)
    csrf = csrf_of(browser.sign_in())
    looking = [asked for asked in of_uploads(front) if asked.method == "GET"]
    if scene != "published":  # what is in no table has no rows to show
        looking = [asked for asked in looking if not asked.path.endswith("/rows")]

    for asked in looking:
        answer = asked.send(browser.client, upload_id=upload.id, csrf=csrf)
        assert answer.status_code in {200, 303, 409}, (asked, answer.text)


@pytest.mark.parametrize("proof", ["none", "a made-up session", "a session that ended"])
def test_every_route_that_is_not_public_is_for_people_who_signed_in(front: Front, browser: Browser, proof: str) -> None:
    upload = front.publish()
    if proof == "a made-up session":
        keep(browser, "made-up")
    elif proof == "a session that ended":
        secret = browser.sign_in().client.cookies["data_uploader_session"]
        browser.get("").submit(action="/uploader/sign-out")
        keep(browser, secret)
    routes = every_route(front)
    assert {(asked.method, asked.path) for asked in routes} >= PUBLIC

    for asked in routes:
        if (asked.method, asked.path) in PUBLIC:
            continue
        answer = asked.send(browser.client, upload_id=upload.id, csrf="forged")
        if asked.of_api or asked.path == "/session":
            assert answer.status_code == 401, asked
        else:
            assert answer.status_code == 303, asked
            assert answer.headers["Location"].partition("?")[0] == "/uploader/sign-in", asked
    assert front.context.ledger.get(upload.id) == upload


@pytest.mark.parametrize("given", ["Bearer dup_wrong", "Bearer ", "Basic YTpi"])
def test_every_route_of_the_api_refuses_a_wrong_token_even_with_a_session(
    front: Front, browser: Browser, given: str
) -> None:
    csrf = csrf_of(browser.sign_in())
    routes = [asked for asked in every_route(front) if asked.of_api and (asked.method, asked.path) not in PUBLIC]
    assert len(routes) > 10

    for asked in routes:
        answer = asked.send(browser.client, csrf=csrf, headers={"Authorization": given})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), asked


@scenes
def test_looking_changes_nothing(front: Front, browser: Browser, scene: str) -> None:
    upload = SCENES[scene](front)
    browser.sign_in().answer_all(database="tourism", table="hotels")
    looking = [asked for asked in every_route(front) if asked.method == "GET" and asked.path != COMES_BACK]
    before = everything(front)
    assert before["sessions"][0]["answers"]

    for asked in looking:
        asked.send(browser.client, upload_id=upload.id)
        assert everything(front) == before, asked


@pytest.mark.parametrize("who", [None, ANALYST])
def test_the_headers_of_every_answer_are_these_exactly(front: Front, browser: Browser, who: str | None) -> None:
    upload = front.publish()
    if who:
        browser.sign_in(who)
    wanted = {
        **security_headers(front.context.settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }

    answers = [asked.send(browser.client, upload_id=upload.id) for asked in every_route(front)]
    answers += [browser.client.get(path) for path in ("nothing", "static/front.css", "static/nothing")]
    for answer in answers:
        assert {name: answer.headers.get_list(name) for name in wanted} == {n: [v] for n, v in wanted.items()}, answer


def csrf_of(browser: Browser) -> str:
    """What a page of this session proves itself with."""
    token: str = browser.client.get("session").json()["csrf"]
    return token


def keep(browser: Browser, secret: str) -> None:
    """Have the browser send this as its session."""
    browser.client.cookies.set("data_uploader_session", secret, domain="testserver.local", path="/uploader/")


def front_of(client: TestClient) -> TestClient:
    """A client of the API, asking below the front."""
    client.base_url = client.base_url.join("/uploader/")
    return client
