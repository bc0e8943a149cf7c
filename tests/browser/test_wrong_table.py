"""The wrong-table guard in real browsers: the interruption page, and the box for columns unlike the table's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.scenes import Scenes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visitor

OWNER = "owner@example.org"
COMPLETE = re.compile(r"/uploads/[0-9a-f]{32}/complete$")


def test_a_file_goes_into_a_table_of_somebody_else_once_table_and_columns_are_confirmed(
    visitor: Visitor, tmp_path: Path
) -> None:
    Scenes(visitor.service.context).publish(uploader=OWNER)
    page = visitor.page
    visitor.sign_in()
    visitor.go("upload")
    page.get_by_label("None", exact=True).check()
    page.get_by_label("Non-sensitive test data", exact=True).check()
    page.get_by_label("I have met the data governance").check()
    visitor.proceed()
    page.get_by_label("Add to an existing database").check()
    page.locator("#existing").select_option("travel")
    visitor.proceed()
    page.get_by_label("Add to an existing table").check()
    page.locator("#existing").select_option("trips")
    visitor.proceed()

    expect(page.get_by_role("heading", level=1)).to_have_text("You have not added to this table before")
    expect(page.locator(".govuk-panel")).to_contain_text(OWNER)
    page.get_by_role("button", name="Yes, add to this table").click()
    page.wait_for_url("**/upload/check")

    file = tmp_path / "Penguins.csv"
    file.write_bytes(b"species,island\nAdelie,Dream\n")
    page.get_by_label("Choose a file").set_input_files(file)
    box = page.get_by_label("This file belongs in the table trips")
    expect(box).to_be_visible()
    for fact in ("Table: travel.trips", OWNER, "Only in the file: species, island", "Only in the table: year"):
        expect(page.locator(".app-question")).to_contain_text(fact)
    visitor.look("67-preview-unlike")
    upload = page.get_by_role("button", name="Upload file")
    expect(upload).to_be_disabled()
    box.check()
    upload.click()
    page.wait_for_url(COMPLETE)
    sent = visitor.service.context.ledger.get(visitor.upload_id)
    assert sent is not None
    assert sent.confirmed


def test_a_table_that_somebody_made_while_the_page_was_open_is_asked_about(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expect_complaint("status of 409")
    page = visitor.page
    visitor.sign_in()
    visitor.answer_all()
    file = tmp_path / "Trips.csv"
    file.write_bytes(b"year\n2014\n")
    page.get_by_label("Choose a file").set_input_files(file)
    expect(page.get_by_text("The table trips is new.")).to_be_visible()
    Scenes(visitor.service.context).publish(uploader=OWNER)
    page.get_by_role("button", name="Upload file").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You have not added to this table before")
    assert len(visitor.service.context.ledger.page().uploads) == 1
    page.get_by_role("button", name="Yes, add to this table").click()
    page.wait_for_url("**/upload/check")
    visitor.choose(file)
    page.wait_for_url(COMPLETE)


def test_a_table_that_got_other_columns_in_another_tab_is_not_added_to_unasked(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.expect_complaint("status of 409")
    page = visitor.page
    visitor.sign_in()
    visitor.answer_all()
    file = tmp_path / "Penguins.csv"
    file.write_bytes(b"species,island\nAdelie,Dream\n")
    page.get_by_label("Choose a file").set_input_files(file)
    expect(page.get_by_text("The table trips is new.")).to_be_visible()
    Scenes(visitor.service.context).publish()
    page.get_by_role("button", name="Upload file").click()

    expect(page.locator("#upload-errors")).to_contain_text("The columns of the file are unlike those of the table")
    assert len(visitor.service.context.ledger.page().uploads) == 1
    page.get_by_label("Choose a file").set_input_files([])
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_label("This file belongs in the table trips").check()
    page.get_by_role("button", name="Upload file").click()
    page.wait_for_url(COMPLETE)
