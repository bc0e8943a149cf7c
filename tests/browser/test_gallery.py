"""Every page in every state: no WCAG 2.2 AA violation, nothing that sticks out of a narrow or zoomed screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include import bootstrap
from plugins.front.app import create_app
from tests.browser.conftest import visitor_of
from tests.browser.gallery import GALLERY, NO_PAGES, Shown
from tests.browser.gallery_stage import Stage
from tests.browser.looking import NARROW, WIDE, ZOOMED, too_wide, violations
from tests.browser.scenes import Scenes
from tests.browser.service import running_service
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.conftest import Visitor
    from tests.strict_aws.server import StrictAws


@pytest.fixture(scope="module")
def people(
    browser: Browser, aws_server: StrictAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[bool, Visitor]]:
    """Somebody who is signed in and somebody who is not, at one front for all states."""
    folder = tmp_path_factory.mktemp("gallery")
    aws_server.reset()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", OWN_ACCOUNT)
        patch.setenv("AWS_SECRET_ACCESS_KEY", presign.SECRET)
        with running_service(folder, aws_server) as service:
            contexts = [browser.new_context(viewport={"width": WIDE, "height": 900}) for _ in range(2)]
            known, unknown = (visitor_of(context, service, folder) for context in contexts)
            known.sign_in()
            yield {True: known, False: unknown}
            for context in contexts:
                context.close()


@pytest.mark.parametrize("shown", GALLERY, ids=lambda shown: shown.name)
def test_a_page_is_for_everybody(people: dict[bool, Visitor], shots: Path, shown: Shown) -> None:
    visitor = people[shown.signed_in]
    visitor.shots = shots
    page = visitor.page
    page.set_viewport_size({"width": WIDE, "height": 900})
    shown.arrive(Stage(page, visitor.service, Scenes(visitor.service.context)))

    visitor.shoot(f"{shown.name}-wide")
    wrong = violations(page)
    wrong += too_wide(page, WIDE, text=200)
    wrong += too_wide(page, ZOOMED)
    wrong += too_wide(page, NARROW)
    visitor.shoot(f"{shown.name}-narrow")
    assert wrong == []


def test_every_page_is_in_the_gallery() -> None:
    app = create_app(bootstrap.front)
    named = {
        getattr(route, "name", "") for route in app.routes if "GET" in (getattr(route, "methods", None) or {"GET"})
    }

    assert named - NO_PAGES.keys() == {shown.route for shown in GALLERY} - {""}
