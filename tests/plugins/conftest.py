"""The front over fakes and a real ledger in a temporary SQLite file, and clients that talk to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from plugins.front.app import create_standalone
from tests.fakes.front import COLLEAGUE, Front, make_front
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path


def client_of(front: Front) -> TestClient:
    """A client of a front, that is nobody."""
    app = create_standalone(lambda: front.context)
    return TestClient(
        app, base_url="http://testserver/uploader/", follow_redirects=False, raise_server_exceptions=False
    )


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


@pytest.fixture
def anonymous(front: Front) -> TestClient:
    """A client that is nobody."""
    return client_of(front)


@pytest.fixture
def api(front: Front, anonymous: TestClient) -> TestClient:
    """A client with an API token of the analyst."""
    anonymous.base_url = anonymous.base_url.join("api/v1/")
    anonymous.headers["Authorization"] = f"Bearer {front.token()}"
    return anonymous


@pytest.fixture
def stranger(front: Front) -> TestClient:
    """A client with an API token of somebody else."""
    app = create_standalone(lambda: front.context)
    headers = {"Authorization": f"Bearer {front.token(COLLEAGUE)}"}
    return TestClient(app, base_url="http://testserver/uploader/api/v1/", headers=headers)


@pytest.fixture
def browser(front: Front, anonymous: TestClient) -> Browser:
    """A browser that has not signed in."""
    return Browser(anonymous, front)
