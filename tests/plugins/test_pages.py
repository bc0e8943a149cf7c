"""What holds for every page: protection, links, errors, and that forms are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.domain.errors import Transient
from include.domain.upload import Door
from plugins.front import protection
from tests.fakes.front import ANALYST, Front, make_front
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

GOVERNANCE = "/uploader/upload/governance"
DATABASE = "/uploader/upload/database"

FORMATS = "CSV, JSON, JSONL, XLSX or Parquet, or a text compressed as GZ or ZIP"


def test_the_start_page_says_what_to_have_ready_and_leads_to_sign_in(browser: Browser) -> None:
    browser.get("")
    text = browser.page.get_text(" ", strip=True)

    assert "Before you start" in text
    assert f"Its format must be {FORMATS}." in text
    for told in (
        "list of users",
        "DPIA",
        "5 TB at most",
        "letters, digits and underscores",
        "at 1am",
        "Everyone who has",
    ):
        assert told in text
    assert "This is dev" in text
    assert browser.follow("Start now").path == "/uploader/sign-in?next=%2Fupload"


def test_no_page_has_a_script_or_style_of_its_own_or_a_thing_from_another_host(browser: Browser, front: Front) -> None:
    upload = front.publish()
    browser.sign_in().answer_all(database="tourism")
    paths = ["", "upload/check", "upload/table", "upload/database", "uploads", f"uploads/{upload.id}",
             f"uploads/{upload.id}/complete", "nothing"]  # fmt: skip
    for path in paths:
        page = browser.get(path).page
        assert not [tag for tag in page.find_all("script") if tag.get_text(strip=True)], path
        assert not page.find_all("style"), path
        assert not page.select("[style], [onclick], [onload]"), path
        sources = [str(tag.get("src") or tag.get("href")) for tag in page.select("[src], link[href]")]
        assert all(source.startswith("/uploader/static/") for source in sources), path


def test_every_answer_is_protected(browser: Browser) -> None:
    for path in ("", "nothing", "static/front.css", "api/v1/databases"):
        headers = browser.get(path).response.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_page_may_send_only_to_itself_and_to_the_store(tmp_path: Path) -> None:
    from plugins.front.protection import security_headers

    local = make_front(tmp_path, aws_endpoint_url="http://127.0.0.1:4566/").context.settings
    policy = security_headers(local)["Content-Security-Policy"]

    assert "connect-src 'self' http://127.0.0.1:4566 http://data-uploader-landing.127.0.0.1:4566;" in policy


def test_an_unknown_page_is_not_found_in_the_services_own_style(browser: Browser) -> None:
    browser.get("nothing")

    assert (browser.response.status_code, browser.heading) == (404, "Page not found")


def test_a_page_whose_machine_is_away_says_so(browser: Browser, front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.sign_in()

    def away(*_: object) -> None:
        raise Transient("The catalogue does not answer. Try again in a minute.", code="x", title="Sorry, busy")

    monkeypatch.setattr(front.catalogue, "database_parameters", away)
    browser.get("upload").submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="new", name="travel")

    assert (browser.response.status_code, browser.heading) == (503, "Sorry, busy")


def test_a_page_that_fails_is_protected_and_tells_nothing(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.front.pages import start

    monkeypatch.setattr(start, "page", lambda *_, **__: 1 / 0)
    browser.get("")

    assert (browser.response.status_code, browser.heading) == (500, "Sorry, there is a problem with the service")
    assert "ZeroDivision" not in browser.response.text
    assert "default-src 'none'" in browser.response.headers["content-security-policy"]


@pytest.mark.parametrize("root", ["", "/airflow", "/a/b"])
def test_links_stay_below_wherever_the_front_is_mounted(front: Front, root: str) -> None:
    from fastapi.testclient import TestClient

    from plugins.front.app import create_standalone

    client = TestClient(
        create_standalone(lambda: front.context), base_url=f"http://testserver{root}/uploader/", root_path=root
    )
    page = Browser(client, front).get("").page

    links = [str(tag.get("href") or tag.get("src")) for tag in page.select("[href], [src]")]
    settings = front.context.settings
    elsewhere = {settings.users_file_url, settings.platform_account_url}
    assert all(link.startswith((f"{root}/uploader/", "#")) for link in set(links) - elsewhere), links


@pytest.mark.parametrize(
    "path",
    ["upload/governance", "upload/database", "upload/table", "upload/file", "uploads/x/cancel", "uploads/x/withdraw",
     "sign-out"],
)  # fmt: skip
@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_a_form_without_the_sessions_token_is_refused(browser: Browser, path: str, token: str) -> None:
    browser.sign_in()
    answer = browser.client.post(path, data={"csrf_token": token})

    assert answer.status_code == 403
    assert "The page has expired" in answer.text


def test_a_sign_in_form_without_its_token_is_refused(browser: Browser) -> None:
    browser.get("sign-in")
    assert browser.client.post("sign-in", data={"email": ANALYST}).status_code == 403

    browser.client.cookies.clear()
    assert browser.client.post("sign-in", data={"email": ANALYST}).status_code == 303


def test_a_page_may_call_the_api_only_with_its_token(browser: Browser, front: Front) -> None:
    browser.sign_in().answer_all()
    csrf = str(browser.page.select_one("#upload-form")["data-csrf"])  # type: ignore[index]
    body = {
        "database": "travel", "table": "trips", "filename": "a.csv", "size": 1, "create": True,
        "governance": {"document": "none", "classification": "test"},
    }  # fmt: skip

    refused = browser.client.post("api/v1/uploads", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    started = browser.client.post("api/v1/uploads", json=body, headers={"X-CSRF-Token": csrf})

    upload = front.context.ledger.get(started.json()["upload_id"])
    assert upload is not None
    assert (upload.door, upload.uploader) == (Door.PAGE, ANALYST)
    assert browser.client.get(f"api/v1/uploads/{upload.id}").status_code == 200


def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    browser.sign_in().get("upload/governance")
    browser.submit(action=GOVERNANCE, reference="x" * 70_000)

    assert browser.response.status_code == 413


def test_a_file_that_is_too_large_for_the_form_leads_back_to_step_4(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "FORM_FILE_MAX", 1024)
    browser.sign_in().answer_all()
    browser.submit(action="/uploader/upload/file", files={"file": ("a.csv", b"x" * 70_000)})

    assert browser.response.status_code == 413
    assert "switch JavaScript on: then larger files can be sent, too" in browser.page.get_text()
    assert browser.follow("Go to step 4").path == "/uploader/upload/check"


@pytest.mark.parametrize("size", [10, 200_000], ids=["a small file", "a file that only people who signed in may send"])
def test_a_file_that_is_sent_after_the_session_ended_leads_to_sign_in(browser: Browser, size: int) -> None:
    answer = browser.client.post("upload/file", files={"file": ("a.csv", b"x" * size)})

    assert (answer.status_code, answer.headers["location"]) == (303, "/uploader/sign-in?next=%2Fupload%2Fcheck")


def test_a_large_form_by_nobody_is_not_read(browser: Browser) -> None:
    assert browser.client.post("sign-in", data={"email": "x" * 70_000}).status_code == 413


def test_people_who_signed_in_may_send_a_large_form(browser: Browser) -> None:
    browser.sign_in().answer_all()
    large = {"file": ("a.csv", b"x" * 70_000)}
    assert browser.submit(action="/uploader/upload/file", files=large).heading == "Upload complete"


def test_a_static_file_is_asked_about_each_time(anonymous: TestClient) -> None:
    assert anonymous.get("static/front.css").headers["cache-control"] == "no-cache"
    assert anonymous.get("static/../app.py").status_code == 404
