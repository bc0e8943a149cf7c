"""Sharing the points among processes: each goes through the scenarios for itself, and tries its own."""

from __future__ import annotations

import json
import os
import select
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.faults.host import collect, fork
from tests.faults.judge import Tried, try_point
from tests.faults.points import Undisturbed, answer_of, go_through, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.faults.kinds import Point
    from tests.faults.runs import Answers
    from tests.faults.scenarios import Scenario


def record(scenarios: Sequence[Scenario], folder: Path, *, jobs: int) -> dict[str, Undisturbed]:
    """Play every scenario undisturbed, each in a process of its own."""
    found: dict[str, Undisturbed] = {}
    for first in range(0, len(scenarios), jobs):
        running = [(scenario.name, fork(partial(_record, scenario, folder))) for scenario in scenarios[first:][:jobs]]
        found |= {name: Undisturbed.from_json(answer_of(collect(*child))) for name, child in running}
    return found


def _record(scenario: Scenario, folder: Path) -> dict[str, Any]:
    host = prepare(scenario, folder / f"recorded-{scenario.name}")
    return go_through(scenario, host, lambda _number, _answers: None).to_json()


@dataclass(frozen=True)
class Share:
    """What one process does of the work.

    Attributes:
        points: of any scenario.
        undisturbed: how each scenario goes, by its name.
        folder: the process's own.
        results: the end of a pipe that takes a line of JSON for each point.
    """

    scenarios: Sequence[Scenario]
    points: Sequence[Point]
    undisturbed: Mapping[str, Undisturbed]
    folder: Path
    results: int

    def work(self) -> None:
        """In a child: one scenario after another, each in a child that is its AWS."""
        self.folder.mkdir()
        for scenario in self.scenarios:
            points: dict[str, list[Point]] = defaultdict(list)
            for point in self.points:
                if point.scenario == scenario.name:
                    points[point.step].append(point)
            if points:
                answer_of(collect(*fork(partial(self._host, scenario, points))))

    def _host(self, scenario: Scenario, points: Mapping[str, Sequence[Point]]) -> None:
        """Go through a scenario, and before each task try its points in copies of the world."""
        host = prepare(scenario, self.folder / scenario.name)
        wanted = self.undisturbed[scenario.name].picture

        def before(number: int, answers: Answers) -> None:
            for point in points.get(scenario.run.steps[number].name, ()):
                place = self.folder / str(point.number)
                trying = partial(try_point, host, scenario, point, number=number, answers=answers)
                child = fork(lambda: trying(wanted=wanted, folder=place).to_json())  # noqa: B023 -- forked at once
                try:
                    document = answer_of(collect(*child))
                except AssertionError as error:
                    document = Tried(point.number, (f"it could not be tried: {error}",)).to_json()
                os.write(self.results, (json.dumps(document) + "\n").encode())

        go_through(scenario, host, before)


def try_all(
    scenarios: Sequence[Scenario],
    points: Sequence[Point],
    undisturbed: Mapping[str, Undisturbed],
    folder: Path,
    *,
    jobs: int,
) -> Iterator[Tried]:
    """Try points in `jobs` processes, and yield what came of each as it comes."""
    running = {}
    for job in range(jobs):
        reading, writing = os.pipe()
        share = Share(scenarios, points[job::jobs], undisturbed, folder / f"job-{job}", writing)
        child = fork(share.work)
        os.close(writing)
        running[reading] = (child, os.fdopen(reading, encoding="utf-8"))
    while running:
        ready, _, _ = select.select(list(running), [], [])
        for reading in ready:
            child, lines = running[reading]
            if line := lines.readline():
                yield Tried.from_json(json.loads(line))
                continue
            lines.close()
            del running[reading]
            answer_of(collect(*child))
