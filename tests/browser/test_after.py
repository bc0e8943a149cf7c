"""After an upload, in both browsers: stages that follow by themselves, what is said when they cannot, and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.findings import Finding, Severity
from include.domain.upload import State
from plugins.front.visitors import UNATTENDED
from tests.browser.scenes import Scenes
from tests.fakes.front import REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visitor

WORKING = (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING)
NARROW = {"width": 320, "height": 640}
AS_ON_PAPER = """() => {
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule instanceof CSSMediaRule && rule.media.mediaText === "print") rule.media.mediaText = "all";
}"""  # not every browser can be told to pretend that it prints


def sent(visitor: Visitor, folder: Path) -> str:
    file = folder / "Trips January.csv"
    file.write_bytes(b"year\n2013\n")
    visitor.sign_in()
    visitor.answer_all()
    visitor.choose(file)
    visitor.page.wait_for_url("**/complete")
    upload_id = visitor.upload_id
    visitor.go(f"uploads/{upload_id}")
    return upload_id


def publish(visitor: Visitor, upload_id: str) -> None:
    context = visitor.service.context
    upload = context.ledger.get(upload_id)
    assert upload is not None
    Scenes(context).write_rows(upload, year=[2013, None], note=["NULL", ""], spot=[{"x": [1, 2]}, None])
    columns = (("year", "bigint"), ("note", "string"), ("spot", "struct<x:array<bigint>>"))
    visitor.service.move(upload_id, *WORKING, State.PUBLISHED, revision=REVISION, rows=2, columns=columns)


def fits(visitor: Visitor) -> bool:
    return bool(visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_stages_follow_and_the_page_says_when_it_cannot(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expect_complaint("")  # every failed request is complained of
    upload_id = sent(visitor, tmp_path)
    page = visitor.page
    page.locator("li[aria-current=step]").get_by_text("Check the file").wait_for()
    visitor.service.move(upload_id, State.CHECKING, State.CONVERTING)
    page.locator("li[aria-current=step]").get_by_text("Work out the column types").wait_for()
    assert page.locator("#status-said").text_content() == "Working out the column types"
    with page.expect_request("**/api/v1/uploads/*") as asked:
        pass  # by the page itself: a page that is left open must not keep the session from ending
    assert asked.value.headers[UNATTENDED] == "1"

    page.route("**/api/v1/uploads/*", lambda route: route.abort())
    page.get_by_text("The connection is lost").wait_for()
    page.unroute("**/api/v1/uploads/*")
    page.get_by_text("The connection is lost").wait_for(state="detached")

    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_text("You have been signed out").wait_for()
    visitor.look("after-2-signed-out")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.get_by_text("You have been signed out").wait_for(state="detached")

    finding = Finding(
        code="ragged_rows", title="Rows with a different number of fields", severity=Severity.ERROR,
        message="Line 2 has 3 fields where the header has 1.", lines=(2,), examples=("=1+1",),
    )  # fmt: skip
    visitor.service.move(upload_id, State.VALIDATING, State.REFUSED, findings=(finding,))
    page.get_by_role("heading", name="What is wrong with the file").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this list as CSV").click()
    assert b"'=1+1" in download.value.path().read_bytes()
    page.get_by_role("button", name="Upload again to the same table").click()
    page.wait_for_url("**/upload/check")


def test_a_published_upload_is_queried_looked_at_and_printed_on_any_screen(visitor: Visitor, tmp_path: Path) -> None:
    upload_id = sent(visitor, tmp_path)
    publish(visitor, upload_id)
    page = visitor.page
    page.get_by_role("heading", name="Query it").wait_for()
    page.get_by_role("button", name="Copy the SQL").click()
    page.get_by_text("Copied").or_(page.get_by_text("Selected: press")).first.wait_for()
    page.get_by_text("Read it from Python").click()
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert fits(visitor)

    page.get_by_role("link", name="See the first rows").click()
    page.get_by_role("region", name="First rows").focus()
    assert fits(visitor)
    visitor.shoot("after-6-rows-narrow")
    page.set_viewport_size({"width": 1000, "height": 800})
    visitor.shoot("after-7-rows")

    visitor.go(f"uploads/{upload_id}/receipt")
    page.get_by_role("button", name="Print this receipt").wait_for()
    page.evaluate(AS_ON_PAPER)
    assert page.get_by_role("button", name="Sign out").is_hidden()
    assert page.get_by_role("button", name="Print this receipt").is_hidden()
    visitor.shoot("after-8-receipt-on-paper")
    visitor.go("uploads?filename=trips")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert fits(visitor)
