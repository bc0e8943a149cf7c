from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.promotion import Action, ChangedTable, Mirrored, TablePlan, london_date, nights_covered, plan

REVISIONS = st.none() | st.sampled_from(["r1", "r2"])
ROWS = st.lists(
    st.builds(
        Mirrored,
        upload_id=st.uuids().map(lambda uuid: uuid.hex),
        database=st.sampled_from("ab"),
        table=st.sampled_from("xy"),
        extraction_timestamp=st.integers(10, 99).map(lambda second: f"20260101T0000{second:02}Z"),
        published=REVISIONS,
        promoted=REVISIONS,
    ),
    unique_by=lambda row: (row.database, row.table, row.extraction_timestamp),
)


def applied(row: Mirrored, action: Action | None) -> Mirrored:
    """The row after doing what was planned."""
    match action:
        case None:
            return row
        case Action.REMOVE:
            return replace(row, promoted=None)
        case Action.ADD:
            assert row.promoted is None
            return replace(row, promoted=row.published)
        case Action.REPLACE:
            assert row.promoted is not None
            return replace(row, promoted=row.published)


@settings(deadline=None)
@given(ROWS)
def test_doing_what_is_planned_makes_both_sides_equal_and_the_next_plan_empty(rows: list[Mirrored]) -> None:
    planned = {change.upload_id: change.action for table in plan(rows) for change in table.changes}
    after = [applied(row, planned.get(row.upload_id)) for row in rows]
    assert all(row.published == row.promoted for row in after)
    assert plan(after) == ()


@settings(deadline=None)
@given(ROWS)
def test_a_plan_names_each_difference_once_by_table_and_oldest_first(rows: list[Mirrored]) -> None:
    tables = plan(rows)
    places = [(table.database, table.table) for table in tables]
    assert places == sorted(set(places))
    for table in tables:
        assert table.changes
        timestamps = [change.extraction_timestamp for change in table.changes]
        assert timestamps == sorted(timestamps)
        assert {(change.database, change.table) for change in table.changes} == {(table.database, table.table)}
    differing = {row.upload_id for row in rows if row.published != row.promoted}
    assert sorted(change.upload_id for table in tables for change in table.changes) == sorted(differing)


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_the_ledger(rows: list[Mirrored], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan(shuffled) == plan(rows)


@pytest.mark.parametrize(
    ("published", "promoted", "action"),
    [
        (None, None, None),
        ("r1", "r1", None),
        ("r1", None, Action.ADD),
        ("r2", "r1", Action.REPLACE),
        (None, "r1", Action.REMOVE),
    ],
)
def test_the_action_follows_from_the_two_sides(
    published: str | None, promoted: str | None, action: Action | None
) -> None:
    row = Mirrored("u", "d", "t", "20260101T000000Z", published, promoted)
    assert row.action is action
    assert plan([row]) == (() if action is None else (TablePlan("d", "t", (row,)),))


def test_a_table_that_changed_is_planned_once_with_its_partitions_or_without_any() -> None:
    row = Mirrored("u", "d", "t", "20260101T000000Z", "r1", None)
    changed = [ChangedTable("1", "d", "t"), ChangedTable("2", "a", "t"), ChangedTable("3", "a", "t")]
    assert plan([row], changed=changed) == (TablePlan("a", "t", ()), TablePlan("d", "t", (row,)))


@pytest.mark.parametrize(
    ("last", "covered"),
    [
        (None, [28]),
        (date(2027, 3, 27), [28]),
        (date(2027, 3, 25), [26, 27, 28]),
        (date(2027, 3, 28), [28]),  # reported already
        (date(2027, 3, 30), [28]),  # a later night was: a cleared one covers itself
    ],
)
def test_a_night_covers_those_since_the_last_one_and_always_itself(last: date | None, covered: list[int]) -> None:
    assert nights_covered(date(2027, 3, 28), last=last) == tuple(date(2027, 3, day) for day in covered)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 31, 1, 0, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1)),  # midnight in summer
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), date(2027, 3, 28)),  # clocks go forward
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), date(2026, 10, 25)),  # clocks go back
    ],
)
def test_a_night_belongs_to_its_date_in_london(moment: datetime, day: date) -> None:
    assert london_date(moment) == day
