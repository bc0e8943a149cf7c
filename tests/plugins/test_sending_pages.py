"""Step 4 without JavaScript: the file, and how it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.domain.reading_options import DEFAULT_OPTIONS, choose
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path


GOVERNANCE = "/uploader/upload/governance"
DATABASE = "/uploader/upload/database"
TABLE = "/uploader/upload/table"
CONFIRM = "/uploader/upload/table/confirm"


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
    assert "how to get access, is shown under Tables" in browser.page.get_text(" ", strip=True)
    assert list(front.objects.content.values()) == [b"year\n2013\n"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("", b"", "Select a file"),
        (
            "trips.docx",
            b"x",
            (
                "The selected file must be a CSV, JSON, JSONL, XLSX or Parquet, or a text compressed as GZ or ZIP. "
                "Save the data in one of these formats and upload that file."
            ),
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
    browser.submit(action=TABLE, kind="existing", existing="trips")
    return browser.submit(action=CONFIRM) if browser.path == CONFIRM else browser


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
    browser.submit(action=FILE, files={"file": ("a.csv", b"year\n1\n")}, **{**typed_on(browser), "delimiter": "pipe"})

    assert front.context.ledger.page().uploads[0].reading_options.delimiter == "|"


def test_others_see_how_a_table_is_read_and_who_may_change_it(browser: Browser, front: Front) -> None:
    front.publish(reading=CHOSEN)
    at_table(browser, COLLEAGUE)
    text = browser.page.get_text(" ", strip=True)
    assert "as text: code, zip" in text
    assert f"Only {ANALYST}, whose upload made the table, can change this" in text
    assert browser.page.select("[name=text_columns]:not([type=hidden])") == []
    browser.submit(action=FILE, files={"file": ("a.csv", b"year\n1\n")})

    assert browser.heading == "Upload complete"
    assert front.context.ledger.page().uploads[0].reading_options == CHOSEN


def test_a_form_with_odd_words_for_missing_values_says_the_same_when_it_comes_back(
    browser: Browser, front: Front
) -> None:
    odd = choose(null_words=[" ", "- ", "a,b", "<b>"])
    front.publish(reading=odd)
    at_table(browser)
    browser.submit(action=FILE, files={"file": ("a.csv", b"year\n1\n")}, **typed_on(browser))

    assert front.context.ledger.page().uploads[0].reading_options == odd


def test_everybody_may_name_another_sheet_of_a_workbook(browser: Browser, front: Front) -> None:
    front.publish(reading=CHOSEN)
    at_table(browser, COLLEAGUE)
    assert browser.page.select_one("button.app-no-script[name=save]")
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
    browser.submit(action=FILE, files={"file": ("a.csv", b"year\n1\n")}, **{**TYPED, "delimiter": "pipe"})
    assert "Only the owner of travel.trips" in browser.errors[0]
    assert browser.inline_errors == browser.errors
    browser.submit(action=FILE, files={"file": ("a.csv", b"year\n1\n")})

    assert browser.heading == "Upload complete"


def test_reviewed_reading_options_are_shown_and_cannot_be_chosen(browser: Browser, front: Front) -> None:
    front.publish()
    front.reviewed.tables["travel", "trips"] = CHOSEN
    at_table(browser)
    text = browser.page.get_text(" ", strip=True)
    assert "semicolons between fields" in text
    assert "kept in a reviewed file" in text
    assert browser.page.select("[name=text_columns]:not([type=hidden])") == []


def test_step_4_leads_back_to_a_file_that_has_not_arrived_whole(browser: Browser, front: Front) -> None:
    front.publish()
    begun = front.start(filename="large.csv", create=False)
    front.start(database="other", filename="elsewhere.csv")
    page = at_table(browser).page
    links = [str(link["href"]) for link in page.find_all("a") if link.get_text(strip=True) == "Continue it"]
    assert links == [f"/uploader/uploads/{begun.id}/continue"]


def test_a_quote_in_the_name_is_kept_as_browsers_write_it_in_a_form(browser: Browser, front: Front) -> None:
    browser.sign_in().answer_all().submit(action=FILE, files={"file": ("5%22 pipes 100%25.csv", b"year\n2013\n")})

    assert [each.filename for each in front.context.ledger.page().uploads] == ['5" pipes 100%25.csv']
