from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text

from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.tables import IS_LIVE, IS_UNFINISHED, IS_UNMIRRORED, uploads
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.promotion import Action, Mirrored
from include.domain.upload import State
from include.ports import PublishedTable
from tests.adapters.ledger_samples import NOON, an_upload, publish
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON + timedelta(hours=1))


@pytest.fixture
def ledger(ledger_engine: Engine, clock: FixedClock) -> SqlUploadLedger:
    return SqlUploadLedger(ledger_engine, clock=clock)


def test_a_database_is_listed_as_soon_as_its_first_upload_is_published(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(1, database="arriving"), actor="a")
    for number, name in enumerate(["b_c", "ba", "b1", "a"], start=2):
        publish(ledger, an_upload(number, database=name))
    assert ledger.databases() == ("a", "b1", "b_c", "ba")


def test_a_name_whose_uploads_were_refused_or_cancelled_or_withdrawn_is_free_again(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(1, database="cancelled"), actor="a")
    ledger.move(an_upload(1).id, State.CANCELLED, actor="a")
    ledger.add(an_upload(2, database="refused"), actor="a")
    ledger.move(an_upload(2).id, State.CHECKING, actor="a")
    ledger.move(an_upload(2).id, State.REFUSED, actor="a")
    publish(ledger, an_upload(3, database="withdrawn"))
    ledger.move(an_upload(3).id, State.WITHDRAWN, actor="a")
    assert ledger.databases() == ()
    assert ledger.tables("refused") == ledger.tables("withdrawn") == ()
    assert ledger.live("withdrawn", "population") == ()


def test_a_table_is_named_by_every_upload_that_was_not_given_up(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(1, database="arriving"), actor="a")
    ledger.add(an_upload(2, database="refused"), actor="a")
    ledger.move(an_upload(2).id, State.CHECKING, actor="a")
    ledger.move(an_upload(2).id, State.REFUSED, actor="a")
    for number in (3, 4):
        publish(ledger, an_upload(number, database="withdrawn"))
        ledger.move(an_upload(number).id, State.WITHDRAWN, actor="a")
    table = an_upload().table
    assert ledger.table_names() == (("arriving", table), ("withdrawn", table))
    assert ledger.table_names(database="arriving") == (("arriving", table),)
    assert ledger.table_names(database="refused") == ()


def test_every_database_is_listed_however_many_there_are(ledger: SqlUploadLedger) -> None:
    many = [asdict(an_upload(number, database=f"d{number:04}", state=State.PUBLISHED)) for number in range(1100)]
    with writing(ledger.engine) as connection:
        whole = {"governance": an_upload().governance, "reading_options": an_upload().reading_options}
        connection.execute(insert(uploads), [row | whole for row in many])
    assert ledger.databases() == tuple(f"d{number:04}" for number in range(1100))


def test_a_table_knows_its_partitions_its_creator_and_when_it_was_last_published(
    ledger: SqlUploadLedger, clock: FixedClock
) -> None:
    publish(ledger, an_upload(9, uploader="first@example.org"))
    clock.advance(minutes=1)
    publish(ledger, an_upload(1, uploader="second@example.org"))
    publish(ledger, an_upload(2, table="a_table", uploader="third@example.org"))
    ledger.add(an_upload(3, uploader="nobody@example.org"), actor="a")
    publish(ledger, an_upload(4, database="another"))
    assert ledger.tables("prisons") == (
        PublishedTable("prisons", "a_table", "third@example.org", 1, clock.now(), clock.now()),
        PublishedTable(
            "prisons", "population", "first@example.org", 2, clock.now(), clock.now() - timedelta(minutes=1)
        ),
    )


def test_the_live_uploads_of_a_table_come_oldest_partition_first(ledger: SqlUploadLedger) -> None:
    for number in (3, 1, 2):
        publish(ledger, an_upload(number))
    ledger.set_promoted(an_upload(2).id, was=None, now="r1", published="r1")
    ledger.add(an_upload(4), actor="a")
    publish(ledger, an_upload(5, table="another"))
    assert [upload.id[-1] for upload in ledger.live("prisons", "population")] == ["1", "2", "3"]


def test_promotion_has_to_do_what_differs_and_nothing_else(ledger: SqlUploadLedger) -> None:
    for number in range(1, 7):
        publish(ledger, an_upload(number))
    for number in (2, 3, 4, 5):
        assert ledger.set_promoted(an_upload(number).id, was=None, now="r1", published="r1")
    ledger.amend(an_upload(3).id, revision="r2")
    ledger.move(an_upload(4).id, State.WITHDRAWN, actor="a")
    ledger.move(an_upload(6).id, State.WITHDRAWN, actor="a")  # before it was ever promoted: nothing to remove
    rows = ledger.mirror()
    assert [(row.upload_id[-1], row.published, row.promoted, row.action) for row in rows] == [
        ("1", "r1", None, Action.ADD),
        ("3", "r2", "r1", Action.REPLACE),
        ("4", None, "r1", Action.REMOVE),
    ]
    assert rows[0] == Mirrored(an_upload(1).id, "prisons", "population", an_upload(1).extraction_timestamp, "r1", None)


def test_the_work_of_promotion_can_be_asked_for_one_database_or_table(ledger: SqlUploadLedger) -> None:
    places = [("a", "x"), ("a", "y"), ("b", "x")]
    for number, (database, table) in enumerate(places):
        publish(ledger, an_upload(number, database=database, table=table))
    assert [(row.database, row.table) for row in ledger.mirror()] == places
    assert [(row.database, row.table) for row in ledger.mirror(database="a")] == places[:2]
    assert [(row.database, row.table) for row in ledger.mirror(database="a", table="y")] == [("a", "y")]
    assert ledger.mirror(database="c") == ()


