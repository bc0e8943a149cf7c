"""Compiling beforehand, and doing without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]


def python(*arguments: str, cache: Path, root: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python with its compiled loops kept in a folder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(root), **more}
    return subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, check=True, capture_output=True, text=True
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


def sources(tmp_path: Path) -> Path:
    """A copy of the library that a test may change."""
    shutil.copytree(ROOT / "include", tmp_path / "changed" / "include", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "changed"


def test_what_was_compiled_of_other_sources_is_not_used(tmp_path: Path) -> None:
    root, cache = sources(tmp_path), tmp_path / "cache"
    (tmp_path / "a.csv").write_text("x\n1\n2.5\n3\n")
    out = ["-m", "include.cli", "check", str(tmp_path / "a.csv"), "--out", str(tmp_path / "out")]
    python(*out, cache=cache, root=root)
    kinds = root / "include" / "conversion" / "kernels" / "text_kinds.py"
    before = "BOOLEAN, INTEGER, BIG_INTEGER, POINT, SCIENTIFIC, DATE,"
    assert before in kinds.read_text()
    kinds.write_text(kinds.read_text().replace(before, "BOOLEAN, DATE, BIG_INTEGER, POINT, SCIENTIFIC, INTEGER,"))
    python(*out, cache=cache, root=root)
    assert pq.read_table(tmp_path / "out").column("x").to_pylist() == [1.0, 2.5, 3.0]


def test_where_only_the_temporary_files_may_be_written_kernels_are_copied_there(tmp_path: Path) -> None:
    nowhere = tmp_path / "a file"
    nowhere.write_text("")
    (tmp_path / "tmp").mkdir()
    (tmp_path / "a.csv").write_text("x\n1\n")
    for _ in range(2):
        python("-m", "include.cli", "check", str(tmp_path / "a.csv"), cache=nowhere, TMPDIR=str(tmp_path / "tmp"))
    (own,) = (tmp_path / "tmp").iterdir()
    assert kept(own)
    assert own.stat().st_mode & 0o777 == 0o700
