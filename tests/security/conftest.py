"""The front over fakes, and clients that talk to it: as tests/plugins has them."""

from __future__ import annotations

from tests.plugins.conftest import anonymous, api, browser, front, stranger
from tests.services.conftest import pipeline

__all__ = ["anonymous", "api", "browser", "front", "pipeline", "stranger"]
