"""A person at the upload front, in a real Chromium."""

from __future__ import annotations

import email
import email.policy
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.clients import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANALYST = "analyst@example.org"
CHROMIUM = "/usr/bin/chromium"


@contextmanager
def chromium(*, scripts: bool = True) -> Iterator[Page]:
    """A page of a fresh browser, one that runs no scripts where so asked."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        try:
            page = browser.new_page(java_script_enabled=scripts)
            page.set_default_timeout(60_000)
            yield page
        finally:
            browser.close()


def letters(local: Mapping[str, Any]) -> list[Any]:
    """Every mail in the mail folder, oldest first."""
    files = sorted(Path(local["mail_dir"]).glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]


def sign_in(page: Page, local: Mapping[str, Any]) -> None:
    """Ask for a code, read it from the mail, enter it."""
    before = len(letters(local))
    page.goto(local["uploader_url"] + "sign-in")
    page.get_by_label("Email address").fill(ANALYST)
    page.get_by_role("button", name="Send the code").click()

    def code() -> str | None:
        for letter in reversed(letters(local)[before:]):
            found = re.search(r"\b\d{6}\b", letter.get_content())
            if found and letter["To"] == ANALYST:
                return found[0]
        return None

    page.get_by_label("Code").fill(wait_for(code, seconds=30, what="the sign-in code"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def choose(page: Page, local: Mapping[str, Any], file: Path, *, database: str, table: str, new: bool = False) -> None:
    """Walk the four steps and choose the file, without uploading it."""
    page.goto(local["uploader_url"])
    page.get_by_role("button", name="Start now").click()
    page.get_by_label("None", exact=True).check()
    page.get_by_label("Non-sensitive test data", exact=True).check()
    page.get_by_label(re.compile("I have met the data governance")).check()
    page.get_by_role("button", name="Continue").click()
    if new:
        page.get_by_label("Create a new database").check()
        page.get_by_label("Name of the new database").fill(database)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Name of the new table").fill(table)
    else:
        page.get_by_label("Add to an existing database").check()
        page.get_by_label("Database", exact=True).select_option(database)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Add to an existing table").check()
        page.get_by_label("Table", exact=True).select_option(table)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Choose a file").set_input_files(file)


def upload(page: Page, local: Mapping[str, Any], file: Path, *, database: str, table: str, new: bool = False) -> str:
    """Walk the four steps and upload, agreeing to a widening; returns the upload id once the complete page is there."""
    choose(page, local, file, database=database, table=table, new=new)
    expect(page.get_by_role("heading", name="The file was checked")).to_be_visible()
    for box in page.locator("#preview").get_by_role("checkbox").all():
        box.check()
    return send(page)


def send(page: Page) -> str:
    """Upload what was chosen; returns the upload id once the complete page is there."""
    page.get_by_role("button", name="Upload file").click()
    page.wait_for_url(re.compile(r"/uploads/[0-9a-f]{32}/complete"), timeout=180_000)
    return page.url.split("/")[-2]


def watch_status(page: Page, local: Mapping[str, Any], upload_id: str, *, until: str, seconds: float = 240) -> None:
    """Stay on the status page until it says so by itself."""
    page.goto(f"{local['uploader_url']}uploads/{upload_id}")
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", until, timeout=seconds * 1000)
