"""Debian's own browsers, as Playwright drives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

CHROMIUM = "/usr/bin/chromium"
FIREFOX = "/usr/bin/firefox-esr"


def chromium(playwright: Playwright) -> Browser:
    """A Chromium."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
    )


def firefox(playwright: Playwright, preferences: dict[str, bool | str | float] | None = None) -> Browser:
    """A Firefox with preferences of its own; WebDriver BiDi cannot set everything for a page alone."""
    # The channel is what lets Playwright drive a Firefox that is not of its own build.
    return playwright.firefox.launch(
        channel="moz-firefox", executable_path=FIREFOX, firefox_user_prefs=preferences or {}
    )
