"""Sessions that the service opens and fills itself, for journeys that are about neither signing in nor the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.services import signing_in
from plugins.front.cookies import SESSION, cookie_name
from tests.fakes.front import ANALYST

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from tests.browser.service import Service

TEST_DATA = {"document": "none", "reference": "", "classification": "test"}
"""What the governance step keeps of non-sensitive test data."""


def open_session(browsing: BrowserContext, service: Service, email: str = ANALYST) -> None:
    """Let a browser be signed in."""
    opened = signing_in.begin_session(service.context, email, by="test")
    name = cookie_name(service.context.settings, SESSION)
    browsing.add_cookies([{"name": name, "value": opened.token, "url": service.url}])


def answers_for(database: str = "travel", table: str = "trips", *, new: bool = True, **more: Any) -> dict[str, Any]:
    """The answers of steps 1 to 3 for test data."""
    return {
        "governance": TEST_DATA,
        "database": {"name": database, "new": new},
        "table": {"name": table, "new": new},
        **more,
    }


def answer(browsing: BrowserContext, service: Service, **answers: Any) -> None:
    """Let the session of a browser have given these answers, and no others."""
    name = cookie_name(service.context.settings, SESSION)
    token = next(each["value"] for each in browsing.cookies() if each["name"] == name)
    session = signing_in.session_of(service.context, token)
    assert session is not None
    signing_in.keep_answers(service.context, session, answers)
