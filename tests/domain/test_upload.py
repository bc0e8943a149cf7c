from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.domain.errors import Refused, TooLarge
from include.domain.upload import (
    ARRIVING,
    CANCELLABLE,
    FINISHED,
    LIVE,
    MAX_PART_SIZE,
    TRANSITIONS,
    State,
    plan_parts,
    sources_of,
)

MIB, TIB = 1024**2, 1024**4
WAITING = {State.WIDENING, State.WAITING_FOR_APPROVAL}
WORKING = {State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING, *WAITING}


def reachable(start: State) -> set[State]:
    """Every state that may follow, however long it takes."""
    found: set[State] = set()
    ahead = set(TRANSITIONS[start])
    while ahead:
        state = ahead.pop()
        if state not in found:
            found.add(state)
            ahead |= TRANSITIONS[state]
    return found


def test_every_state_says_what_may_follow() -> None:
    assert set(TRANSITIONS) == set(State)


def test_every_state_is_reached_from_the_first() -> None:
    assert reachable(State.STARTED) | {State.STARTED} == set(State)


def test_nothing_leads_back_to_arriving() -> None:
    for state in set(State) - ARRIVING:
        assert not reachable(state) & ARRIVING


def test_a_finished_upload_moves_only_as_stated() -> None:
    assert {state: set(TRANSITIONS[state]) for state in FINISHED} == {
        State.PUBLISHED: {State.PROMOTED, State.WITHDRAWN},
        State.PROMOTED: {State.WITHDRAWN},
        State.CANCELLED: set(),
        State.REFUSED: {State.CHECKING},
        State.WITHDRAWN: set(),
    }


@pytest.mark.parametrize("state", sorted(WORKING | {State.FAILED}))
def test_a_cleared_run_enters_any_working_state_again(state: State) -> None:
    assert TRANSITIONS[state] >= WORKING


@pytest.mark.parametrize("state", sorted(WORKING))
def test_work_ends_published_refused_or_failed_and_waiting_is_cancelled_instead_of_failing(state: State) -> None:
    unfinished = State.CANCELLED if state in WAITING else State.FAILED
    assert TRANSITIONS[state] - WORKING == {State.PUBLISHED, State.REFUSED, unfinished}


def test_a_cancel_is_possible_before_the_file_has_landed_and_while_it_waits_for_its_table() -> None:
    assert sources_of(State.CANCELLED) == CANCELLABLE == {State.STARTED, State.UPLOADING} | WAITING


def test_a_file_may_be_claimed_although_nobody_said_it_was_complete() -> None:
    assert sources_of(State.CHECKING) >= ARRIVING


def test_only_what_is_published_is_promoted_or_withdrawn() -> None:
    assert sources_of(State.PROMOTED) == {State.PUBLISHED}
    assert sources_of(State.WITHDRAWN) == LIVE


def test_nothing_is_unfinished_without_a_way_to_finish() -> None:
    for state in set(State) - FINISHED:
        assert reachable(state) & FINISHED


@pytest.mark.parametrize("state", list(State))
def test_sources_are_the_transitions_read_backwards(state: State) -> None:
    assert sources_of(state) == {source for source in State if state in TRANSITIONS[source]}


def test_the_picture_in_the_architecture_document_is_the_table_of_transitions() -> None:
    document = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = document.partition("stateDiagram-v2")[2].partition("```")[0]
    drawn: dict[State, set[State]] = {state: set() for state in State}
    for source, target in re.findall(r"^ *(\w+) --> (\w+)$", picture, re.MULTILINE):
        for state in WORKING if source == "working" else {State(source)}:
            drawn[state] |= WORKING if target == "working" else {State(target)}
    assert drawn == TRANSITIONS
    box = picture.partition("{")[2].partition("}")[0]
    assert set(re.findall(r"\w+", box)) == WORKING
    assert set(re.findall(r"(\w+) --> \[\*\]", picture)) == {state for state in State if not TRANSITIONS[state]}


@settings(deadline=None)
@given(st.integers(0, 5 * TIB), st.integers(5 * MIB, 5 * 1024 * MIB))
@example(0, 5 * MIB)
@example(1, 5 * MIB)
@example(5 * MIB * 10_000, 5 * MIB)
@example(5 * MIB * 10_000 + 1, 5 * MIB)
@example(5 * TIB, 5 * MIB)
@example(40 * TIB, 3 * 1024 * MIB)
@example(MAX_PART_SIZE * 10_000, 5 * MIB)
def test_a_plan_of_parts_covers_the_file_within_the_limits_of_s3(size: int, smallest: int) -> None:
    plan = plan_parts(size, smallest=smallest)
    assert 1 <= plan.count <= 10_000
    assert smallest <= plan.size <= MAX_PART_SIZE
    assert (plan.count - 1) * plan.size < max(size, 1) <= max(plan.count * plan.size, 1)


def test_an_empty_file_is_one_empty_part() -> None:
    assert plan_parts(0, smallest=5 * MIB).count == 1


def test_parts_stay_as_small_as_the_file_allows() -> None:
    assert plan_parts(160_000 * MIB, smallest=16 * MIB).size == 16 * MIB
    assert plan_parts(160_000 * MIB + 1, smallest=16 * MIB).size == 32 * MIB


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        plan_parts(-1, smallest=5 * MIB)
    assert (refusal.value.code, refusal.value.field) == ("bad_size", "size")


def test_more_than_s3_can_hold_is_too_large() -> None:
    with pytest.raises(TooLarge) as refusal:
        plan_parts(MAX_PART_SIZE * 10_000 + 1, smallest=5 * MIB)
    assert (refusal.value.code, refusal.value.status) == ("file_too_large", 413)
