"""`python -m bench.memory`: whether a file ten times as large takes more memory, from disk and from S3."""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench import data, output, report
from bench.cases import named
from bench.comparing import MEGABYTE, require_space, say
from bench.measure import ROOT, Run, measure, warm
from bench.s3_server import local_s3
from bench.sizes import size
from bench.tools import BENCH_PYTHON

if TYPE_CHECKING:
    from bench.data import Case
    from bench.s3_server import LocalS3

DOCUMENT = ROOT / "docs" / "performance.md"
WARM_UP = 1_000_000
"""Bytes of a file that is converted first, so that compiling the engine's loops is no part of what is measured."""


@dataclass(frozen=True)
class Measured:
    """One file from one place.

    Attributes:
        case: what is in it.
        place: "disk" or "S3".
        size: its bytes.
        run: what it took.
    """

    case: Case
    place: str
    size: int
    run: Run


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("--size", type=size, default=size("1GB"), help="of the smaller file")
    parser.add_argument("--times", type=int, default=10, help="how many times as large the larger one is")
    parser.add_argument("--cases", default="clean,wide", help="by name, with commas between")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one run")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="for data and outputs")
    parser.add_argument("--note", default="", help="a sentence for the report, such as that a run was small")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def main() -> int:
    """Run all; returns the exit code: 1 if a run failed or lost rows."""
    given = arguments()
    folder: Path = given.folder.resolve()
    cases = named(given.cases)
    require_space(folder, 2 * given.size * given.times)
    found = []
    with local_s3(BENCH_PYTHON.with_name("localbucket"), folder) as s3:
        for case in cases:
            measured(case, WARM_UP, folder=folder, seconds=given.timeout, s3=s3)
            for length in (given.size, given.size * given.times):
                found += measured(case, length, folder=folder, seconds=given.timeout, s3=s3)
    shutil.rmtree(folder)
    body = f"{report.machine()} {given.note}".strip() + "\n\n" + table(found)
    sys.stdout.write(body + "\n")
    if given.write:
        report.write(DOCUMENT, "memory", body)
    return 1 if any(each.run.failure for each in found) else 0


def measured(case: Case, length: int, *, folder: Path, seconds: float, s3: LocalS3) -> list[Measured]:
    """Make one file, convert it from disk and from S3, and remove it."""
    file, out = folder / case.filename, folder / "out"
    rows = case.rows_for(length)
    say(f"{case.name}: making {length / MEGABYTE:,.0f} MB")
    data.write(case, rows=rows, path=file)
    s3.place(file)
    from_disk = [sys.executable, "-m", "include.cli", "check", str(file), "--out", str(out)]
    from_s3 = [sys.executable, "-m", "bench.runners.run_engine_s3", str(file), str(out)]
    from_s3 += ["--format", case.source.format, "--endpoint", s3.endpoint]
    found = []
    for place, command in (("disk", from_disk), ("S3", from_s3)):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        warm(file)
        run = measure(command, log=folder / "log.txt", seconds=seconds)
        stored = output.row_count(out) if run.failure is None else rows
        if stored != rows:
            run = Run(run.wall, run.cpu, run.peak, failure=f"{stored:,} of {rows:,} rows")
        say(f"{case.name} from {place}: {run.failure or f'{run.wall:.1f} s, {run.peak / MEGABYTE:,.0f} MB'}")
        found.append(Measured(case, place, file.stat().st_size, run))
    shutil.rmtree(out)
    s3.remove(file)
    file.unlink()
    return found


def table(found: list[Measured]) -> str:
    """Peaks, and the ratio of the larger file's to the smaller one's."""
    lines = [
        "| case | from | file, MB | time, s | peak, MB | peak to that of the smaller file |",
        "|---|---|--:|--:|--:|--:|",
    ]
    smaller: dict[tuple[str, str], Measured] = {}
    for each in sorted(found, key=lambda one: (one.case.name, one.place, one.size)):
        first = smaller.setdefault((each.case.name, each.place), each)
        name = f"| {each.case.title} | {each.place} | {each.size / MEGABYTE:,.0f} |"
        if each.run.failure:
            lines.append(f"{name} {report.DASH} | {report.DASH} | fails: {each.run.failure} |")
            continue
        known = first is not each and first.run.failure is None
        times = f"{each.run.peak / first.run.peak:.2f}" if known else report.DASH
        lines.append(f"{name} {each.run.wall:.1f} | {each.run.peak / MEGABYTE:,.0f} | {times} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
