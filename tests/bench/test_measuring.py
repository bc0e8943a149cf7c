"""A run is measured as it is: its own memory and its children's, no more, and no longer than allowed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from bench.measure import in_few_words, measure

if TYPE_CHECKING:
    from pathlib import Path

HUNDRED = 100 * 1024**2
HOLD = f"import time; held = bytearray(b'x') * {HUNDRED}; time.sleep(0.8)"


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def test_the_peak_is_what_the_process_held_whatever_the_harness_holds(tmp_path: Path) -> None:
    ballast = np.ones(4 * HUNDRED, dtype=np.uint8)
    small = measure(python("pass"), log=tmp_path / "log", seconds=30)
    large = measure(python(HOLD), log=tmp_path / "log", seconds=30)
    assert ballast.nbytes == 4 * HUNDRED
    assert small.peak < HUNDRED / 2
    assert HUNDRED < large.peak < 1.4 * HUNDRED
    assert large.wall > 0.8
    assert large.cpu < large.wall


def test_children_that_live_at_once_count_together(tmp_path: Path) -> None:
    child = f"subprocess.Popen([sys.executable, '-S', '-c', {HOLD!r}])"
    code = f"import subprocess, sys; [each.wait() for each in [{child}, {child}]]"
    found = measure(python(code), log=tmp_path / "log", seconds=30)
    assert 2 * HUNDRED < found.peak < 2.8 * HUNDRED


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    found = measure(python("import time; time.sleep(60)"), log=tmp_path / "log", seconds=0.5)
    assert found.failure == "not done in 0 s"
    assert found.wall < 10


def test_a_failure_is_told_by_its_last_line(tmp_path: Path) -> None:
    found = measure(python("raise ValueError('no such column')"), log=tmp_path / "log", seconds=30)
    assert found.failure == "ValueError: no such column"


def test_paths_and_bars_do_not_reach_the_report() -> None:
    assert in_few_words("a\nError: in /srv/data/x.csv, line 1 | 2\n\n") == "Error: in FILE, line 1   2"
    assert len(in_few_words("x" * 1000)) == 120
    assert in_few_words("") == "no reason given"
