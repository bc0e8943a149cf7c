"""A served front and a browser that visits it; what the browser complains about fails the test."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import browsers
from tests.browser.looking import violations
from tests.browser.service import Service, running_service
from tests.browser.sessions import answer, answers_for, open_session
from tests.fakes.front import ANALYST
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

    from tests.strict_aws.server import StrictAws

# Playwright puts a style into a page of Firefox to take its picture. Styles of our own are refused in Chromium, too.
_STYLE_OF_SCREENSHOTS = "blocked an inline style"

PATIENCE = 60_000  # milliseconds that anything may take on a machine that is busy; what is wrong shows later, not more
expect.set_options(timeout=PATIENCE)

_TALLEST = 30_000  # pixels; Firefox takes no picture above 65,535


@dataclass
class Visitor:
    """A person in a browser at a served front."""

    page: Page
    service: Service
    shots: Path
    complaints: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    def expect_complaint(self, part: str) -> None:
        """The browser will complain of what this test does, whenever it comes to it."""
        self.expected.add(part)

    @property
    def unexpected(self) -> list[str]:
        """What the browser blocked or a script failed at, but for what was expected."""
        return [said for said in self.complaints if not any(part in said for part in self.expected)]

    def go(self, path: str) -> None:
        """Visit a path below the front."""
        self.page.goto(self.service.url + path)

    def sign_in(self, email: str = ANALYST) -> None:
        """Be signed in at once; the way that people go is `sign_in_by_code`."""
        open_session(self.page.context, self.service, email)
        self.go("")

    def sign_in_by_code(self, email: str = ANALYST) -> None:
        """By a code from the mail."""
        self.go("sign-in")
        self.page.get_by_label("Email address").fill(email)
        self.page.get_by_role("button", name="Send the code").click()
        self.page.get_by_label("Code").fill(self.service.last_code(email))
        self.page.get_by_role("button", name="Continue").click()
        self.page.get_by_role("button", name="Sign out").wait_for()

    def answer_all(self, *, database: str = "travel", table: str = "trips") -> None:
        """Be at step 4 at once with test data for a new database."""
        answer(self.page.context, self.service, **answers_for(database, table))
        self.go("upload/check")

    def proceed(self) -> None:
        """Press Continue."""
        self.page.get_by_role("button", name="Continue").click()

    def choose(self, file: Path) -> None:
        """Choose a file and press Upload file, once the check in the browser lets it go."""
        self.page.get_by_label("Choose a file").set_input_files(file)
        self.page.get_by_role("button", name="Upload file").click(timeout=90_000)

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page, or of the top of one that is too long for a picture."""
        whole = self.page.evaluate("document.documentElement.scrollHeight") < _TALLEST
        self.page.screenshot(path=self.shots / f"{name}.{self.browser}.png", full_page=whole, caret="initial")

    def look(self, name: str) -> None:
        """Keep a picture, and have nothing that keeps anybody out: for states that no gallery can hold still."""
        self.shoot(name)
        assert violations(self.page) == []

    @property
    def browser(self) -> str:
        """Which browser this is."""
        used = self.page.context.browser
        return used.browser_type.name if used else "unknown"

    @property
    def upload_id(self) -> str:
        """The upload that the address names."""
        return self.page.url.split("/uploads/")[1].split("/")[0]


@pytest.fixture
def service(tmp_path: Path, aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWN_ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", presign.SECRET)
    with running_service(tmp_path, aws) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[Browser]:
    """Each of the browsers of the system: every test that has one runs in both."""
    launched = {"chromium": browsers.chromium, "firefox": browsers.firefox}[request.param](playwright)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept: $SCREENSHOTS, else a folder of the run."""
    kept = os.environ.get("SCREENSHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def visitor(browser: Browser, service: Service, shots: Path) -> Iterator[Visitor]:
    """A visitor; the test fails if the browser blocked something or a script failed."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    made = visitor_of(context, service, shots)
    yield made
    context.close()
    assert made.unexpected == []


def without_scripts(browser: Browser) -> BrowserContext:
    """A context in which no script of a page runs."""
    context = browser.new_context(java_script_enabled=False)
    if browser.browser_type.name == "firefox":
        # Only a preference of the whole browser switches scripting off: `test_without_scripts`. Here none arrives.
        context.route("**/*.js", lambda route: route.abort())
    return context


def visitor_of(context: BrowserContext, service: Service, shots: Path) -> Visitor:
    """A visitor in a browser context, whose complaints are kept."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    made = Visitor(page, service, shots)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
    if made.browser == "firefox":
        made.expect_complaint(_STYLE_OF_SCREENSHOTS)
    return made