def test_a_changed_table_is_noted_until_that_very_note_is_forgotten(ledger: SqlUploadLedger) -> None:
    places = [("a", "x"), ("a", "y"), ("b", "x")]
    for database, table in places:
        ledger.note_changed_table(database, table)
    assert [(one.database, one.table) for one in ledger.changed_tables()] == places
    assert [(one.database, one.table) for one in ledger.changed_tables(database="a")] == places[:2]
    (noted,) = ledger.changed_tables(database="a", table="y")
    ledger.note_changed_table("a", "y")
    ledger.forget_changed_tables([noted])
    (later,) = ledger.changed_tables(database="a", table="y")
    assert later.note != noted.note
    ledger.forget_changed_tables([])
    assert [(one.database, one.table) for one in ledger.changed_tables()] == places


def test_promoting_ends_the_difference_and_changes_the_state_once(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    upload = publish(ledger, an_upload())
    assert ledger.set_promoted(upload.id, was=None, now="r1", published="r1")
    promoted = ledger.get(upload.id)
    assert promoted is not None
    assert (promoted.state, promoted.promoted_revision, promoted.promoted_at) == (State.PROMOTED, "r1", clock.now())
    ledger.amend(upload.id, revision="r2")
    assert ledger.set_promoted(upload.id, was="r1", now="r2", published="r2")
    assert [change.state for change in ledger.history(upload.id)][-2:] == [State.PUBLISHED, State.PROMOTED]
    assert ledger.mirror() == ()


@pytest.mark.parametrize(
    ("was", "published"), [(None, "r2"), ("r0", "r1"), (None, None)], ids=["republished", "promoted by another", "none"]
)
def test_promoting_what_moved_meanwhile_is_refused(
    ledger: SqlUploadLedger, was: str | None, published: str | None
) -> None:
    before = publish(ledger, an_upload())
    assert not ledger.set_promoted(before.id, was=was, now="r1", published=published)
    assert ledger.get(before.id) == before


def test_a_withdrawal_during_promotion_wins_and_is_removed_next(ledger: SqlUploadLedger) -> None:
    upload = publish(ledger, an_upload())
    ledger.set_promoted(upload.id, was=None, now="r1", published="r1")
    ledger.amend(upload.id, revision="r2")
    ledger.move(upload.id, State.WITHDRAWN, actor="a")
    assert not ledger.set_promoted(upload.id, was="r1", now="r2", published="r2")
    assert ledger.set_promoted(upload.id, was="r1", now=None, published=None)
    withdrawn = ledger.get(upload.id)
    assert withdrawn is not None
    assert (withdrawn.state, withdrawn.promoted_revision, withdrawn.promoted_at) == (State.WITHDRAWN, None, None)
    assert ledger.mirror() == ()


@pytest.mark.parametrize(
    ("index", "condition"),
    [
        ("ix_uploads_live", IS_LIVE),
        ("ix_uploads_unmirrored", IS_UNMIRRORED),
        ("ix_uploads_unfinished", IS_UNFINISHED),
    ],
)
def test_listings_are_answered_from_their_own_index(ledger: SqlUploadLedger, index: str, condition: object) -> None:
    query = select(uploads.c.database, uploads.c.table).where(condition)  # type: ignore[arg-type]
    sql = str(query.compile(ledger.engine))
    with reading(ledger.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # a planner scans a table as small as this one
            plan = connection.exec_driver_sql(f"EXPLAIN {sql}").all()
        else:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
    assert index in str(plan)


def test_uploads_are_found_by_state_the_earliest_first(ledger: SqlUploadLedger) -> None:
    for number in (3, 1, 2):
        ledger.add(an_upload(number), actor="a")
    ledger.add(an_upload(4, table="staff", created_at=NOON), actor="a")
    ledger.move(an_upload(2).id, State.UPLOADING, actor="a")
    found = ledger.in_states({State.STARTED, State.UPLOADING})
    assert [upload.id for upload in found] == [an_upload(number).id for number in (4, 1, 2, 3)]
    assert [upload.id for upload in ledger.in_states({State.UPLOADING})] == [an_upload(2).id]
    of_table = ledger.in_states({State.STARTED}, database="prisons", table="staff")
    assert [upload.id for upload in of_table] == [an_upload(4).id]
    assert ledger.in_states({State.PUBLISHED, State.STARTED}, database="other") == ()


def test_promotion_takes_only_the_revision_that_is_published(ledger: SqlUploadLedger) -> None:
    upload = publish(ledger, an_upload(1))
    assert not ledger.take(upload.id, published="r0")
    assert ledger.take(upload.id, published="r1")
    assert ledger.take(upload.id, published="r1")
    ledger.move(upload.id, State.WITHDRAWN, actor="a")
    assert not ledger.take(upload.id, published="r1")


def test_what_was_taken_and_withdrawn_before_it_was_promoted_has_to_be_removed(ledger: SqlUploadLedger) -> None:
    upload = publish(ledger, an_upload(1))
    untouched = publish(ledger, an_upload(2))
    assert ledger.take(upload.id, published="r1")
    for withdrawn in (upload, untouched):
        ledger.move(withdrawn.id, State.WITHDRAWN, actor="a")
    left = ledger.mirror()
    assert [(row.upload_id, row.action) for row in left] == [(upload.id, Action.REMOVE)]
    assert ledger.set_promoted(upload.id, was=None, now=None, published=None)
    assert ledger.mirror() == ()
