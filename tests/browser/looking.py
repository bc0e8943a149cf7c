"""Looking at a page as people with other needs do: axe-core, a narrow screen, large text, and a picture for later."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

NARROW = 320  # CSS pixels: also a screen of 1,280 at 400% (WCAG 2.2, 1.4.10)
ZOOMED = 640  # a screen of 1,280 at 200% (1.4.4)
WIDE = 1280

_TOO_WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = (each) => each && (["auto", "scroll", "hidden"].includes(getComputedStyle(each).overflowX)
    || scrolls(each.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > root.clientWidth + 0.5 && !scrolls(each.parentElement))
    .map((each) => each.outerHTML.slice(0, 120));
}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds, each with the elements. The driver brings it in, past the page's policy for scripts."""
    page.evaluate(_source())
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}
    found: dict[str, Any] = page.evaluate("(options) => window.axe.run(document, options)", options)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {[node['html'][:200] for node in each['nodes'][:3]]}"
        for each in found["violations"]
    ]


def too_wide(page: Page, width: int, *, text: int = 100) -> list[str]:
    """What sticks out to the right at a width of the screen, and with text of a size in per cent."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
    found: list[str] = page.evaluate(_TOO_WIDE)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return [f"at {width} px with text at {text}%: {each}" for each in found]


@cache
def _source() -> str:
    return f"{AXE.read_text()};undefined"
