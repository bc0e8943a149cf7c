"""Every action, whichever route it has: it is in the audit trail, done or refused, by whom and of what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import MetaData

from include.services import signing_in
from plugins.front.app import create_app
from plugins.front.cookies import SESSION
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.fakes.trail import trail_of
from tests.plugins.actions import ACTIONS, CONTENT, ENTRANCES, QUESTIONS, Action, Asked
from tests.plugins.conftest import client_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

    from include.ports import AuditEntry
    from include.services.signing_in import OpenedSession
    from tests.plugins.browsing import Browser

SAFE = {"GET", "HEAD", "OPTIONS"}
OF_UPLOADS = sorted(name for name in ACTIONS if "{upload_id}" in name)


def changing(routes: Iterable[Any], below: str = "") -> Iterator[str]:
    """Method and path of every route that is not only asked."""
    for route in routes:
        for method in set(getattr(route, "methods", None) or ()) - SAFE:
            yield f"{method} {below}{route.path}"
        yield from changing(getattr(route, "routes", None) or (), below + route.path)


def begin(front: Front, asked: Asked, email: str = ANALYST) -> OpenedSession:
    """Somebody who has signed in and has answered what the wizard has by then."""
    opened = signing_in.begin_session(front.context, email, by="code")
    signing_in.keep_answers(front.context, opened.session, asked.answers)
    return opened


def send(client: TestClient, name: str, asked: Asked, *, token: str = "", csrf: str = "") -> Response:
    """Send it as a page of ours does: the forms' token is a field, the scripts' a header."""
    method, path = name.split(" ")
    client.cookies.clear()
    if token:
        client.cookies.set(SESSION, token)
    place = path.format(**asked.at).removeprefix("/")
    if path.startswith("/api/"):
        headers = {"X-CSRF-Token": csrf}
        answer: Response = client.request(method, place, json=asked.json, headers=headers)
    else:
        answer = client.request(method, place, data={**asked.data, "csrf_token": csrf}, files=asked.files)
    return answer


def since(front: Front, before: int) -> list[AuditEntry]:
    return list(trail_of(front)[before:])


def assert_refused(entry: AuditEntry, name: str, asked: Asked, *, who: str, why: str) -> None:
    """It names who wanted what of which upload, and why they could not."""
    method, path = name.split(" ")
    assert entry.who == who
    if entry.what == "signing refused":
        assert entry.details["why"] == why
    else:
        assert entry.what == "request refused"
        assert entry.details["request"] == f"{method} {path.removeprefix('/api/v1')}"
        assert entry.details["code"] == why
    assert entry.details.get("upload_id") == asked.at.get("upload_id")


def test_every_route_that_changes_something_is_on_the_list() -> None:
    routes = list(changing(create_app(lambda: pytest.fail("not needed")).routes))

    assert sorted(routes) == sorted([*ACTIONS, *ENTRANCES, *QUESTIONS])


@pytest.mark.parametrize("name", ACTIONS)
def test_what_somebody_did_is_in_the_audit_trail(anonymous: TestClient, front: Front, name: str) -> None:
    action: Action = ACTIONS[name]
    asked = action.ask(front)
    opened = begin(front, asked)
    before = len(trail_of(front))

    answer = send(anonymous, name, asked, token=opened.token, csrf=opened.session.csrf)

    assert answer.status_code in {200, 201, 303}, answer.text
    done = [entry for entry in since(front, before) if entry.what == action.what]
    assert [entry.who for entry in done] == [ANALYST]
    assert asked.at.items() <= done[0].details.items()
    assert not [entry for entry in since(front, before) if "refused" in entry.what]


@pytest.mark.parametrize("name", ACTIONS)
def test_what_nobody_we_know_was_refused_is_in_the_audit_trail(anonymous: TestClient, front: Front, name: str) -> None:
    asked = ACTIONS[name].ask(front)
    before = len(trail_of(front))

    answer = send(anonymous, name, asked)

    page = "/api/" not in name
    assert answer.status_code == (303 if page else 401)
    [entry] = since(front, before)
    assert_refused(entry, name, asked, who="unknown", why="sign_in_needed" if page else "token_missing")


@pytest.mark.parametrize("name", ACTIONS)
def test_what_another_site_made_a_browser_send_is_in_the_audit_trail(
    anonymous: TestClient, front: Front, name: str
) -> None:
    asked = ACTIONS[name].ask(front)
    opened = begin(front, asked)
    before = len(trail_of(front))

    answer = send(anonymous, name, asked, token=opened.token, csrf="forged")

    assert answer.status_code == 403
    [entry] = since(front, before)
    assert_refused(entry, name, asked, who=ANALYST, why="csrf")


@pytest.mark.parametrize("name", OF_UPLOADS)
def test_what_somebody_tried_with_another_persons_upload_is_in_the_audit_trail(
    anonymous: TestClient, front: Front, name: str
) -> None:
    asked = ACTIONS[name].ask(front)
    opened = begin(front, asked, COLLEAGUE)
    before = len(trail_of(front))

    answer = send(anonymous, name, asked, token=opened.token, csrf=opened.session.csrf)

    assert answer.status_code == 404
    [entry] = since(front, before)
    assert_refused(entry, name, asked, who=COLLEAGUE, why="upload_not_found")


def test_signing_in_and_being_refused_it_are_in_the_audit_trail(browser: Browser, front: Front) -> None:
    browser.get("sign-in").submit(action="/uploader/sign-in", email=ANALYST)
    code = front.mailer.last_code(ANALYST)
    browser.submit(action="/uploader/sign-in/code", code=f"{(int(code) + 1) % 10**6:06d}")
    browser.submit(action="/uploader/sign-in/code", code=code)

    assert [(entry.who, entry.what) for entry in trail_of(front)] == [
        (ANALYST, "sign-in code sent"),
        (ANALYST, "sign-in refused"),
        (ANALYST, "signed in"),
    ]


@pytest.mark.parametrize("name", sorted(ENTRANCES))
def test_a_sign_in_that_another_site_made_a_browser_send_is_in_the_audit_trail(
    browser: Browser, front: Front, name: str
) -> None:
    browser.get("sign-in").submit(action="/uploader/sign-in", email=ANALYST)
    before = len(trail_of(front))

    answer = browser.client.post(name.removeprefix("POST /"), data={"email": ANALYST, "csrf_token": "forged"})

    assert answer.status_code == 403
    [entry] = since(front, before)
    assert_refused(entry, name, Asked(), who="unknown", why="csrf")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_leaves_nothing_behind_but_that_it_was_asked(anonymous: TestClient, front: Front, name: str) -> None:
    opened = begin(front, Asked())
    before = _ledger(front)

    answer = send(anonymous, name, QUESTIONS[name], token=opened.token, csrf=opened.session.csrf)

    assert answer.status_code == 200
    after = _ledger(front)
    assert len(after.pop("tries")) == len(before.pop("tries")) + 1
    assert after == before


def test_no_secret_and_no_value_of_a_file_is_in_the_audit_trail(tmp_path: Path) -> None:
    for number, (name, action) in enumerate(ACTIONS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        front = make_front(folder)
        asked = action.ask(front)
        opened = begin(front, asked)
        token = front.token()
        for csrf in ("forged", opened.session.csrf):
            send(client_of(front), name, asked, token=opened.token, csrf=csrf)
        kept = json.dumps([(entry.who, entry.what, entry.details) for entry in trail_of(front)])
        for secret in (opened.token, opened.session.csrf, opened.session.token_hash, token, "dup_", "kept out of it"):
            assert secret not in kept, name
    assert b"kept out of it" in CONTENT


def _ledger(front: Front) -> dict[str, list[Any]]:
    engine = front.context.ledger.engine  # type: ignore[attr-defined]
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {table.name: list(connection.execute(table.select())) for table in tables.sorted_tables}


@pytest.mark.parametrize("path", ["POST /api/v1/uploads/{upload_id}/parts", "DELETE /api/v1/uploads/{upload_id}"])
def test_one_source_that_nobody_knows_does_not_fill_the_audit_trail(tmp_path: Path, path: str) -> None:
    front = make_front(tmp_path, sign_in_source_limit=5)
    asked = ACTIONS[path].ask(front)
    before = len(trail_of(front))
    client = client_of(front)

    for _ in range(20):
        assert send(client, path, asked).status_code == 401

    entries = since(front, before)
    assert [entry.details for entry in entries if entry.what == "too many tries"] == [
        {"of": "refused requests of nobody we know, from one source"}
    ]
    assert len(entries) == 6
    opened = begin(front, asked)
    before = len(trail_of(front))
    assert send(client, path, asked, token=opened.token, csrf="forged").status_code == 403
    assert [entry.who for entry in since(front, before)] == [ANALYST]  # whoever is known is always on record
