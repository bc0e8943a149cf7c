"""Cookies: under which names they are kept, and that the page on cookies names exactly those."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from include.adapters.clock import SystemClock
from include.adapters.oidc import OidcProvider
from plugins.front.app import create_standalone
from tests.fakes.front import make_front
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("base_url", "guard"),
    [
        ("http://testserver/uploader/", ""),
        ("https://testserver/uploader/", "__Secure-"),
        ("https://testserver/", "__Host-"),
    ],
)
def test_the_page_on_cookies_names_exactly_those_that_are_set(tmp_path: Path, base_url: str, guard: str) -> None:
    with running_provider() as provider:
        front = make_front(tmp_path, base_url=base_url, oidc_issuer=provider.url, oidc_client_id=CLIENT_ID)
        client = OidcProvider(
            issuer=provider.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, clock=SystemClock()
        )
        front.context = replace(front.context, provider=client)
        app = create_standalone(lambda: front.context)
        browser = Browser(TestClient(app, base_url=base_url, follow_redirects=False), front)
        set_cookies = browser.client.get("sign-in/provider").headers.get_list("set-cookie")
    set_cookies += browser.client.get("sign-in").headers.get_list("set-cookie")
    root = urlsplit(base_url).path.rstrip("/")
    browser.get("sign-in").submit(action=f"{root}/sign-in", email="analyst@example.org")
    browser.submit(action=f"{root}/sign-in/code", code=front.mailer.last_code("analyst@example.org"))
    set_cookies += [line for sent in browser.response.history for line in sent.headers.get_list("set-cookie")]

    given = [line for line in set_cookies if "Max-Age=0" not in line]
    names = {line.partition("=")[0] for line in given}
    browser.get("cookies")
    assert {tag.get_text(strip=True) for tag in browser.page.select("tbody th")} == names
    assert names == {f"{guard}data_uploader_{name}" for name in ("entry", "session", "ticket")}
    for line in set_cookies:
        attributes = line.split("; ")[1:]
        assert ("Secure" in attributes) == bool(guard)
        assert "HttpOnly" in attributes
        assert f"Path={'/' if guard == '__Host-' else '/uploader/'}" in attributes
        assert not any(attribute.startswith("Domain=") for attribute in attributes)
