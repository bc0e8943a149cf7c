"""That the enumeration says what it found: points that survive, and worlds that came out otherwise."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from tests.faults.judge import wrong_with
from tests.faults.kinds import Call, Kind
from tests.faults.picture import differences
from tests.faults.play import CLEARS, KILLED, PASSES, Played
from tests.faults.points import Undisturbed, expect_worth_trying, points_of
from tests.faults.scenarios import FAULTS

WANTED: dict[str, Any] = {"landing": [], "mails": ["1-published"], "sent": ["1-published <id>"]}


def played(**changes: Any) -> Played:
    return Played(**{"picture": WANTED, "struck": True, "stops": Counter({KILLED: 1}), **changes})


def test_a_few_points_of_an_ingestion_are_tried_and_survive() -> None:
    command = [sys.executable, "-m", "tests.faults", "--scenario", "first", "--sample", "8", "--seed", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "8 points tried, 8 survived" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_a_world_that_came_out_as_undisturbed_has_nothing_wrong() -> None:
    assert wrong_with(played(), WANTED) == []


def test_a_file_left_behind_is_told() -> None:
    left = {**WANTED, "landing": ["s3://landing/x"]}
    assert wrong_with(played(picture=left), WANTED) == ["/landing: ['s3://landing/x'] where [] was expected"]


def test_a_fault_that_never_struck_is_not_survived() -> None:
    assert wrong_with(played(struck=False), WANTED) != []


def test_a_run_that_is_cleared_again_and_again_is_not_survived() -> None:
    assert wrong_with(played(picture=None, cleared=CLEARS + 1, messages=["publish: terminal"]), WANTED) != []


def test_the_mail_of_a_failed_run_is_allowed_and_a_second_message_of_the_same_id_is_not() -> None:
    failed = {**WANTED, "mails": ["1-failed", "1-published"], "sent": ["1-failed <f>", "1-published <id>"]}
    twice = {**WANTED, "sent": ["1-published <another>", "1-published <id>"]}
    assert wrong_with(played(picture=failed, stops=Counter({PASSES: 1})), WANTED) == []
    assert wrong_with(played(picture=twice), WANTED) != []


def test_what_was_wrong_where_it_stopped_is_not_survived_however_it_came_out() -> None:
    assert wrong_with(played(promises=["two partitions"]), WANTED) == ["where it stopped: two partitions"]


SENT = ("platform s3:CopyObject /x", "platform glue:UpdateTable /", "platform glue:CreatePartition /")
UPDATED = "platform glue:BatchUpdatePartition /"
BOTH = {"uploads": [{"id": "01", "state": "promoted"}, {"id": "02", "state": "promoted"}]}
PROMOTES = next(scenario for scenario in FAULTS if scenario.name == "promotes")


def test_a_scenario_that_ends_and_does_as_it_says_is_worth_trying() -> None:
    expect_worth_trying(PROMOTES, Undisturbed((), BOTH, (*SENT, UPDATED)))


def test_a_scenario_that_never_does_what_it_is_about_is_not_tried() -> None:
    with pytest.raises(AssertionError, match=r"promotes never does .*BatchUpdatePartition"):
        expect_worth_trying(PROMOTES, Undisturbed((), BOTH, SENT))


def test_a_scenario_whose_uploads_end_otherwise_is_not_tried() -> None:
    ended = {"uploads": [{"id": "01", "state": "promoted"}, {"id": "02", "state": "widening"}]}
    with pytest.raises(AssertionError, match="promotes ends with"):
        expect_worth_trying(PROMOTES, Undisturbed((), ended, (*SENT, UPDATED)))


def test_differences_name_the_place() -> None:
    assert differences({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}) == ["/a/b/1: 2 where 3 was expected"]


def test_points_are_numbered_in_the_order_of_calls_and_a_read_is_not_killed_after() -> None:
    calls = (("check", Call("s3", "HeadObject", 1), False), ("publish", Call("glue", "CreateTable", 1), False))
    points = list(points_of([(FAULTS[0], Undisturbed(calls, WANTED))]))
    assert [point.number for point in points] == list(range(1, len(points) + 1))
    reading = {point.kind for point in points if point.call.operation == "HeadObject"}
    creating = {point.kind for point in points if point.call.operation == "CreateTable"}
    assert reading == set(Kind) - {Kind.KILLED_AFTER, Kind.CONFLICT, Kind.MEANWHILE}
    assert creating == set(Kind) - {Kind.MEANWHILE}
