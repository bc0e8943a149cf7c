"""The check of a chosen file before it is sent, as people see it."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.scenes import Scenes
from tests.browser.sessions import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser.conftest import Visitor

COMPLETE = re.compile(r"/uploads/[0-9a-f]{32}/complete$")


def at_step_four(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.answer_all()


def select(visitor: Visitor, folder: Path, content: str | bytes, *, name: str = "Trips.csv") -> Path:
    """Choose a file without pressing anything."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    visitor.page.get_by_label("Choose a file").set_input_files(file)
    return file


def upload_button(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("button", name="Upload file")


def preview(visitor: Visitor) -> Locator:
    return visitor.page.locator("#preview")


def test_ragged_rows_are_shown_with_their_lines_and_keep_the_file_here(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, "a,b\n1,2\n3\n4,5,6\n")

    expect(visitor.page.get_by_role("heading", name="The file cannot be uploaded as it is")).to_be_visible()
    expect(preview(visitor)).to_contain_text("line 3 has 1, line 4 has 3")
    expect(preview(visitor)).to_contain_text("Lines: 3, 4")
    expect(upload_button(visitor)).to_be_disabled()


def test_a_good_file_shows_its_rows_and_types_as_text_and_is_sent(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    file = select(visitor, tmp_path, "year,note\n2013,<b>bold</b>\n2014,NA\n")

    expect(visitor.page.get_by_role("heading", name="The file was checked")).to_be_visible()
    rows = visitor.page.get_by_role("region", name="First rows")
    expect(rows).to_contain_text("<b>bold</b>")
    expect(rows).to_have_attribute("tabindex", "0")
    types = visitor.page.get_by_role("region", name="Types of the columns")
    expect(types.get_by_role("row", name="year")).to_contain_text("bigint")
    upload_button(visitor).click()
    visitor.page.wait_for_url(COMPLETE)
    assert visitor.service.landed(visitor.upload_id) == file.read_bytes()


def test_a_column_that_becomes_wider_must_be_ticked(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    Scenes(visitor.service.context).publish()
    select(visitor, tmp_path, "year,town\n2013,Ely\nunknown,York\n")

    changes = preview(visitor)
    expect(changes).to_contain_text("Column year changes from whole number (bigint) to text (string)")
    expect(changes).to_contain_text("The first value that needs it is in line 3: unknown")
    expect(changes.locator("code")).to_have_text("unknown")
    expect(changes).to_contain_text("New columns: town: text (string)")
    expect(upload_button(visitor)).to_be_disabled()
    box = visitor.page.get_by_label("I want column year of the table to change its type")
    box.check()
    expect(upload_button(visitor)).to_be_enabled()
    box.uncheck()
    expect(upload_button(visitor)).to_be_disabled()


def test_dates_with_the_day_first_are_offered_and_read_by_one_click(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, "day,n\n31/01/2026,1\n01/02/2026,2\n")
    visitor.page.get_by_role("button", name="Read day as dates").focus()
    visitor.page.keyboard.press("Enter")

    expect(visitor.page.locator("#preview-heading")).to_be_focused()
    expect(visitor.page.get_by_label("Columns with the day first")).to_have_value("day")
    types = visitor.page.get_by_role("region", name="Types of the columns")
    expect(types.get_by_role("row", name="day")).to_contain_text("date")
    types.get_by_role("button", name="Treat as text day").click()
    expect(visitor.page.get_by_label("Columns to treat as text")).to_have_value("day")
    expect(visitor.page.get_by_label("Columns with the day first")).to_have_value("")
    expect(types.get_by_role("row", name="day")).to_contain_text("string")


def test_a_file_that_comes_back_with_the_page_is_checked_before_it_can_be_sent(
    visitor: Visitor, tmp_path: Path
) -> None:
    at_step_four(visitor)
    Scenes(visitor.service.context).publish()
    select(visitor, tmp_path, "year\nunknown\n")
    box = visitor.page.get_by_label("I want column year of the table to change its type")
    expect(box).to_be_visible()
    visitor.page.get_by_role("link", name="Tables").first.click()
    visitor.page.wait_for_url("**/tables")
    visitor.page.go_back()
    visitor.page.wait_for_url("**/upload/check")

    kept = visitor.page.get_by_label("Choose a file").evaluate("input => input.files.length")
    if not kept:  # Firefox lets go of the file
        assert visitor.browser == "firefox"
        return
    expect(box).to_be_visible()
    expect(upload_button(visitor)).to_be_disabled()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_check_that_gets_no_answer_does_not_open_the_way(visitor: Visitor, tmp_path: Path, status: int) -> None:
    visitor.expect_complaint(f"status of {status}")
    at_step_four(visitor)
    Scenes(visitor.service.context).publish()
    visitor.page.route("**/preview", lambda route: route.fulfill(status=status))
    select(visitor, tmp_path, "year\nunknown\n")
    said = "The service does not answer" if status == 503 else "The check could not be finished here"
    expect(preview(visitor)).to_contain_text(said)
    expect(visitor.page.get_by_role("button", name="Upload without checking here")).to_be_visible()
    expect(upload_button(visitor)).to_be_disabled()
    visitor.look(f"66-preview-{status}")
    visitor.page.unroute("**/preview")
    if status != 503:
        visitor.page.get_by_role("button", name="Check again").click()

    expect(visitor.page.get_by_label("I want column year of the table to change its type")).to_be_visible()
    expect(upload_button(visitor)).to_be_disabled()


def test_a_check_waits_for_the_person_to_sign_in_again(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expect_complaint("status of 401")
    visitor.expect_complaint("status of 403")
    at_step_four(visitor)
    Scenes(visitor.service.context).publish()
    visitor.page.context.clear_cookies()
    select(visitor, tmp_path, "year\nunknown\n")
    expect(preview(visitor)).to_contain_text("You have been signed out")
    expect(upload_button(visitor)).to_be_disabled()
    open_session(visitor.page.context, visitor.service)

    box = visitor.page.get_by_label("I want column year of the table to change its type")
    expect(box).to_be_visible(timeout=30_000)
    expect(upload_button(visitor)).to_be_disabled()


def test_another_delimiter_is_offered(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, "a;b\n1;2\n")
    expect(upload_button(visitor)).to_be_disabled()
    visitor.page.get_by_role("button", name="Read with semicolons").click()

    expect(visitor.page.get_by_label("Semicolon")).to_be_checked()
    expect(upload_button(visitor)).to_be_enabled()


def test_a_second_file_takes_the_place_of_the_first(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, b"a,b\n" + b"1,2\n" * 8_000_000, name="large.csv")
    expect(visitor.page.get_by_role("heading", name="Checking the file")).to_be_visible()
    select(visitor, tmp_path, "other,column\n1,2\n")

    types = visitor.page.get_by_role("region", name="Types of the columns")
    expect(types.get_by_role("row", name="other whole number (bigint)")).to_be_visible()
    expect(preview(visitor)).to_contain_text("1 row and 2 columns were read")


def test_the_page_answers_while_a_large_file_is_read_and_a_long_check_can_be_skipped(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.page.clock.install()
    at_step_four(visitor)
    select(visitor, tmp_path, b"a,b\n" + b"1,2\n" * 25_000_000, name="large.csv")
    expect(upload_button(visitor)).to_be_disabled()
    skip = visitor.page.get_by_role("button", name="Upload without checking here")
    expect(skip).to_be_hidden()
    visitor.page.clock.fast_forward(21_000)
    expect(skip).to_be_visible()
    expect(preview(visitor)).to_contain_text("Checking the file")
    visitor.shoot("64-preview-reading")
    skip.click()
    visitor.page.wait_for_url(COMPLETE)


def test_another_file_takes_back_what_was_offered_for_the_first(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, b"visited\n31/01/2026\n", name="one.csv")
    visitor.page.get_by_role("button", name=re.compile("as dates")).click()
    expect(visitor.page.locator("#day_first_columns")).to_have_value("visited")
    select(visitor, tmp_path, b"year\n2013\n", name="two.csv")
    expect(preview(visitor)).to_contain_text("The file was checked")
    expect(visitor.page.locator("#day_first_columns")).to_have_value("")


def test_a_file_that_cannot_be_uploaded_is_an_error_of_the_page(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, b"a,b\n1,2\n3\n", name="one.csv")
    expect(visitor.page.locator("#upload-errors")).to_contain_text("cannot be uploaded as it is")
    expect(visitor.page).to_have_title(re.compile("^Error: "))
    expect(preview(visitor).get_by_role("link", name="Help with this")).to_have_attribute(
        "href", re.compile("/help#ragged_rows$")
    )
    select(visitor, tmp_path, b"%PDF", name="one.pdf")
    expect(visitor.page.locator("#upload-errors")).to_contain_text("The selected file must be a CSV")


def test_a_compressed_file_is_read_and_a_workbook_is_left_to_the_service(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, gzip.compress(b"a,b\n1,2\n3\n"), name="trips.csv.gz")
    expect(preview(visitor)).to_contain_text("line 3 has 1")
    select(visitor, tmp_path, b"PK", name="trips.xlsx")
    expect(preview(visitor)).to_contain_text("checked after the upload")
    expect(upload_button(visitor)).to_be_enabled()


def test_json_lines_show_rows_types_and_the_value_that_makes_a_column_wider(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    Scenes(visitor.service.context).publish()
    content = '{"year": 2013, "place": {"town": "Ely", "days": ["2026-01-31"]}}\n{"year": "about 2014"}\n'
    select(visitor, tmp_path, gzip.compress(content.encode()), name="trips.jsonl.gz")

    changes = preview(visitor)
    expect(changes).to_contain_text("Column year changes from whole number (bigint) to text (string)")
    expect(changes.locator("code")).to_have_text("about 2014")
    types = visitor.page.get_by_role("region", name="Types of the columns")
    expect(types.get_by_role("row", name="place")).to_contain_text("struct<town:string,days:array<date>>")
    rows = visitor.page.get_by_role("region", name="First rows")
    expect(rows).to_contain_text('{"town": "Ely", "days": ["2026-01-31"]}')
    visitor.look("65-preview-json")


def test_a_fault_of_json_is_shown_with_its_line_and_keeps_the_file_here(visitor: Visitor, tmp_path: Path) -> None:
    at_step_four(visitor)
    select(visitor, tmp_path, '[{"a": 1},\n {"a": tru}]', name="trips.json")

    expect(preview(visitor)).to_contain_text("In line 2, character 8: Expecting value")
    expect(upload_button(visitor)).to_be_disabled()
    select(visitor, tmp_path, '{"Post Code": 1}\n[2]\n', name="trips.jsonl")
    expect(preview(visitor)).to_contain_text("“Post Code” → post_code")
    expect(preview(visitor)).to_contain_text("Lines: 2")
