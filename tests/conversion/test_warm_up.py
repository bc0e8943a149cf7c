"""Compiling beforehand, and doing without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python(*arguments: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with its compiled loops kept in a folder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )


def kept(cache: Path) -> dict[str, int]:
    """The compiled loops in a folder, and when each was made."""
    return {str(path): path.stat().st_mtime_ns for path in cache.rglob("*.nbc")}


def test_after_warming_up_nothing_is_left_to_compile_for_a_file_of_any_kind(tmp_path: Path) -> None:
    python("-m", "include.conversion.warm_up", cache=tmp_path / "cache")
    made = kept(tmp_path / "cache")
    assert made
    (tmp_path / "a.csv").write_text('a,b\n1,"x ""y"""\nNA,2026-01-31\n')
    (tmp_path / "b.jsonl").write_text('{"a": [1, {"b": "é\\u00e9"}], "c": 1.5}\n')
    (tmp_path / "c.json").write_text('[{"a": null, "b": {"c": [true]}}]')
    files = [str(tmp_path / name) for name in ("a.csv", "b.jsonl", "c.json", "d.csv")]
    (tmp_path / "d.csv").write_text("when\n31/01/2026\n")
    python("-m", "include.cli", "check", *files, "--day-first", "when", cache=tmp_path / "cache")
    assert kept(tmp_path / "cache") == made
