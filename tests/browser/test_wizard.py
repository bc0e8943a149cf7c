"""The whole journey in Chromium: sign-in, four steps, upload straight to S3, status that follows by itself."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from include.domain.findings import Finding, Severity
from include.domain.upload import Door, State
from tests.fakes.front import ANALYST, REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Route

    from tests.browser.conftest import Visitor

MIB = 1024 * 1024
COMPLETE = re.compile(r"/uploads/[0-9a-f]{32}/complete$")
WORKING = (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING)


def csv_of(folder: Path, size: int, *, name: str = "Trips January.csv") -> Path:
    file = folder / name
    text = bytearray(os.urandom(size // 2).hex().encode())
    text[63::64] = b"\n" * len(text[63::64])
    file.write_bytes(b"year\n" + text)
    return file


def test_a_file_goes_from_the_start_page_to_its_table(visitor: Visitor, tmp_path: Path) -> None:
    page, service = visitor.page, visitor.service
    visitor.go("")
    page.get_by_role("button", name="Start now").click()
    page.get_by_label("Email address").fill(ANALYST)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_text("I have no code").click()
    page.get_by_label("Code").fill(service.last_code())
    visitor.proceed()
    page.get_by_label("A Data Protection Impact Assessment").check()
    page.get_by_label("Reference of the document").fill("DPIA-7")
    page.get_by_label("OFFICIAL", exact=True).check()
    page.get_by_label("I have met the data governance").check()
    visitor.proceed()
    page.get_by_label("Create a new database").check()
    page.get_by_label("Name of the new database").fill("travel")
    expect(page.get_by_text("Full name: data_eng_uploader_dev_travel")).to_be_visible()
    visitor.proceed()
    page.get_by_label("Name of the new table").fill("trips")
    visitor.proceed()
    page.wait_for_url("**/upload/check")

    file = csv_of(tmp_path, 40 * MIB)
    visitor.choose(file)
    page.wait_for_url(COMPLETE)
    expect(page.get_by_role("heading", name="Upload complete")).to_be_visible()
    assert service.landed(visitor.upload_id) == file.read_bytes()
    upload = service.context.ledger.get(visitor.upload_id)
    assert upload is not None
    assert (upload.state, upload.door, upload.part_count) == (State.LANDED, Door.PAGE, 3)

    page.get_by_role("button", name="See the status").click()
    expect(page.get_by_text("Received, waiting to be checked").first).to_be_visible()
    columns = (("year", "bigint"), ("departure_time", "timestamp"), ("delay", "double"))
    finding = Finding(
        code="null_words", title="Words read as NULL", severity=Severity.INFO, column="delay", lines=(17, 23),
        examples=("NA", "N/A"), message="2 values of the column delay are null words and were read as NULL.",
    )  # fmt: skip
    service.move(
        visitor.upload_id, *WORKING, State.PUBLISHED, rows=336_776, columns=columns, revision=REVISION,
        findings=(finding,), sha256="5c" * 32,
    )  # fmt: skip
    expect(page.locator("#status")).to_have_attribute("data-state", "published")
    expect(page.get_by_text("336,776")).to_be_visible()
    expect(page.locator("#status-said")).to_have_text("Added to the table, not yet on the Analytical Platform")
    page.get_by_role("link", name="My uploads").first.click()


def test_a_file_of_a_wrong_format_or_size_is_an_error_before_a_byte_is_sent(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in()
    visitor.answer_all()
    page = visitor.page
    page.get_by_role("button", name="Upload file").click()
    expect(page.locator("#upload-errors")).to_contain_text("Select a file")
    expect(page.locator("#upload-errors")).to_be_focused()
    assert page.title().startswith("Error: Check your answers")

    wrong = "The selected file must be a CSV, JSON, JSONL, XLSX or Parquet, or a text compressed as GZ or ZIP."
    visitor.choose(csv_of(tmp_path, 10, name="trips.docx"))
    expect(page.locator("#upload-errors")).to_contain_text(wrong)
    expect(page.locator("#file-error")).to_contain_text(wrong)
    visitor.choose(csv_of(tmp_path, 10, name="trips.xls"))
    expect(page.locator("#upload-errors")).to_contain_text("Save this one as an Excel workbook (.xlsx) or as CSV.")
    visitor.choose(csv_of(tmp_path, 10, name="trips.gz"))
    expect(page.locator("#upload-errors")).to_contain_text("Name a compressed text like data.csv.gz")
    page.evaluate("document.getElementById('upload-form').dataset.maxBytes = '5'")
    visitor.choose(csv_of(tmp_path, 10))
    expect(page.locator("#upload-errors")).to_contain_text("The selected file must be 5 TB or smaller.")
    assert visitor.service.aws.requests["s3", "CreateMultipartUpload"] == 0


def test_a_part_that_fails_is_sent_again_with_a_fresh_url(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expect_complaint("ERR_FAILED")
    visitor.expect_complaint("status of 403")
    visitor.expect_complaint("CORS request did not succeed")  # Firefox's words for a part that the network lost
    visitor.expect_complaint("root element found")  # and for an answer that is not XML
    visitor.sign_in()
    visitor.answer_all()
    failed: list[str] = []

    def fail_twice(route: Route) -> None:
        if route.request.method == "PUT" and len(failed) < 2:
            failed.append(route.request.url)
            route.abort() if len(failed) == 1 else route.fulfill(
                status=403, headers={"Access-Control-Allow-Origin": "*"}
            )
        else:
            route.continue_()

    visitor.page.route(f"{visitor.service.aws.endpoint_url}/**", fail_twice)
    file = csv_of(tmp_path, 20 * MIB)
    visitor.choose(file)
    visitor.page.wait_for_url(COMPLETE)

    assert len(failed) == 2
    assert visitor.service.landed(visitor.upload_id) == file.read_bytes()


def test_an_upload_is_cancelled_midway(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in()
    visitor.answer_all()
    page, service = visitor.page, visitor.service
    page.route(f"{service.aws.endpoint_url}/**", lambda _: None)  # parts never arrive
    visitor.choose(csv_of(tmp_path, 20 * MIB))
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", name="Uploading")).to_be_focused()
    visitor.look("23-uploading")
    page.get_by_role("button", name="Cancel upload").click()

    expect(page.locator("#upload-notice")).to_have_text("The upload was cancelled. Nothing was added to the table.")
    expect(page.locator("#upload-notice")).to_be_focused()
    expect(page.get_by_role("button", name="Upload file")).to_be_visible()
    visitor.look("24-cancelled")
    (upload,) = service.context.ledger.page().uploads
    assert upload.state is State.CANCELLED
    assert service.aws.client("s3").list_multipart_uploads(Bucket="data-uploader-landing").get("Uploads", []) == []


def test_what_the_server_refuses_is_shown_and_the_form_comes_back(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expect_complaint("status of 422")
    visitor.sign_in()
    visitor.answer_all()
    visitor.page.evaluate("document.getElementById('upload-form').dataset.table = 'Trips'")
    visitor.page.get_by_label("Choose a file").set_input_files(csv_of(tmp_path, 10))

    refusal = "The table name may only have lower case letters"
    expect(visitor.page.locator("#upload-errors")).to_contain_text(refusal)
    visitor.page.get_by_role("button", name="Upload without checking here").click()
    expect(visitor.page.locator("#upload-progress")).to_be_hidden()
    expect(visitor.page.locator("#upload-errors")).to_contain_text(refusal)
    expect(visitor.page.get_by_role("button", name="Upload file")).to_be_visible()


def test_an_empty_file_is_taken_as_one_empty_part(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in()
    visitor.answer_all()
    file = tmp_path / "empty.parquet"  # of a format that the browser does not look into
    file.touch()
    visitor.choose(file)
    visitor.page.wait_for_url(COMPLETE)

    assert visitor.service.landed(visitor.upload_id) == b""


def test_the_pages_work_without_the_design_systems_files(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expect_complaint("ERR_FAILED")
    visitor.page.route("**/static/vendor/govuk-frontend/**", lambda route: route.abort())
    visitor.sign_in()
    visitor.answer_all()
    visitor.shoot("27-no-vendor")
    visitor.choose(csv_of(tmp_path, 100))
    visitor.page.wait_for_url(COMPLETE)
