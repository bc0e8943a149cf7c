"""What every runner is told, and how it says why it could not: one line on standard error."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED = 3


class CannotDo(Exception):
    """The tool has no way to do the case."""


@dataclass(frozen=True)
class Work:
    """One file to convert.

    Attributes:
        file: the source.
        format: "csv", "jsonl" or "json" (an array).
        out: an empty folder for the Parquet.
        variant: which of the tool's ways, where it has several.
        endpoint: of an S3 that holds the source as `s3://bench/<name>` and takes the output below `s3://bench/out/`.
    """

    file: Path
    format: str
    out: Path
    variant: str
    endpoint: str | None

    @property
    def parquet(self) -> str:
        """The one file to write, for tools that write one."""
        return str(self.out / "data.parquet")


def run(convert: Callable[[Work], None]) -> int:
    """Convert what the command line names; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--format", required=True)
    parser.add_argument("--variant", default="")
    parser.add_argument("--endpoint")
    given = parser.parse_args()
    try:
        convert(Work(given.file, given.format, given.out, given.variant, given.endpoint))
    except Exception as error:  # noqa: BLE001  # whatever a tool raises is its answer, and is shown as such
        sys.stderr.write(f"\n{type(error).__name__}: {' '.join(str(error).split())[:2000]}\n")
        return FAILED
    return 0
