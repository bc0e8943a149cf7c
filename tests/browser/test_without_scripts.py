"""Everything again with JavaScript off: switched off in the browser itself, so that nothing of a script can run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State
from plugins.front.protection import FORM_FILE_MAX
from tests.browser import browsers
from tests.browser.conftest import Visitor, visitor_of
from tests.browser.scenes import Scenes
from tests.browser.sessions import answer, answers_for, open_session
from tests.fakes.front import ANALYST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Playwright

    from tests.browser.service import Service

COMPLETE = re.compile(r"/uploads/[0-9a-f]{32}/complete$")
ERRORS = ".govuk-error-summary:not([hidden])"


@dataclass
class Plain:
    """A visitor whose browser runs no script. What Playwright waits for with one is not used: `fill`, `expect`."""

    visitor: Visitor

    def write(self, label: str, text: str) -> None:
        """Type into a field in place of what it has."""
        self.visitor.page.get_by_label(label).focus()
        self.visitor.page.keyboard.press("Control+A")
        self.visitor.page.keyboard.press("Delete")
        self.visitor.page.keyboard.type(text)

    def select(self, *labels: str) -> None:
        """Select radios or tick boxes."""
        for label in labels:
            self.visitor.page.get_by_label(label, exact=True).click(force=True)

    def press(self, button: str) -> None:
        """Press a button and wait for the next page."""
        self._go_on(button, "button")

    def follow(self, link: str) -> None:
        """Follow a link."""
        self._go_on(link, "link")

    def _go_on(self, name: str, role: str) -> None:
        with self.visitor.page.expect_navigation():
            self.visitor.page.get_by_role(role, name=name, exact=True).first.click(force=True)  # type: ignore[arg-type]

    def send(self, file: Path) -> None:
        """Choose a file and send the form."""
        self.visitor.page.get_by_label("Choose a file").set_input_files(file)
        self.press("Upload file")

    def reads(self, text: str, *, at: str = "main") -> bool:
        """Whether the page says something."""
        return text in self.visitor.page.locator(at).first.inner_text()

    def shoot(self, name: str) -> None:
        """Keep a picture; Firefox waits for a script before it takes one."""
        if self.visitor.browser == "chromium":
            self.visitor.shoot(name)


@pytest.fixture(scope="module")
def scriptless(browser: Browser, playwright: Playwright) -> Iterator[Callable[[], BrowserContext]]:
    """Makes contexts in which JavaScript is off."""
    if browser.browser_type.name == "chromium":
        yield partial(browser.new_context, java_script_enabled=False, viewport={"width": 1000, "height": 800})
        return
    launched = browsers.firefox(playwright, {"javascript.enabled": False})
    yield partial(launched.new_context, viewport={"width": 1000, "height": 800})
    launched.close()


@pytest.fixture
def plain(scriptless: Callable[[], BrowserContext], service: Service, shots: Path) -> Iterator[Plain]:
    context = scriptless()
    yield Plain(visitor_of(context, service, shots))
    context.close()


@pytest.fixture
def known(plain: Plain) -> Plain:
    """Somebody who is signed in."""
    open_session(plain.visitor.page.context, plain.visitor.service)
    return plain


def file_of(folder: Path, size: int) -> Path:
    file = folder / "Trips January.csv"
    with file.open("wb") as writing:
        writing.write(b"year\n")
        writing.truncate(size)
    return file


def test_a_file_of_the_greatest_size_goes_from_the_start_page_to_the_store(plain: Plain, tmp_path: Path) -> None:
    page, service = plain.visitor.page, plain.visitor.service
    plain.visitor.go("")
    page.get_by_role("button", name="Start now").click(force=True)
    page.wait_for_url("**/sign-in?*")
    plain.write("Email address", ANALYST)
    plain.press("Send the code")
    plain.write("Code", service.last_code())
    plain.press("Continue")
    plain.press("Continue")
    assert plain.reads("Select which data governance document covers the data", at=ERRORS)
    plain.select("None", "Non-sensitive test data")
    page.get_by_label("I have met the data governance").click(force=True)
    plain.press("Continue")
    plain.write("Name of the new database", "travel")
    plain.press("Continue")
    plain.write("Name of the new table", "trips")
    plain.press("Continue")
    assert plain.reads("Without JavaScript 100 MB at most.")
    plain.shoot("without-scripts-check")

    plain.send(file_of(tmp_path, FORM_FILE_MAX + 1))
    assert plain.reads("must be 100 MB or smaller when JavaScript is off", at=ERRORS)
    file = file_of(tmp_path, FORM_FILE_MAX)
    plain.send(file)
    page.wait_for_url(COMPLETE)
    assert service.landed(plain.visitor.upload_id) == file.read_bytes()
    plain.press("See the status")
    assert page.get_by_role("link", name="Refresh").count() == 1


def test_a_file_that_is_much_too_large_is_told_so_too(known: Plain, tmp_path: Path) -> None:
    at_step_four(known)
    known.send(file_of(tmp_path, FORM_FILE_MAX * 2))
    assert known.reads("The file is too large to send this way", at="h1")
    known.shoot("without-scripts-too-large")


@pytest.mark.parametrize("size", [100, 200_000, FORM_FILE_MAX])
def test_a_file_that_is_sent_after_the_session_ended_leads_to_sign_in(known: Plain, tmp_path: Path, size: int) -> None:
    at_step_four(known)
    known.visitor.page.context.clear_cookies()
    known.send(file_of(tmp_path, size))
    assert known.reads("Sign in", at="h1")


def at_step_four(known: Plain) -> None:
    answer(known.visitor.page.context, known.visitor.service, **answers_for())
    known.visitor.go("upload/check")


def test_reading_options_are_kept_refused_and_sent_with_the_file(known: Plain, tmp_path: Path) -> None:
    at_step_four(known)
    page = known.visitor.page
    page.get_by_text("Reading options").first.click(force=True)
    known.select("Semicolon")
    known.write("Columns to treat as text", "Sample Number")
    known.press("Keep the reading options")
    assert known.reads("cannot be a column", at=ERRORS)
    known.shoot("without-scripts-option-refused")
    known.write("Columns to treat as text", "code")
    known.send(file_of(tmp_path, 100))
    page.wait_for_url(COMPLETE)

    (upload,) = known.visitor.service.context.ledger.page().uploads
    assert upload.reading_options.text_columns == ("code",)
    assert upload.reading_options.delimiter == ";"


def test_a_table_is_found_and_chosen_from_plain_lists(known: Plain) -> None:
    page, context = known.visitor.page, known.visitor.service.context
    Scenes(context).publish()
    known.visitor.go("tables/travel/tables/trips")
    assert known.reads("LIMIT 100", at="#table-query")
    assert page.get_by_role("button", name="Copy").count() == 0
    answer(page.context, known.visitor.service, governance=answers_for()["governance"])
    known.visitor.go("upload/database")
    assert page.get_by_label("Filter the list").count() == 0
    known.select("Add to an existing database")
    page.get_by_label("Database", exact=True).focus()
    page.keyboard.type("travel")
    known.press("Continue")
    known.select("Add to an existing table")
    page.get_by_label("Table", exact=True).focus()
    page.keyboard.type("trips")
    known.press("Continue")
    page.wait_for_url("**/upload/check")
    assert known.reads("Be certain that this is the right table.")


def test_an_upload_is_withdrawn(known: Plain) -> None:
    context = known.visitor.service.context
    upload = Scenes(context).publish()
    known.visitor.go(f"uploads/{upload.id}")
    known.follow("Withdraw this upload")
    known.write("Why should it be withdrawn?", "Wrong file")
    known.press("Withdraw this upload")
    assert known.reads("Its rows are being taken out of the table")
    now = context.ledger.get(upload.id)
    assert now is not None
    assert now.state is State.WITHDRAWN
