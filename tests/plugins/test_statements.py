"""What the service says of itself: the notices on privacy, cookies and accessibility, and the first page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from include.adapters.ledger.tables import sessions, sign_in_codes, tries
from include.settings import PROJECT_ROOT
from tests.fakes.trail import trail_of

if TYPE_CHECKING:
    from sqlalchemy import Table

    from tests.fakes.front import Front
    from tests.plugins.browsing import Browser

STATIC = PROJECT_ROOT / "plugins" / "front" / "static"

SAID = {
    sessions: {
        "token_hash": "hash of its cookie",
        "email": "your email address",
        "csrf": None,
        "created_at": "when each began",
        "seen_at": "was last used",
        "answers": "Your answers in the four steps",
        "admitted": None,
        "id_token": "ID token",
        "ended_at": "after they end",
    },
    sign_in_codes: {
        "id": None,
        "email": "the email address they were asked for",
        "entry": "as hashes",
        "code_hash": "as hashes",
        "sent_at": "after they end",
        "expires_at": "after they end",
        "attempts": None,
        "used_at": "after they end",
    },
    tries: {"name": "as keyed hashes", "begun_at": None, "count": "How often"},
}
"""Where a column holds something of a person, in which words the privacy notice says so."""


def text_of(browser: Browser, path: str) -> str:
    return " ".join(browser.get(path).page.main.get_text(" ").split())  # type: ignore[union-attr]


@pytest.mark.parametrize("table", SAID, ids=lambda table: table.name)
def test_the_privacy_notice_names_all_that_signing_in_keeps_of_a_person(browser: Browser, table: Table) -> None:
    said = text_of(browser, "privacy")

    assert set(table.columns.keys()) == set(SAID[table])
    assert [words for words in SAID[table].values() if words and words not in said] == []


def test_the_privacy_notice_says_that_an_address_typed_at_sign_in_is_in_the_audit_trail(
    browser: Browser, front: Front
) -> None:
    browser.get("sign-in").submit(action="/uploader/sign-in", email="nobody@example.org")

    assert "nobody@example.org" in [entry.who for entry in trail_of(front)]
    assert "email address that somebody asked for a code for, on the list of users or not" in text_of(
        browser, "privacy"
    )


def test_the_page_on_cookies_says_what_else_a_browser_keeps_and_nothing_else_is_kept(browser: Browser) -> None:
    said = text_of(browser, "cookies")
    kept = [
        path.name
        for path in STATIC.rglob("*.js")
        if "vendor" not in path.parts
        and re.search("localStorage|sessionStorage|indexedDB|document.cookie", path.read_text(encoding="utf-8"))
    ]

    assert kept == ["remembered.js"]
    for words in ("local storage", "name, size", "database, table and columns", "governance reference", "last 20"):
        assert words in said


def test_the_first_page_says_that_a_table_may_be_for_named_people_alone(browser: Browser) -> None:
    assert "except to those that only named people may add to" in text_of(browser, "")


def test_the_accessibility_statement_has_the_parts_that_a_public_body_must_state(browser: Browser) -> None:
    said = text_of(browser, "accessibility")

    for words in (
        "partially compliant",
        "version 2.2",
        "axe-core",
        "Equality and Human Rights Commission (EHRC) is responsible for enforcing",
        "Equality Advisory and Support Service (EASS)",
        "last changed on",
    ):
        assert words in said
    assert "release" not in said
