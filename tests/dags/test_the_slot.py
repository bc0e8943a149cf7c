"""The night's slot by Airflow's own scheduler: clock changes, missed nights, double starts, pauses, runs by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.domain.promotion import london_date, nights_covered

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
DAG = ROOT / "dags" / "promote_to_analytical_platform.py"

# name: (begins, ends, what happens when); all UTC. The first run of each is that of the slot before it begins.
STORIES = {
    "spring": ("2027-03-27T12:00", "2027-03-29T12:00", ()),
    "autumn 2026": ("2026-10-24T12:00", "2026-10-26T12:00", ()),
    "autumn 2027": ("2027-10-30T12:00", "2027-11-01T12:00", ()),
    "three missed nights": (
        "2027-01-10T12:00",
        "2027-01-15T12:00",
        (("2027-01-10T13:00", "down"), ("2027-01-14T09:00", "comes_up")),
    ),
    "three missed nights, the scheduler before the parser": (
        "2027-01-10T12:00",
        "2027-01-15T12:00",
        (("2027-01-10T13:00", "down"), ("2027-01-14T09:00", "comes_up_unparsed")),
    ),
    "down over the spring night": (
        "2027-03-27T12:00",
        "2027-03-29T12:00",
        (("2027-03-28T00:30", "down"), ("2027-03-28T05:00", "comes_up")),
    ),
    "double start": (
        "2027-01-10T12:00",
        "2027-01-12T12:00",
        (("2027-01-11T01:00", "second_scheduler"),),
    ),
    "double start in the spring night": (
        "2027-03-27T12:00",
        "2027-03-29T12:00",
        (("2027-03-28T01:00", "second_scheduler"),),
    ),
    "paused and unpaused": (
        "2027-01-10T12:00",
        "2027-01-15T12:00",
        (("2027-01-10T13:00", "pause"), ("2027-01-14T09:00", "unpause")),
    ),
    "by hand": (
        "2027-01-10T12:00",
        "2027-01-12T12:00",
        (("2027-01-11T00:30", "by_hand"), ("2027-01-11T10:00", "by_hand")),
    ),
}


@dataclass(frozen=True)
class Run:
    """A run that Airflow created."""

    run_id: str
    run_type: str
    run_after: datetime
    created: datetime

    @property
    def night(self) -> date:
        """The London date under which it reports."""
        return london_date(self.run_after)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Run]]:
    """The runs of every story."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }
    stories = [
        {
            "name": name,
            "begins": f"{begins}+00:00",
            "ends": f"{ends}+00:00",
            "events": [{"at": f"{at}+00:00", "what": what} for at, what in events],
        }
        for name, (begins, ends, events) in STORIES.items()
    ]
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "dags" / "slots.py"), str(DAG)],
        input=json.dumps(stories),
        env=environment,
        capture_output=True,
        text=True,
        timeout=850,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return {
        name: [
            Run(
                one["run_id"],
                one["run_type"],
                datetime.fromisoformat(one["run_after"]),
                datetime.fromisoformat(one["created"]),
            )
            for one in runs
        ]
        for name, runs in json.loads(done.stdout.partition("LIVED")[2]).items()
    }


pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]


def scheduled(runs: list[Run]) -> list[Run]:
    return [run for run in runs if run.run_type == "scheduled"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize("story", STORIES)
def test_every_london_date_is_covered_by_exactly_one_night(lived: Mapping[str, list[Run]], story: str) -> None:
    runs = scheduled(lived[story])
    nights = [run.night for run in runs]
    covered: list[date] = []
    for run, last in zip(runs, [None, *nights], strict=False):
        covered += nights_covered(run.night, last=last)
    first, end = nights[0], london_date(at(STORIES[story][1]))
    assert covered == [first + timedelta(days=day) for day in range((end - first).days + 1)]
    assert len({run.run_id for run in runs}) == len(runs) == len(set(nights))


@pytest.mark.parametrize(
    ("story", "slots"),
    [
        ("spring", ["2027-03-27T01:00", "2027-03-28T01:00", "2027-03-29T00:00"]),
        ("autumn 2026", ["2026-10-24T00:00", "2026-10-25T01:00", "2026-10-26T01:00"]),
        ("autumn 2027", ["2027-10-30T00:00", "2027-10-31T01:00", "2027-11-01T01:00"]),
    ],
)
def test_the_slot_of_a_clock_change_runs_once_at_its_hour(
    lived: Mapping[str, list[Run]], story: str, slots: list[str]
) -> None:
    runs = lived[story]
    assert [run.run_after for run in runs] == [at(slot) for slot in slots]
    assert [run.created for run in runs[1:]] == [run.run_after for run in runs[1:]]


def test_after_three_missed_nights_one_run_comes_at_once(lived: Mapping[str, list[Run]]) -> None:
    _, after, following = lived["three missed nights"]
    assert (after.night, after.created) == (date(2027, 1, 14), at("2027-01-14T09:00"))
    assert (following.night, following.created) == (date(2027, 1, 15), at("2027-01-15T01:00"))


def test_a_scheduler_that_is_quicker_than_the_parser_first_makes_the_run_it_had_in_mind(
    lived: Mapping[str, list[Run]],
) -> None:
    runs = lived["three missed nights, the scheduler before the parser"]
    assert [run.night.day for run in runs] == [10, 11, 14, 15]
    assert [run.created for run in runs[1:3]] == [at("2027-01-14T09:00"), at("2027-01-14T09:30")]


def test_a_night_that_was_missed_by_hours_runs_in_the_same_night(lived: Mapping[str, list[Run]]) -> None:
    run = lived["down over the spring night"][1]
    assert (run.night, run.created) == (date(2027, 3, 28), at("2027-03-28T05:00"))


@pytest.mark.parametrize("story", ["double start", "double start in the spring night"])
def test_two_schedulers_make_one_run_of_a_slot(lived: Mapping[str, list[Run]], story: str) -> None:
    assert len(lived[story]) == 3


def test_a_dag_that_was_paused_runs_its_last_slot_once_it_is_not(lived: Mapping[str, list[Run]]) -> None:
    runs = lived["paused and unpaused"]
    assert [run.night.day for run in runs] == [10, 14, 15]
    assert runs[1].created == at("2027-01-14T09:00")


def test_runs_by_hand_take_no_slots_place(lived: Mapping[str, list[Run]]) -> None:
    runs = lived["by hand"]
    assert [(run.run_type, run.run_after) for run in runs] == [
        ("scheduled", at("2027-01-10T01:00")),
        ("manual", at("2027-01-11T00:30")),
        ("scheduled", at("2027-01-11T01:00")),
        ("manual", at("2027-01-11T10:00")),
        ("scheduled", at("2027-01-12T01:00")),
    ]
