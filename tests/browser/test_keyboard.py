"""The whole way with the keyboard alone, from signing in to withdrawing: in order, and with a focus that shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import expect

from include.domain.upload import State
from tests.browser.conftest import PATIENCE
from tests.browser.scenes import WORKING
from tests.fakes.front import ANALYST, REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Visitor

MOST_STOPS = 40
FOCUSED = """() => {
  const each = document.activeElement;
  const near = [each, each.nextElementSibling, each.parentElement].filter(Boolean);
  const styles = near.map((one) => getComputedStyle(one));
  const box = each.getBoundingClientRect();
  return {
    name: (each.labels?.[0] ?? each).innerText.trim(),
    shows: styles.some((style) => style.outlineStyle !== "none" || style.boxShadow !== "none"),
    seen: box.bottom > 0 && box.top < innerHeight,
  };
}"""


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until what has this name has the focus; every stop on the way must be seen and show it."""
    stops: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        focused = page.evaluate(FOCUSED)
        stops.append(focused["name"])
        assert focused["shows"], f"the focus on {focused['name']} does not show"
        assert focused["seen"], f"{focused['name']} has the focus out of sight"
        if focused["name"].startswith(name):
            return
    raise AssertionError(f"Tab never came to {name}, but to {stops}")


def enter(page: Page, *, then: str) -> None:
    page.keyboard.press("Enter")
    page.wait_for_url(then)


def choose(page: Page, legend: str, *, down: int) -> None:
    """Go to a group of radios and select the one so many below its first."""
    tab_to(page, legend)
    page.keyboard.press("Space")
    for _ in range(down):
        page.keyboard.press("ArrowDown")


def sign_in(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to main content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    tab_to(page, "Start now")
    enter(page, then="**/sign-in?*")
    tab_to(page, "Email address")
    page.keyboard.type(ANALYST)
    enter(page, then="**/sign-in/code*")
    tab_to(page, "Code")
    page.keyboard.type(visitor.service.last_code())
    enter(page, then="**/upload/governance?new=yes")


def take_steps_1_to_3(page: Page) -> None:
    choose(page, "A Data Protection Impact Assessment", down=1)
    tab_to(page, "Reference of the document")
    page.keyboard.type("DMF-7")
    choose(page, "Non-sensitive test data", down=1)
    tab_to(page, "I have met the data governance requirements")
    page.keyboard.press("Space")
    tab_to(page, "Continue")
    enter(page, then="**/upload/database")
    choose(page, "Create a new database", down=0)
    tab_to(page, "Name of the new database")
    page.keyboard.type("travel")
    enter(page, then="**/upload/table")
    tab_to(page, "Name of the new table")
    page.keyboard.type("trips")
    enter(page, then="**/upload/check")
    for answer in ("Data movement form", "DMF-7", "OFFICIAL", "data_eng_uploader_dev_travel (new)"):
        expect(page.locator("dd").filter(has_text=answer).first).to_be_visible()


def choose_file(page: Page, file: Path) -> None:
    tab_to(page, "Choose a file")
    try:
        with page.expect_file_chooser(timeout=PATIENCE / 3) as opened:
            page.keyboard.press("Enter")
    except TookTooLong:
        # On a busy machine the key may come before Chromium is ready to hand its dialog to a test. A person presses
        # it again; that must do.
        with page.expect_file_chooser() as opened:
            page.keyboard.press("Enter")
    opened.value.set_files(file)


def test_a_file_is_sent_and_withdrawn_with_the_keyboard_alone(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    file = tmp_path / "Trips January.csv"
    file.write_bytes(b"year\n2013\n")
    sign_in(visitor)
    take_steps_1_to_3(page)
    choose_file(page, file)
    expect(page.get_by_role("heading", name="The file was checked")).to_be_visible()
    tab_to(page, "Upload file")
    enter(page, then="**/complete")
    upload_id = visitor.upload_id
    assert visitor.service.landed(upload_id) == file.read_bytes()
    tab_to(page, "See the status")
    enter(page, then=f"**/uploads/{upload_id}")

    visitor.service.move(upload_id, *WORKING, State.PUBLISHED, revision=REVISION, rows=1, columns=(("year", "bigint"),))
    expect(page.locator("#status")).to_have_attribute("data-state", "published")
    tab_to(page, "Withdraw this upload")
    enter(page, then="**/withdraw")
    tab_to(page, "Why should it be withdrawn?")
    page.keyboard.type("The wrong file")
    tab_to(page, "Withdraw this upload")
    enter(page, then=f"**/uploads/{upload_id}")
    expect(page.get_by_text("Its rows are being taken out of the table").first).to_be_visible()


def test_an_error_takes_the_focus_and_leads_to_its_input(visitor: Visitor) -> None:
    visitor.expect_complaint("status of 422")
    visitor.sign_in()
    visitor.go("upload")
    page = visitor.page
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    tab_to(page, "Select how sensitive the data are")
    page.keyboard.press("Enter")
    expect(page.locator("#classification")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#classification")).to_be_checked()


def test_an_upload_is_paused_continued_and_cancelled_with_the_keyboard_alone(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in()
    visitor.answer_all()
    page, service = visitor.page, visitor.service
    page.route(f"{service.aws.endpoint_url}/**", lambda _: None)  # parts never arrive
    file = tmp_path / "trips.csv"
    file.write_bytes(b"year\n" + b"2013\n" * 4_000_000)
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_label("Choose a file").focus()
    expect(page.get_by_role("button", name="Upload file")).to_be_enabled(timeout=60_000)
    tab_to(page, "Upload file")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Uploading")).to_be_focused()
    tab_to(page, "Pause")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Paused. Nothing is sent until you select Continue.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    tab_to(page, "Cancel upload")
    page.keyboard.press("Enter")
    expect(page.locator("#upload-notice")).to_be_focused()
