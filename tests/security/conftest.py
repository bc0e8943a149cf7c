"""The front over fakes, and clients that talk to it: as tests/plugins has them."""

from __future__ import annotations

from tests.plugins.conftest import anonymous, api, browser, front, stranger

__all__ = ["anonymous", "api", "browser", "front", "stranger"]
