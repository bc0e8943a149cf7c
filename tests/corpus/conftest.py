"""Counts what was compared, and says it at the end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_FILES: Counter[str] = Counter()
_CELLS: Counter[str] = Counter()


@pytest.fixture
def record_cells() -> Callable[[str, int], None]:
    def record(outcome: str, cells: int) -> None:
        _FILES[outcome] += 1
        _CELLS[outcome] += cells

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _FILES:
        terminalreporter.section("corpus")
    for outcome in sorted(_FILES):
        terminalreporter.write_line(f"{_FILES[outcome]:>6,} files {outcome}, {_CELLS[outcome]:,} cells compared")
