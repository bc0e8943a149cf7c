"""Step 1's other end: data that may not be uploaded lead to a page that says so, and to no other step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from plugins.front.app import create_standalone
from tests.fakes.front import make_front
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path

GOVERNANCE = "/uploader/upload/governance"


@pytest.mark.parametrize(
    ("answers", "because", "words", "todo"),
    [
        (
            {"document": "dpia", "reference": "DPIA-7", "classification": "secret"},
            "secret",
            "SECRET or above may not be uploaded",
            "security team",
        ),
        (
            {"document": "none", "classification": "official"},
            "no_document",
            "only non-sensitive test data",
            "data movement form",
        ),
        (
            {"document": "none", "classification": "official_sensitive"},
            "no_document",
            "only non-sensitive test data",
            "data movement form",
        ),
        (
            {"document": "dpia", "reference": "x", "classification": "official_sensitive"},
            "not_here",
            "only be uploaded to prod. This is dev",
            "in prod",
        ),
    ],
)
def test_data_that_may_not_be_uploaded_lead_to_a_page_that_says_stop(
    browser: Browser, answers: dict[str, str], because: str, words: str, todo: str
) -> None:
    browser.sign_in().submit(action=GOVERNANCE, responsible="yes", **answers)
    said = browser.page.get_text(" ", strip=True)

    assert (browser.path, browser.heading) == (
        f"/uploader/upload/ineligible?because={because}",
        "You may not upload these data",
    )
    assert "STOP" in said
    assert words in said
    assert todo in said
    assert browser.follow("change your answers").path == "/uploader/upload/governance"
    assert browser.get("upload/database").path == "/uploader/upload/governance"


def test_what_was_confirmed_before_does_not_cover_data_that_may_not_be_uploaded(browser: Browser) -> None:
    browser.sign_in().answer_all()
    browser.get("upload/governance?change=yes").submit(action=GOVERNANCE, document="none", classification="official")
    assert browser.get("upload/check").path == "/uploader/upload/governance"

    browser.get("upload/ineligible?because=no_document&change=yes").follow("change your answers")
    browser.submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    assert browser.path == "/uploader/upload/check"
    assert browser.facts["Database"] == "data_eng_uploader_dev_travel (new)"


def test_official_sensitive_data_with_a_reference_go_on_in_prod(tmp_path: Path) -> None:
    front = make_front(tmp_path, env="prod")
    client = TestClient(create_standalone(lambda: front.context), base_url="http://testserver/uploader/")
    browser = Browser(client, front).sign_in()
    browser.submit(action=GOVERNANCE, document="dpia", classification="official_sensitive", responsible="yes")
    assert browser.errors == ["Enter the reference of the DPIA or data movement form"]

    browser.submit(
        action=GOVERNANCE, document="dpia", reference="7", classification="official_sensitive", responsible="yes"
    )
    assert browser.path == "/uploader/upload/database"
