"""The command: which points are tried, by how many processes, and what is printed of them."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults import sharing
from tests.faults.meetings import MEETINGS
from tests.faults.points import points_of
from tests.faults.scenarios import FAULTS
from tests.faults.warm import warm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.judge import Tried
    from tests.faults.kinds import Point

SCENARIOS = (*FAULTS, *MEETINGS)
SAMPLE = 300
SEED = 1
PROGRESS = 100


def main() -> int:
    """Try points; 1 if one did not survive."""
    options = _options()
    began = time.monotonic()
    warm()
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        chosen = [scenario for scenario in SCENARIOS if options.scenario in {None, scenario.name}]
        undisturbed = sharing.record(chosen, folder, jobs=options.jobs)
        everything = list(points_of((scenario, undisturbed[scenario.name]) for scenario in chosen))
        points = _selected(everything, options)
        names = {point.number: point.name for point in points}
        _say(f"{len(everything)} points in {len(chosen)} scenarios; trying {len(points)}")
        tried = []
        for one in sharing.try_all(chosen, points, undisturbed, folder, jobs=options.jobs):
            tried.append(one)
            if one.wrong or options.verbose:
                _describe(names[one.number], one)
            if len(tried) % PROGRESS == 0:
                _say(f"{len(tried)} of {len(points)} tried")
    return _summary(points, tried, seconds=time.monotonic() - began)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every point")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="so many, chosen by the seed")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--point", type=int, action="append", help="this point alone; may be given again")
    parser.add_argument(
        "--scenario", choices=[scenario.name for scenario in SCENARIOS], help="numbers are its own then"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--verbose", action="store_true", help="say what each point did")
    return parser.parse_args()


def _selected(points: Sequence[Point], options: argparse.Namespace) -> list[Point]:
    if options.point:
        return [point for point in points if point.number in options.point]
    if options.all or options.sample >= len(points):
        return list(points)
    chosen = random.Random(options.seed).sample(points, options.sample)  # noqa: S311 -- to be the same every time
    return sorted(chosen, key=lambda point: point.number)


def _describe(name: str, tried: Tried) -> None:
    _say(f"{'NOT SURVIVED' if tried.wrong else 'survived'} {name} ({tried.seconds:.1f} s)")
    for line in (*tried.messages, *tried.wrong):
        _say("    " + line.replace("\n", "\n    "))


def _summary(points: Sequence[Point], tried: Sequence[Tried], *, seconds: float) -> int:
    kinds: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    by_number = {point.number: point for point in points}
    for one in tried:
        kind = by_number[one.number].kind.value
        kinds[kind] += 1
        alone[kind] += not one.stops
    for kind, count in sorted(kinds.items()):
        _say(f"  {kind}: {count} tried, {alone[kind]} of them without stopping a task")
    cleared = sum(one.cleared > 0 for one in tried)
    _say(f"  an engineer had to clear {cleared} runs; the slowest point took {max(t.seconds for t in tried):.1f} s")
    survived = sum(not one.wrong for one in tried)
    missing = len(points) - len(tried)
    if missing:
        _say(f"{missing} points were not tried: a process ended early")
    _say(f"{len(tried)} points tried, {survived} survived ({seconds:.0f} s)")
    return 0 if survived == len(points) else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
