"""What browsers are told, what forms need, and what nobody else may reach: the tests that the ASVS list names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.routing import Route

from plugins.front.app import create_app
from plugins.front.protection import security_headers

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.fakes.front import Front
    from tests.plugins.browsing import Browser


def test_cookies_are_short_whatever_is_typed(browser: Browser) -> None:
    browser.get("sign-in?next=" + "/a" * 5_000)
    browser.submit(action="/uploader/sign-in", email="a" * 60 + "@" + "b" * 180 + ".org")

    cookies = browser.client.cookies.jar
    assert all(len(cookie.name) + len(cookie.value or "") <= 4096 for cookie in cookies)


def test_https_is_kept_to_for_a_year(front: Front) -> None:
    secure = front.context.settings.model_copy(update={"base_url": "https://example.org/uploader/"})

    assert security_headers(secure)["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Strict-Transport-Security" not in security_headers(front.context.settings)


@pytest.mark.parametrize("path", ["", "sign-in", "api/v1/uploads", "api/v1/openapi.json", "static/front.css"])
def test_no_other_origin_may_read_an_answer(anonymous: TestClient, path: str) -> None:
    answer = anonymous.get(path, headers={"Origin": "https://elsewhere.example.org"})

    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_policy_has_no_objects_no_base_and_nothing_inline(anonymous: TestClient) -> None:
    policy = anonymous.get("").headers["Content-Security-Policy"]

    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert "unsafe" not in policy


def test_every_form_is_refused_without_its_token(browser: Browser) -> None:
    browser.sign_in()
    routes = create_app(lambda: browser.front.context).routes
    posts = [route.path for route in routes if isinstance(route, Route) and "POST" in (route.methods or ())]
    others = [path for path in posts if not path.startswith("/sign-in")]

    assert len(others) > 5
    for path in others:
        where = path.replace("{upload_id}", "0" * 32).replace("{database}", "travel").replace("{table}", "trips")
        answer = browser.client.post(where.lstrip("/"), data={"csrf_token": "forged"})
        assert answer.status_code == 403, path


def test_a_forged_host_is_in_no_redirect(anonymous: TestClient) -> None:
    forged = {"Host": "elsewhere.example.org", "X-Forwarded-Host": "elsewhere.example.org", "Forwarded": "host=other"}

    answer = anonymous.get("uploads", headers=forged)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/uploader/")


@pytest.mark.parametrize("path", ["", "health", "static/front.css"])
def test_texts_say_their_encoding(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(path).headers["Content-Type"].endswith("charset=utf-8")


@pytest.mark.parametrize("path", ["", "/", "/uploads/", "/databases/"])
def test_the_api_redirects_nobody(api: TestClient, path: str) -> None:
    assert api.get(f"http://testserver/uploader/api/v1{path}").status_code in {401, 404}


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "..\\..\\a.csv", "/etc/a.csv", "%2e%2e%2fa.csv"])
def test_a_file_name_never_leads_elsewhere(front: Front, name: str) -> None:
    upload = front.start(filename=name)

    folder, _, file = upload.landing_uri.rpartition("/")
    assert folder.startswith(f"{front.context.settings.landing_uri}/database_name=travel/table_name=trips/")
    assert ".." not in upload.landing_uri
    assert file.endswith(".csv")
    assert file.isprintable()


def test_every_page_of_a_session_has_a_way_to_end_it(browser: Browser) -> None:
    browser.sign_in()
    for path in ("", "upload", "uploads", "help", "cookies"):
        assert browser.get(path).page.select('form[action="/uploader/sign-out"]'), path
