"""Step 4's reading options: sent with the file, kept on the way back, wrong ones said where they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from include.domain.reading_options import DEFAULT_OPTIONS, choose
from tests.browser.sessions import answer, answers_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visitor

COMPLETE = re.compile(r"/uploads/[0-9a-f]{32}/complete$")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Trips January.csv"
    path.write_text("code;zip;day;n\n7;8;31/01/2026;-\n")
    return path


def fill(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_text("Reading options").first.click()
    page.get_by_label("Semicolon").check()
    page.get_by_label("Columns to treat as text").fill("Code, zip")
    page.get_by_label("Columns with the day first").fill("day")
    page.get_by_label("Words for missing values").fill("-\nunknown")


def test_a_file_is_sent_with_the_options_of_the_form(visitor: Visitor, file: Path) -> None:
    visitor.sign_in()
    visitor.answer_all()
    fill(visitor)
    visitor.look("41-options-filled")
    visitor.choose(file)
    visitor.page.wait_for_url(COMPLETE)

    upload = visitor.service.context.ledger.get(visitor.upload_id)
    assert upload is not None
    assert upload.reading_options == choose(
        delimiter="semicolon", text_columns=["code", "zip"], day_first_columns=["day"], null_words=["-", "unknown"]
    )


def test_a_form_that_nobody_touched_sends_the_defaults(visitor: Visitor, file: Path) -> None:
    file.write_text("code,day\n7,2026-01-31\n")
    visitor.sign_in()
    visitor.answer_all()
    visitor.choose(file)
    visitor.page.wait_for_url(COMPLETE)

    assert visitor.service.context.ledger.page().uploads[0].reading_options == DEFAULT_OPTIONS


def test_what_was_typed_is_there_after_a_change_of_another_answer(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.answer_all()
    fill(visitor)
    visitor.page.get_by_role("link", name="Change reference").click()
    visitor.page.get_by_label("A data movement form").check()
    visitor.page.get_by_label("Reference of the document").fill("Form 7")
    visitor.proceed()
    visitor.page.wait_for_url("**/upload/check")

    expect(visitor.page.get_by_label("Semicolon")).to_be_checked()
    expect(visitor.page.get_by_label("Columns to treat as text")).to_have_value("Code, zip")
    expect(visitor.page.get_by_label("Words for missing values")).to_have_value("-\nunknown")


def test_an_option_that_is_refused_is_said_beside_its_input_and_can_be_corrected(visitor: Visitor, file: Path) -> None:
    visitor.expect_complaint("status of 422")
    visitor.sign_in()
    visitor.answer_all()
    page = visitor.page
    fill(visitor)
    page.get_by_label("Columns to treat as text").fill("Sample Number")
    page.get_by_text("Reading options").first.click()
    page.get_by_label("Choose a file").set_input_files(file)

    expect(page.locator("#upload-errors")).to_contain_text("“Sample Number” cannot be a column")
    expect(page.locator("#text_columns-error")).to_be_visible()
    expect(page.locator("#upload-errors a")).to_have_attribute("href", "#text_columns")
    expect(page.get_by_role("button", name="Upload file")).to_be_disabled()
    visitor.look("43-option-refused")
    page.get_by_label("Columns to treat as text").clear()
    page.get_by_label("Columns to treat as text").press_sequentially("code")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Upload file").click()
    page.wait_for_url(COMPLETE)


def test_options_of_a_page_that_another_tab_has_left_behind_are_not_dropped_without_a_word(visitor: Visitor) -> None:
    visitor.expect_complaint("status of 422")
    visitor.sign_in()
    visitor.answer_all()
    fill(visitor)
    answer(visitor.page.context, visitor.service, **answers_for("travel", "elsewhere"))
    visitor.page.get_by_role("link", name="Change reference").click()

    expect(visitor.page.locator("#upload-errors")).to_contain_text("your answers were changed in another tab")
    expect(visitor.page.get_by_label("Columns to treat as text")).to_have_value("Code, zip")
