"""What one run of a command takes: time, processor time, peak memory, bytes written, or why it failed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LAUNCHER = Path(__file__).with_name("launch.py")
ROOT = LAUNCHER.parents[1]

_LONGEST = 120
_KILLED = -9


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        wall: seconds from start to end of the process.
        cpu: seconds of processor, of all its threads and children.
        peak: bytes in memory at most, together with its children.
        written: bytes of Parquet.
        failure: why there is no result, in few words; None where there is one.
    """

    wall: float
    cpu: float
    peak: int
    written: int = 0
    failure: str | None = None


def measure(command: Sequence[str], *, log: Path, seconds: float) -> Run:
    """Run a command; everything it prints goes to `log`."""
    os.sync()  # what the run before left to be written is not this one's to wait for
    with tempfile.TemporaryDirectory() as folder, log.open("wb") as printed:
        answer = Path(folder) / "answer.json"
        subprocess.run(
            [sys.executable, "-S", "-E", str(LAUNCHER), str(answer), str(seconds), "--", *command],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        found = json.loads(answer.read_text(encoding="utf-8"))
    return Run(
        found["wall"],
        found["cpu"],
        found["peak"],
        failure=_failure(found["code"], late=found["late"], log=log, seconds=seconds),
    )


def _failure(code: int, *, late: bool, log: Path, seconds: float) -> str | None:
    if late:
        return f"not done in {seconds:.0f} s"
    if code == _KILLED:
        return "killed: out of memory"
    return in_few_words(log.read_text(encoding="utf-8", errors="replace")) if code else None


def in_few_words(printed: str) -> str:
    """The last line of what was printed, without paths and at most a table cell long."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()] or ["no reason given"]
    bare = re.sub(r"(file:|s3:)?//?[\w.-]+(/[\w.=-]+)+/?", "FILE", lines[-1])
    bare = re.sub(r"[|`]", " ", bare).removeprefix("CannotDo: ")
    return bare if len(bare) <= _LONGEST else bare[: _LONGEST - 1].rstrip() + "…"


def warm(path: Path) -> None:
    """Read a file once, so that every run finds it in the page cache."""
    with path.open("rb", buffering=0) as stream:
        while stream.read(8 * 1024**2):
            pass
