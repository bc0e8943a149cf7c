"""The main pages for people who have chosen their own colours, and who want nothing to move."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.browser import browsers
from tests.browser.gallery import GALLERY, Shown
from tests.browser.gallery_people import People, people_at
from tests.browser.looking import violations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright

    from tests.strict_aws.server import StrictAws

MAIN = (
    "start", "sign_in-nothing-entered", "governance-errors", "database-many", "check-widening-ticked",
    "confirm_table-not-used-before", "upload-published", "upload-refused", "uploads-many", "table_page", "account",
    "help-searched", "receipt", "rows",
)  # fmt: skip
PREFERENCES: dict[str, bool | str | float] = {
    "browser.display.document_color_use": 2,  # never the page's own colours
    "ui.prefersReducedMotion": 1,
}
HOLD = """() => ["(forced-colors: active)", "(prefers-reduced-motion: reduce)"]
  .map((query) => matchMedia(query).matches)"""
WITHOUT_AN_EDGE = """() => [...document.querySelectorAll("button, .govuk-button, input, select, textarea")]
  .filter((each) => each.checkVisibility() && !["radio", "checkbox", "file", "hidden"].includes(each.type))
  .filter((each) => !each.matches(".app-link-button"))
  .filter((each) => parseFloat(getComputedStyle(each).borderTopWidth) === 0)
  .map((each) => each.outerHTML.slice(0, 120))"""
WITHOUT_A_FOCUS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((each) => each.checkVisibility() && !each.disabled && each.type !== "hidden")
  .filter((each) => {
    each.focus();
    // Radios and boxes are drawn by what is before their labels.
    const labels = [...(each.labels ?? [])].map((label) => getComputedStyle(label, "::before"));
    const drawn = [getComputedStyle(each), ...labels];
    return document.activeElement === each
      && !drawn.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
  })
  .map((each) => each.outerHTML.slice(0, 120))"""
MOVING = "() => document.getAnimations().map((each) => each.animationName ?? each.transitionProperty ?? 'something')"


@pytest.fixture(scope="module")
def people(
    browser: Browser,
    playwright: Playwright,
    aws_server: StrictAws,
    tmp_path_factory: pytest.TempPathFactory,
    shots: Path,
) -> Iterator[People]:
    """At a browser that is set so."""
    folder = tmp_path_factory.mktemp("preferences")
    if browser.browser_type.name == "chromium":
        new_context = partial(browser.new_context, forced_colors="active", reduced_motion="reduce")
        with people_at(aws_server, folder, new_context, shots=shots) as people:
            yield people
        return
    launched = browsers.firefox(playwright, PREFERENCES)
    with people_at(aws_server, folder, launched.new_context, shots=shots) as people:
        yield people
    launched.close()


@pytest.mark.parametrize("shown", [each for each in GALLERY if each.name in MAIN], ids=lambda shown: shown.name)
def test_a_page_keeps_its_edges_and_its_focus_in_colours_of_ones_own_and_nothing_moves(
    people: People, shown: Shown
) -> None:
    visitor = people.look_at(shown)
    page = visitor.page
    assert page.evaluate(HOLD) == [True, True]

    visitor.shoot(f"{shown.name}-own-colours")
    assert page.evaluate(MOVING) == []
    assert page.evaluate(WITHOUT_AN_EDGE) == []
    assert page.evaluate(WITHOUT_A_FOCUS) == []
    assert violations(page) == []


def test_all_these_pages_are_in_the_gallery() -> None:
    assert set(MAIN) <= {shown.name for shown in GALLERY}
