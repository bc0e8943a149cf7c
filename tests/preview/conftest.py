"""A page in a process of Node, for the tests of one module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.preview.both_sides import Page, page

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with page() as running:
        yield running
