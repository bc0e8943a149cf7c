"""The pages: sign-in, the four steps, upload without JavaScript, status, my uploads, and what goes wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.domain.append_findings import Changes, Misfit, tell
from include.domain.column_types import BigInt, String
from include.domain.errors import Transient
from include.domain.findings import Finding, Severity
from include.domain.reading_options import DEFAULT_OPTIONS, choose
from include.domain.upload import Door, State
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

GOVERNANCE = "/uploader/upload/governance"
DATABASE = "/uploader/upload/database"
TABLE = "/uploader/upload/table"

FORMATS = "CSV, JSON, JSONL, XLSX or Parquet, or a text compressed as GZ or ZIP"


# --- around every page -----------------------------------------------------------------------------------------------


def test_the_start_page_says_what_to_have_ready_and_leads_to_sign_in(browser: Browser) -> None:
    browser.get("")
    text = browser.page.get_text(" ", strip=True)

    assert "Before you start" in text
    assert f"file of 5 TB or less: {FORMATS}" in text
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
    assert all(link.startswith((f"{root}/uploader/", "#")) for link in links), links


# --- sign-in ---------------------------------------------------------------------------------------------------------


def test_a_code_from_the_mail_signs_in_and_leads_to_step_1(browser: Browser) -> None:
    browser.sign_in()

    assert browser.path == "/uploader/upload/governance"
    assert ANALYST in browser.page.get_text()


def test_sign_in_leads_back_to_the_page_that_asked_for_it(browser: Browser, front: Front) -> None:
    upload = front.publish()
    browser.get(f"uploads/{upload.id}").submit(action="/uploader/sign-in", email=ANALYST)
    browser.submit(action="/uploader/sign-in/code", code=front.mailer.last_code(ANALYST))

    assert browser.path == f"/uploader/uploads/{upload.id}"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(browser: Browser, front: Front, target: str) -> None:
    browser.client.get("sign-in", params={"next": target})
    browser.sign_in()

    assert browser.response.url.host == "testserver"
    assert browser.path == "/uploader/upload/governance"
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


def test_a_mail_that_cannot_be_sent_gives_the_same_answer(browser: Browser, front: Front) -> None:
    front.mailer.failure = Transient("The mail server is away.", code="mail_unavailable")

    browser.get("sign-in").submit(action="/uploader/sign-in", email=ANALYST)
    assert (browser.response.status_code, browser.heading) == (200, "Check your email")


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "Enter your email"),
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
    from fastapi.testclient import TestClient

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


# --- forms are ours --------------------------------------------------------------------------------------------------


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


def test_only_people_who_signed_in_may_send_a_large_form(browser: Browser) -> None:
    large = {"file": ("a.csv", b"x" * 70_000)}
    assert browser.client.post("upload/file", files=large).status_code == 413

    browser.sign_in().answer_all()
    assert browser.submit(action="/uploader/upload/file", files=large).heading == "Upload complete"


# --- the four steps --------------------------------------------------------------------------------------------------


def test_the_four_steps_lead_to_a_page_with_every_answer(browser: Browser) -> None:
    browser.sign_in().submit(
        action=GOVERNANCE, document="dpia", reference="DPIA-7", classification="official", responsible="yes"
    )
    assert (browser.path, browser.heading) == (DATABASE, "Choose database")
    browser.submit(action=DATABASE, kind="new", name="travel")
    assert (browser.path, browser.heading) == (TABLE, "Choose table")
    browser.submit(action=TABLE, name="trips")

    assert browser.path == "/uploader/upload/check"
    assert browser.facts == {
        "Document": "Data Protection Impact Assessment (DPIA)",
        "Reference": "DPIA-7",
        "Sensitivity": "OFFICIAL",
        "Database": "data_eng_uploader_dev_travel (new)",
        "Table": "trips (new)",
    }
    assert "Names cannot be changed afterwards" in browser.page.get_text()


def test_step_1_names_everything_that_is_wrong_at_once_and_keeps_what_was_given(browser: Browser) -> None:
    browser.sign_in().submit(action=GOVERNANCE, reference="kept")

    assert browser.errors == browser.inline_errors
    assert browser.errors == [
        "Select which data governance document covers the data",
        "Select how sensitive the data are",
        "Confirm that you have met the data governance requirements",
    ]
    assert browser.title.startswith("Error: ")
    assert browser.page.select_one("#reference")["value"] == "kept"  # type: ignore[index]
    targets = [str(tag["href"]).removeprefix("#") for tag in browser.page.select(".govuk-error-summary a")]
    assert all(browser.page.find(id=target) for target in targets)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"document": "none", "classification": "official"}, "only upload non-sensitive test data"),
        ({"document": "dpia", "classification": "official"}, "Enter the reference"),
        ({"document": "dpia", "reference": "x", "classification": "official_sensitive"}, "only be uploaded to prod"),
        ({"document": "x", "classification": "secret"}, "Select which"),
    ],
)
def test_step_1_holds_the_governance_rules(browser: Browser, answers: dict[str, str], message: str) -> None:
    browser.sign_in().submit(action=GOVERNANCE, responsible="yes", **answers)

    assert message in browser.errors[0]


def test_step_2_offers_what_is_published_and_a_new_name(browser: Browser, front: Front) -> None:
    front.publish("animals", "penguins")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")

    assert [str(tag["value"]) for tag in browser.page.select("#existing option")] == ["", "animals"]
    assert "data_eng_uploader_dev_" in browser.page.get_text()


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "Select whether the database exists already or is new"),
        ({"kind": "existing"}, "Select a database"),
        ({"kind": "existing", "existing": "other"}, "There is no database other here"),
        ({"kind": "new", "name": ""}, "Enter a database name"),
        ({"kind": "new", "name": "Travel"}, "lower case letters"),
        ({"kind": "new", "name": "animals"}, "The database animals exists already"),
        ({"kind": "new", "name": "a" * 42}, "63 in all"),
    ],
)
def test_step_2_says_what_is_wrong_with_a_database(
    browser: Browser, front: Front, answers: dict[str, str], message: str
) -> None:
    front.publish("animals", "penguins")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, **answers)

    assert message in browser.errors[0]
    assert browser.inline_errors == browser.errors
    assert browser.title.startswith("Error: ")


def test_step_3_offers_a_new_table_only_in_a_new_database(browser: Browser) -> None:
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="new", name="travel")

    assert browser.page.select("#existing") == []
    assert browser.submit(action=TABLE, kind="existing", existing="x", name="").errors == ["Enter a table name."]


def test_step_3_offers_the_tables_of_an_existing_database_and_warns(browser: Browser, front: Front) -> None:
    front.publish("animals", "penguins")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="existing", existing="animals")

    assert [str(tag["value"]) for tag in browser.page.select("#existing option")] == ["", "penguins"]
    assert "Everyone who may read the table will see what you add" in browser.page.get_text()
    assert browser.submit(action=TABLE, kind="new", name="penguins").errors == [
        "The table penguins exists already in animals. Choose it from the list, or enter another name."
    ]
    browser.submit(action=TABLE, kind="existing", existing="penguins")
    assert browser.facts["Table"] == "penguins"
    assert "Be certain that this is the right table" in browser.page.get_text()


def test_a_change_link_keeps_the_other_answers_and_comes_back(browser: Browser) -> None:
    browser.sign_in().answer_all()
    browser.follow("Change table").submit(action=TABLE, name="hotels")
    assert browser.path == "/uploader/upload/check"
    assert browser.facts["Table"] == "hotels (new)"

    browser.follow("Change database").submit(action=DATABASE, kind="new", name="tourism")
    assert browser.path == "/uploader/upload/check"
    assert browser.facts["Database"] == "data_eng_uploader_dev_tourism (new)"
    assert browser.facts["Table"] == "hotels (new)"

    browser.follow("Change sensitivity")
    assert browser.page.select_one("[name=document][value=none]")["checked"] == ""  # type: ignore[index]
    browser.submit(action=GOVERNANCE, document="dpia", reference="D1", classification="official", responsible="yes")
    assert browser.path == "/uploader/upload/check"
    assert (browser.facts["Reference"], browser.facts["Table"]) == ("D1", "hotels (new)")


def test_changing_the_database_asks_for_the_table_again_when_it_was_one_of_the_old_database(
    browser: Browser, front: Front
) -> None:
    front.publish("animals", "penguins")
    front.publish("travel", "trips")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="existing", existing="animals")
    browser.submit(action=TABLE, kind="existing", existing="penguins")
    browser.follow("Change database").submit(action=DATABASE, kind="existing", existing="travel")

    assert browser.path == TABLE


@pytest.mark.parametrize("path", ["upload/database", "upload/table", "upload/check"])
def test_a_step_whose_earlier_steps_are_missing_leads_back(browser: Browser, path: str) -> None:
    assert browser.sign_in().get(path).path == GOVERNANCE


def test_a_new_upload_forgets_the_answers_of_the_last(browser: Browser) -> None:
    browser.sign_in().answer_all()
    browser.get("upload")

    assert browser.get("upload/check").path == GOVERNANCE


# --- the upload ------------------------------------------------------------------------------------------------------


def test_without_javascript_the_file_comes_by_the_form(browser: Browser, front: Front) -> None:
    browser.sign_in().answer_all().submit(
        action="/uploader/upload/file", files={"file": ("Trips.csv", b"year\n2013\n", "text/csv")}
    )

    assert browser.heading == "Upload complete"
    assert browser.facts == {
        "Database name": "data_eng_uploader_dev_travel",
        "Table name": "trips",
        "Athena reference": "data_eng_uploader_dev_travel.trips",
        "S3 path": "s3://analytical-platform/uploader/data_eng_uploader_dev_travel/trips/"
        "extraction_timestamp=20260131T120000Z/",
        "extraction_timestamp": "20260131T120000Z",
    }
    assert "01:00 (London time)" in browser.page.get_text(" ", strip=True)
    assert "request access to it" in browser.page.get_text(" ", strip=True)
    assert list(front.objects.content.values()) == [b"year\n2013\n"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("", b"", "Select a file"),
        (
            "trips.docx",
            b"x",
            "The selected file must be a CSV, JSON, JSONL, XLSX or Parquet, or a text compressed as GZ or ZIP.",
        ),
        ("trips.csv", b"x" * 2000, "The selected file must be 1 KB or smaller; this has 1.95 KB."),
    ],
)
def test_a_file_that_cannot_be_taken_is_an_error_beside_the_input(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    from fastapi.testclient import TestClient

    from plugins.front.app import create_standalone

    front = make_front(tmp_path, max_bytes=1024)
    client = TestClient(create_standalone(lambda: front.context), base_url="http://testserver/uploader/")
    browser = Browser(client, front).sign_in().answer_all()
    browser.submit(action="/uploader/upload/file", files={"file": (name, content)})

    assert browser.errors == [message]
    assert browser.inline_errors == [message]
    assert browser.title.startswith("Error: Check your answers")
    assert front.context.ledger.page().uploads == ()


def test_answers_changed_in_another_window_are_shown_before_anything_is_sent(browser: Browser, front: Front) -> None:
    other = Browser(browser.client, front)
    browser.sign_in().answer_all(table="trips")
    other.get("upload/table?change=yes").submit(action=TABLE, name="hotels")
    browser.submit(action="/uploader/upload/file", files={"file": ("a.csv", b"x\n1\n")})

    assert "changed in another window" in browser.errors[0]
    assert browser.facts["Table"] == "hotels (new)"
    assert front.context.ledger.page().uploads == ()


FILE = "/uploader/upload/file"
TYPED = {
    "delimiter": "semicolon", "text_columns": "Code, zip", "day_first_columns": "", "null_words": "-\r\nunknown\r\n",
}  # fmt: skip
CHOSEN = choose(delimiter="semicolon", text_columns=["code", "zip"], null_words=["-", "unknown"])


def typed_on(browser: Browser) -> dict[str, str]:
    """What the reading options on the page say."""
    delimiter = browser.page.select_one("input[name=delimiter][checked]")
    words = browser.page.select_one("#null_words")
    assert delimiter
    assert words
    inputs = {name: browser.page.select_one(f"#{name}") for name in ("text_columns", "day_first_columns")}
    return {
        "delimiter": str(delimiter["value"]),
        **{name: str(tag.get("value", "")) for name, tag in inputs.items() if tag},
        "null_words": words.get_text(),
    }


def test_without_javascript_a_file_is_read_as_the_form_says(browser: Browser, front: Front) -> None:
    browser.sign_in().answer_all()
    assert typed_on(browser)["delimiter"] == "comma"
    assert typed_on(browser)["null_words"].split() == ["NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N"]
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")}, **TYPED)

    assert browser.heading == "Upload complete"
    assert front.context.ledger.page().uploads[0].reading_options == CHOSEN
    assert browser.facts["Read with"] == "semicolons between fields; as text: code, zip; missing values: -, unknown"


def test_reading_options_left_as_they_are_are_the_defaults(browser: Browser, front: Front) -> None:
    browser.sign_in().answer_all()
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")}, **typed_on(browser))

    assert front.context.ledger.page().uploads[0].reading_options == DEFAULT_OPTIONS


def test_reading_options_that_break_rules_are_errors_beside_their_inputs(browser: Browser, front: Front) -> None:
    browser.sign_in().answer_all()
    wrong = {
        **TYPED,
        "text_columns": "Sample Number",
        "day_first_columns": "extraction_timestamp",
        "null_words": "x" * 101,
    }
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")}, **wrong)

    assert "“Sample Number” cannot be a column" in browser.errors[0]
    assert "“extraction_timestamp” cannot be a column" in browser.errors[1]
    assert len(browser.errors) == 3
    assert browser.inline_errors == browser.errors
    assert browser.page.select_one("details#reading-options[open]")
    targets = [
        str(tag["href"]).removeprefix("#") for tag in browser.page.select(".govuk-error-summary:not([hidden]) a")
    ]
    assert targets == ["text_columns", "day_first_columns", "null_words"]
    assert typed_on(browser)["text_columns"] == "Sample Number"
    assert front.context.ledger.page().uploads == ()
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")}, **{**TYPED, "day_first_columns": "CODE"})
    assert "cannot be text and have dates" in browser.errors[0]


def test_reading_options_are_kept_through_the_change_links(browser: Browser) -> None:
    browser.sign_in().answer_all().submit(action=FILE, save="reading", **TYPED)
    assert (browser.path, browser.errors) == ("/uploader/upload/check", [])
    browser.get("upload/governance?change=yes")
    browser.submit(action=GOVERNANCE, document="none", classification="test", responsible="yes", change="yes")
    browser.get("upload/table?change=yes").submit(action=TABLE, name="hotels", change="yes")

    assert browser.facts["Table"] == "hotels (new)"
    assert typed_on(browser)["delimiter"] == "semicolon"
    assert typed_on(browser)["text_columns"] == "Code, zip"
    assert browser.page.select_one("details#reading-options[open]")


def at_table(browser: Browser, email: str = ANALYST) -> Browser:
    browser.sign_in(email).get("upload")
    browser.submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="existing", existing="travel")
    return browser.submit(action=TABLE, kind="existing", existing="trips")


def test_another_table_brings_its_own_reading_options(browser: Browser, front: Front) -> None:
    front.publish(reading=choose(delimiter="tab"))
    browser.sign_in().answer_all(database="tourism").submit(action=FILE, save="reading", **TYPED)
    browser.get("upload/database?change=yes").submit(action=DATABASE, kind="existing", existing="travel")
    browser.get("upload/table").submit(action=TABLE, kind="existing", existing="trips")

    assert typed_on(browser)["delimiter"] == "tab"
    assert typed_on(browser)["text_columns"] == ""


def test_the_owner_of_a_table_may_change_how_its_later_files_are_read(browser: Browser, front: Front) -> None:
    front.publish(reading=CHOSEN)
    at_table(browser)
    assert (typed_on(browser)["delimiter"], typed_on(browser)["text_columns"]) == ("semicolon", "code, zip")
    text = browser.page.get_text(" ", strip=True)
    assert "semicolons between fields" in text
    assert "counts for this upload and those made after it" in text
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")}, **{**typed_on(browser), "delimiter": "pipe"})

    assert front.context.ledger.page().uploads[0].reading_options.delimiter == "|"


def test_others_see_how_a_table_is_read_and_who_may_change_it(browser: Browser, front: Front) -> None:
    front.publish(reading=CHOSEN)
    at_table(browser, COLLEAGUE)
    text = browser.page.get_text(" ", strip=True)
    assert "as text: code, zip" in text
    assert f"Only {ANALYST}, whose upload made the table, can change this" in text
    assert browser.page.select("[name=text_columns]:not([type=hidden])") == []
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")})

    assert browser.heading == "Upload complete"
    assert front.context.ledger.page().uploads[0].reading_options == CHOSEN


def test_a_form_with_odd_words_for_missing_values_says_the_same_when_it_comes_back(
    browser: Browser, front: Front
) -> None:
    odd = choose(null_words=[" ", "- ", "a,b", "<b>"])
    front.publish(reading=odd)
    at_table(browser)
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")}, **typed_on(browser))

    assert front.context.ledger.page().uploads[0].reading_options == odd


def test_everybody_may_name_another_sheet_of_a_workbook(browser: Browser, front: Front) -> None:
    front.publish(reading=CHOSEN)
    at_table(browser, COLLEAGUE)
    assert browser.page.select_one("noscript button[name=save]")
    browser.submit(action=FILE, save="reading", sheet="February")
    assert browser.page.select_one("#sheet")["value"] == "February"  # type: ignore[index]
    browser.submit(action=FILE, files={"file": ("a.xlsx", b"x")}, sheet="February")

    assert browser.heading == "Upload complete"
    assert front.context.ledger.page().uploads[0].reading_options == replace(CHOSEN, sheet="February")


def test_a_choice_that_may_not_be_made_any_more_is_said_and_the_next_try_goes_through(
    browser: Browser, front: Front
) -> None:
    front.publish(reading=CHOSEN)
    at_table(browser, COLLEAGUE)
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")}, **{**TYPED, "delimiter": "pipe"})
    assert "Only the owner of travel.trips" in browser.errors[0]
    assert browser.inline_errors == browser.errors
    browser.submit(action=FILE, files={"file": ("a.csv", b"x\n1\n")})

    assert browser.heading == "Upload complete"


def test_reviewed_reading_options_are_shown_and_cannot_be_chosen(browser: Browser, front: Front) -> None:
    front.publish()
    front.reviewed.tables["travel", "trips"] = CHOSEN
    at_table(browser)
    text = browser.page.get_text(" ", strip=True)
    assert "semicolons between fields" in text
    assert "kept in a reviewed file" in text
    assert browser.page.select("[name=text_columns]:not([type=hidden])") == []


def test_the_status_page_says_in_words_where_the_upload_is(browser: Browser, front: Front) -> None:
    upload = front.land()
    browser.sign_in().get(f"uploads/{upload.id}")

    text = browser.page.get_text(" ", strip=True)
    assert "Received, waiting to be checked" in text
    assert browser.page.select_one("#status")["data-under-way"] == "yes"  # type: ignore[index]
    assert browser.page.select_one("noscript meta[http-equiv=refresh]")
    assert browser.page.select_one("a.app-no-script")


def test_the_status_page_of_a_published_upload_shows_rows_columns_and_history(browser: Browser, front: Front) -> None:
    upload = front.publish()
    browser.sign_in().get(f"uploads/{upload.id}")

    assert browser.facts["Rows"] == "1"
    columns = browser.page.find("caption", string="Columns").find_parent("table")  # type: ignore[union-attr]
    assert columns.select_one("tbody tr").get_text(" ", strip=True) == "year bigint"  # type: ignore[union-attr]
    assert "31 January 2026 at 12:00:00" in browser.page.get_text()
    assert browser.page.select_one("#status")["data-under-way"] == ""  # type: ignore[index]


def test_the_status_page_of_a_refused_upload_shows_what_to_correct(browser: Browser, front: Front) -> None:
    upload = front.land()
    finding = Finding(
        code="ragged_rows", title="Rows with a different number of fields", severity=Severity.ERROR,
        message="Line 1234 has 3 fields where the header has 2.", column="a<b>", lines=(1234,), examples=("<script>x",),
    )  # fmt: skip
    front.context.ledger.move(upload.id, State.CHECKING, actor="pipeline")
    front.context.ledger.move(upload.id, State.REFUSED, actor="pipeline", findings=(finding,))
    browser.sign_in().get(f"uploads/{upload.id}")

    text = browser.page.get_text(" ", strip=True)
    for shown in ("Refused", "Line 1234 has 3 fields", "ragged_rows", "a<b>", "<script>x"):
        assert shown in text
    assert "<script>x" not in browser.response.text


def test_an_upload_under_way_may_be_cancelled_on_its_status_page(browser: Browser, front: Front) -> None:
    upload = front.start()
    browser.sign_in().get(f"uploads/{upload.id}").submit(action=f"/uploader/uploads/{upload.id}/cancel")

    assert "Cancelled" in browser.title
    assert front.multipart.open == {}


def test_an_upload_that_waits_for_an_approval_shows_why_and_may_be_cancelled(browser: Browser, front: Front) -> None:
    upload = front.wait()
    browser.sign_in().get(f"uploads/{upload.id}")

    text = browser.page.get_text(" ", strip=True)
    for shown in ("Waiting for approval", "a data engineer decides", "Column year of the table is bigint", "Line 7"):
        assert shown in text
    assert browser.page.find("code", string="unknown")
    browser.submit(action=f"/uploader/uploads/{upload.id}/cancel")
    assert "Cancelled" in browser.title


def test_the_owner_of_a_table_sees_what_changed_it_and_cannot_act_on_it(browser: Browser, front: Front) -> None:
    front.publish()
    upload = front.publish(uploader=COLLEAGUE)
    findings = tell(Changes(widened={"year": (BigInt(), String())}), {"year": Misfit(7, "unknown")})
    front.context.ledger.amend(upload.id, findings=findings)
    browser.sign_in().get(f"uploads/{upload.id}")

    assert "Column year of the table is bigint" in browser.page.get_text(" ", strip=True)
    assert "unknown" not in browser.response.text
    assert browser.page.select("#status form") == []


def test_somebody_elses_upload_is_not_found(browser: Browser, front: Front) -> None:
    upload = front.start(uploader=COLLEAGUE)
    browser.sign_in()

    assert browser.get(f"uploads/{upload.id}").response.status_code == 404
    assert browser.get(f"uploads/{upload.id}/complete").response.status_code == 404


def test_my_uploads_lead_to_each_and_go_by_the_page(browser: Browser, front: Front) -> None:
    for _ in range(25):
        front.clock.advance(seconds=1)
        front.start()
    browser.sign_in().get("uploads")
    assert len(browser.page.select("tbody tr")) == 20

    browser.follow("Older uploads")
    assert len(browser.page.select("tbody tr")) == 5
    assert browser.follow("Trips January.csv").heading == "Trips January.csv"


def test_my_uploads_are_empty_at_first(browser: Browser) -> None:
    assert "You have not uploaded anything yet" in browser.sign_in().get("uploads").page.get_text()


def test_a_static_file_is_asked_about_each_time(anonymous: TestClient) -> None:
    assert anonymous.get("static/front.css").headers["cache-control"] == "no-cache"
    assert anonymous.get("static/../app.py").status_code == 404
