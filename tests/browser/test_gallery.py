"""Every page in every state: no WCAG 2.2 AA violation, nothing that sticks out of a narrow or zoomed screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include import bootstrap
from plugins.front.app import create_app
from tests.browser.gallery import GALLERY, NO_PAGES, Shown
from tests.browser.gallery_people import People, people_at
from tests.browser.looking import NARROW, WIDE, ZOOMED, too_wide, violations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.strict_aws.server import StrictAws


@pytest.fixture(scope="module")
def people(
    browser: Browser, aws_server: StrictAws, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[People]:
    with people_at(aws_server, tmp_path_factory.mktemp("gallery"), browser.new_context, shots=shots) as people:
        yield people


@pytest.mark.parametrize("shown", GALLERY, ids=lambda shown: shown.name)
def test_a_page_is_for_everybody(people: People, shown: Shown) -> None:
    visitor = people.look_at(shown)

    visitor.shoot(f"{shown.name}-wide")
    wrong = violations(visitor.page)
    wrong += too_wide(visitor.page, WIDE, text=200)
    wrong += too_wide(visitor.page, ZOOMED)
    wrong += too_wide(visitor.page, NARROW)
    visitor.shoot(f"{shown.name}-narrow")
    assert wrong == []


def test_every_page_is_in_the_gallery() -> None:
    app = create_app(bootstrap.front)
    named = {
        getattr(route, "name", "") for route in app.routes if "GET" in (getattr(route, "methods", None) or {"GET"})
    }

    assert named - NO_PAGES.keys() == {shown.route for shown in GALLERY} - {""}
