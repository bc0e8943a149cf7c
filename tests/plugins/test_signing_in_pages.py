"""Signing in on pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from include.domain.errors import Transient
from tests.fakes.front import ANALYST, Front, make_front
from tests.fakes.objects import sha256_of
from tests.plugins.browsing import Browser
from tests.plugins.conftest import client_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send


def test_a_code_from_the_mail_signs_in_and_leads_to_step_1(browser: Browser) -> None:
    browser.sign_in()

    assert browser.path == "/uploader/upload/governance?new=yes"
    assert ANALYST in browser.page.get_text()


def test_sign_in_leads_back_to_the_page_that_asked_for_it(browser: Browser, front: Front) -> None:
    upload = front.publish()
    browser.get(f"uploads/{upload.id}").submit(action="/uploader/sign-in", email=ANALYST)
    browser.submit(action="/uploader/sign-in/code", code=front.mailer.last_code(ANALYST))

    assert browser.path == f"/uploader/uploads/{upload.id}"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("uploads?state=refused", "/uploader/uploads?state=refused"),
        ("uploads?filename=a%20b%2F.csv&table=x+y", "/uploader/uploads?filename=a%20b%2F.csv&table=x+y"),
        ("uploads?filename=//evil.example", "/uploader/uploads"),
        (f"uploads?filename={'x' * 500}", "/uploader/uploads"),
    ],
    ids=["plain", "quoted", "slashes", "too long"],
)
def test_sign_in_leads_back_with_what_the_page_was_asked_for(
    browser: Browser, front: Front, asked: str, path: str
) -> None:
    browser.get(asked).submit(action="/uploader/sign-in", email=ANALYST)
    browser.submit(action="/uploader/sign-in/code", code=front.mailer.last_code(ANALYST))

    assert browser.path == path


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(browser: Browser, front: Front, target: str) -> None:
    browser.client.get("sign-in", params={"next": target})
    browser.sign_in()

    assert browser.response.url.host == "testserver"
    assert browser.path == "/uploader/upload/governance?new=yes"
    assert front.mailer.sent


def test_the_answer_is_the_same_for_an_unknown_address(browser: Browser, front: Front) -> None:
    pages = {}
    for email in (ANALYST, "nobody@example.org"):
        browser.client.cookies.clear()
        browser.get("sign-in").submit(action="/uploader/sign-in", email=email)
        first = browser.response
        browser.submit(action="/uploader/sign-in/code", code="000000")
        token = re.compile(r'name="csrf_token" value="[^"]+"')
        pages[email] = [
            (page.status_code, token.sub("", page.text.replace(email, "…"))) for page in (first, browser.response)
        ]

    assert pages[ANALYST] == pages["nobody@example.org"]
    assert [mail.to for mail in front.mailer.sent.values()] == [ANALYST]


def test_a_known_and_an_unknown_address_take_the_same_steps_in_the_ledger(tmp_path: Path) -> None:
    steps = {}
    for number, email in enumerate((ANALYST, "nobody@example.org")):
        (tmp_path / str(number)).mkdir()
        front = make_front(tmp_path / str(number))
        browser = Browser(client_of(front), front).get("sign-in")
        engine = front.context.ledger.engine  # type: ignore[attr-defined]
        said: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda _, __, statement, *___, said=said: said.append(statement))
        browser.submit(action="/uploader/sign-in", email=email)
        asked = len(said)
        browser.submit(action="/uploader/sign-in/code", code="12345x")
        steps[email] = (asked, said)

    assert steps[ANALYST] == steps["nobody@example.org"]
    asked, said = steps[ANALYST]
    assert 0 < asked < len(said)


def test_the_answer_is_given_before_anybody_looks_whose_address_it_is_and_sends_the_mail(
    browser: Browser, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def noting(name: str, then: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def noted(given: Any) -> Any:
            order.append(name)
            return then(given)

        return noted

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_noted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                order.append("answered")

        await browser.client.app(scope, receive, send_noted)

    browser.get("sign-in")
    form = {"email": ANALYST, "csrf_token": str(browser.page.select_one("[name=csrf_token]")["value"])}  # type: ignore[index]
    monkeypatch.setattr(front.users, "knows", noting("looked up", front.users.knows))
    monkeypatch.setattr(front.mailer, "send", noting("mailed", front.mailer.send))
    client = TestClient(app, base_url=browser.client.base_url, cookies=browser.client.cookies, follow_redirects=False)

    assert client.post("sign-in", data=form).status_code == 303
    assert order == ["answered", "looked up", "mailed"]


def test_a_mail_that_cannot_be_sent_gives_the_same_answer(browser: Browser, front: Front) -> None:
    front.mailer.failure = Transient("The mail server is away.", code="mail_unavailable")

    browser.get("sign-in").submit(action="/uploader/sign-in", email=ANALYST)
    assert (browser.response.status_code, browser.heading) == (200, "Check your email")


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "Enter your email address"),
        ("me", "Enter an email address in the correct format, like name@example.com"),
        ("a b@example.org", "Enter an email address in the correct format, like name@example.com"),
    ],
)
def test_an_address_in_another_form_is_an_error(browser: Browser, email: str, message: str) -> None:
    browser.get("sign-in").submit(action="/uploader/sign-in", email=email)

    assert browser.errors == [message]
    assert browser.inline_errors == [message]
    assert browser.title.startswith("Error: ")
    assert browser.response.status_code == 422


def test_a_wrong_code_is_an_error_and_the_right_one_still_works(browser: Browser, front: Front) -> None:
    browser.get("sign-in").submit(action="/uploader/sign-in", email=ANALYST)
    browser.submit(action="/uploader/sign-in/code", code="")
    assert browser.errors == ["Enter the code from the email"]
    code = front.mailer.last_code(ANALYST)
    browser.submit(action="/uploader/sign-in/code", code=f"{(int(code) + 1) % 10**6:06d}")
    assert "The code is not right" in browser.errors[0]

    assert browser.submit(action="/uploader/sign-in/code", code=code).heading == "Data governance requirements"


def test_the_session_cookie_is_out_of_reach_and_new_at_each_sign_in(browser: Browser, front: Front) -> None:
    browser.get("sign-in").submit(action="/uploader/sign-in", email=ANALYST)
    token = str(browser.page.select_one("[name=csrf_token]")["value"])  # type: ignore[index]
    form = {"code": front.mailer.last_code(ANALYST), "csrf_token": token}
    answer = browser.client.post("sign-in/code", data=form)

    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("data_uploader_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/uploader/" in cookie
    assert "Secure" not in cookie
    first = browser.client.cookies["data_uploader_session"]
    browser.get("").submit(action="/uploader/sign-out")
    browser.sign_in()
    assert browser.client.cookies["data_uploader_session"] != first


def test_cookies_are_secure_where_the_service_is(tmp_path: Path) -> None:
    from plugins.front.app import create_standalone

    front = make_front(tmp_path, base_url="https://testserver/uploader/")
    client = TestClient(create_standalone(lambda: front.context), base_url="https://testserver/uploader/")
    answer = client.get("sign-in")

    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]


def test_after_sign_out_pages_ask_to_sign_in(browser: Browser) -> None:
    browser.sign_in()
    cookie = browser.client.cookies["data_uploader_session"]
    browser.submit(action="/uploader/sign-out")
    assert browser.heading == "Upload data to the Analytical Platform"

    browser.client.cookies.set("data_uploader_session", cookie, domain="testserver.local", path="/uploader/")
    assert browser.get("uploads").heading == "Sign in"


def test_an_idle_session_asks_to_sign_in_again(browser: Browser, front: Front) -> None:
    browser.sign_in()
    front.clock.advance(minutes=61)

    assert browser.get("uploads").heading == "Sign in"


@pytest.mark.parametrize(
    "path",
    ["upload", "upload/governance", "upload/database", "upload/table", "upload/check", "uploads", "uploads/x",
     "uploads/x/complete", "uploads/x/withdraw"],
)  # fmt: skip
def test_only_people_who_signed_in_see_a_page(browser: Browser, path: str) -> None:
    assert browser.get(path).heading == "Sign in"


def test_a_page_that_asks_by_itself_does_not_keep_a_session_from_ending_but_sending_parts_does(
    browser: Browser, front: Front
) -> None:
    browser.sign_in()
    upload, content = front.start(), b"year\n2013\n\n"
    asked = [f"api/v1/uploads/{upload.id}", f"uploads/{upload.id}", "session"]
    part = {"part_number": 1, "size": len(content), "sha256": sha256_of(content)}
    headers = {"X-CSRF-Token": browser.client.get("session").json()["csrf"]}
    for _ in range(3):
        front.clock.advance(minutes=50)
        signed = browser.client.post(f"{asked[0]}/parts", json={"parts": [part]}, headers=headers)
        assert signed.status_code == 200
    for _ in range(5):
        front.clock.advance(minutes=11, seconds=59)
        assert [browser.client.get(path, headers={"X-Unattended": "1"}).status_code for path in asked] == [200] * 3
    front.clock.advance(seconds=5)

    assert [browser.client.get(path).status_code for path in asked] == [401, 303, 401]
