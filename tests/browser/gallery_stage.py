"""The stage of the gallery: a served front with data, and a browser that is taken to one state after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.browser import sessions

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.scenes import Scenes
    from tests.browser.service import Service

LONG_DATABASE = "a_database_with_a_long_name_of_41_chars_x"
LONG_TABLE = "_".join(["table"] * 20)
LONG_FILE = f"Responses of the survey of people on probation {'who live anywhere ' * 6}{'x' * 40}.csv"


@dataclass
class Stage:
    """What a state of the gallery is made with; files that are chosen lie in the folder."""

    page: Page
    service: Service
    scenes: Scenes
    folder: Path

    def go(self, path: str) -> None:
        """Show a path below the front."""
        self.page.goto(self.service.url + path)

    def press(self, button: str) -> None:
        """Press a button and wait for the page after it."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).click()

    def answer(self, **answers: Any) -> None:
        """Let the session have given these answers, and no others."""
        sessions.answer(self.page.context, self.service, **answers)
