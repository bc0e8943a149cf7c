from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from include.adapters.ledger.engine import reading
from include.adapters.ledger.tables import UPLOAD_COLUMNS, audit_trail, mails, uploads
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Conflict, NotFound, Refused
from include.domain.findings import Finding, Severity
from include.domain.governance import Governance
from include.domain.reading_options import choose
from include.domain.upload import TRANSITIONS, Door, State, StateChange, Upload
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


FULL = an_upload(
    multipart_id="m-1",
    part_size=16 * 1024**2,
    part_count=3,
    etag="0123-3",
    claimed_at=NOON,
    landed_at=NOON,
    sha256="ab" * 32,
    rows=2**40,
    reading_options=choose(delimiter="tab", text_columns=["id"], null_words=["é", '"', " "], sheet="Blätter"),
    options_since=NOON,
    columns=(("id", "bigint"), ("tags", "array<string>")),
    findings=(
        Finding(
            code="nul",
            title="NUL",
            severity=Severity.ERROR,
            message="There is a NUL.",
            column="a\tb",
            lines=(1, 2**40),
            examples=("a\0b", "\ud800", "🙂", '"', ""),
            details={"header": ["a", None, 1.5], "nested": {"é": True}},
        ),
    ),
    revision="0123456789abcdef",
    promoted_revision="fedcba9876543210",
    published_at=NOON,
    promoted_at=NOON,
)
SPARSE = an_upload(
    door=Door.LANDING,
    size=-1,
    governance=Governance(document=None, reference="", classification=None, confirmed_by="landing", confirmed_at=NOON),
)


@pytest.mark.parametrize("upload", [FULL, SPARSE], ids=["full", "sparse"])
def test_an_upload_comes_back_as_it_was_kept(ledger: SqlUploadLedger, upload: Upload) -> None:
    ledger.add(upload, actor="ann@example.org")
    assert ledger.get(upload.id) == upload
    assert ledger.find("prisons", "population", upload.extraction_timestamp) == upload


def test_there_is_a_column_for_every_field_of_an_upload_and_no_other() -> None:
    assert [column.name for column in UPLOAD_COLUMNS] == [field.name for field in fields(Upload)]
    assert {column.name for column in uploads.columns} - {column.name for column in UPLOAD_COLUMNS} == {
        "columns_digest"
    }


def test_an_upload_that_was_never_added_is_not_there(ledger: SqlUploadLedger) -> None:
    assert ledger.get("0" * 32) is None
    assert ledger.get("\0") is None
    assert ledger.find("prisons", "population", "20260131T120001Z") is None
    assert ledger.history("0" * 32) == ()


def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(ledger: SqlUploadLedger) -> None:
    plus_five = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    ledger.add(an_upload(created_at=plus_five, claimed_at=datetime.max.replace(tzinfo=UTC)), actor="a")
    kept = ledger.get(an_upload().id)
    assert kept is not None
    assert (kept.created_at, kept.created_at.tzinfo) == (NOON, UTC)
    assert kept.claimed_at == datetime.max.replace(tzinfo=UTC)


def test_a_naive_moment_is_refused(ledger: SqlUploadLedger) -> None:
    with pytest.raises(Exception, match="aware datetimes only"):
        ledger.add(an_upload(created_at=NOON.replace(tzinfo=None)), actor="a")
    assert ledger.get(an_upload().id) is None


def test_text_that_no_database_holds_is_kept_with_replacement_characters(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(filename="a\0b\ud800.csv"), actor="a")
    ledger.move(an_upload().id, State.CANCELLED, actor="a", note="why\0")
    kept = ledger.get(an_upload().id)
    assert kept is not None
    assert kept.filename == "a\ufffdb\ufffd.csv"
    assert ledger.history(kept.id)[-1].note == "why\ufffd"


def test_names_of_any_length_are_recorded_so_that_they_can_be_refused(ledger: SqlUploadLedger) -> None:
    upload = an_upload(database="d" * 900, table="T" * 900, extraction_timestamp="f" * 32, filename="é" * 2000)
    ledger.add(upload, actor="landing")
    assert ledger.get(upload.id) == upload


def test_a_partition_is_reserved_once(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(1), actor="a")
    with pytest.raises(Conflict) as refusal:
        ledger.add(an_upload(2, extraction_timestamp=an_upload(1).extraction_timestamp), actor="b")
    assert (refusal.value.code, refusal.value.field) == ("partition_taken", "extraction_timestamp")
    assert ledger.get(an_upload(2).id) is None
    assert ledger.history(an_upload(2).id) == ()


def test_the_same_upload_again_finds_its_partition_taken_by_itself(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(), actor="a")
    with pytest.raises(Conflict, match="already an upload into prisons") as refusal:
        ledger.add(an_upload(), actor="a")
    assert refusal.value.code == "partition_taken"
    assert len(ledger.history(an_upload().id)) == 1


def test_an_id_is_used_once(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(), actor="a")
    with pytest.raises(Conflict) as refusal:
        ledger.add(an_upload(table="another"), actor="a")
    assert refusal.value.code == "upload_exists"


def test_a_move_changes_state_and_fields_and_adds_to_the_history(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    ledger.add(an_upload(), actor="ann@example.org")
    moved = ledger.move(an_upload().id, State.CHECKING, actor="ingest", note="first attempt", etag="e1", size=7)
    assert moved == replace(an_upload(), state=State.CHECKING, etag="e1", size=7, updated_at=clock.now())
    assert ledger.get(moved.id) == moved
    assert ledger.history(moved.id) == (
        StateChange(State.STARTED, an_upload().created_at, "ann@example.org"),
        StateChange(State.CHECKING, clock.now(), "ingest", "first attempt"),
    )


@pytest.mark.parametrize("source", list(State))
def test_a_move_is_allowed_exactly_where_the_domain_allows_it(ledger: SqlUploadLedger, source: State) -> None:
    for number, target in enumerate(State):
        upload = an_upload(number, state=source)
        ledger.add(upload, actor="a")
        if target in TRANSITIONS[source]:
            assert ledger.move(upload.id, target, actor="b").state is target
        else:
            with pytest.raises(Conflict, match=f"is {source.value}; it cannot become {target.value}") as refusal:
                ledger.move(upload.id, target, actor="b", note="no", rows=7)
            assert refusal.value.code == "wrong_state"
            assert ledger.get(upload.id) == upload
            assert [change.state for change in ledger.history(upload.id)] == [source]


def test_a_task_that_runs_twice_enters_its_state_once(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    ledger.add(an_upload(), actor="a")
    ledger.move(an_upload().id, State.CHECKING, actor="b")
    clock.advance(seconds=5)
    again = ledger.move(an_upload().id, State.CHECKING, actor="b", rows=3)
    assert (again.rows, again.updated_at) == (3, clock.now())
    assert [change.state for change in ledger.history(again.id)] == [State.STARTED, State.CHECKING]


def test_a_cleared_run_enters_its_earlier_states_again(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(), actor="a")
    states = [State.CHECKING, State.CONVERTING, State.FAILED, State.CHECKING, State.CONVERTING]
    for state in states:
        ledger.move(an_upload().id, state, actor="b")
    assert [change.state for change in ledger.history(an_upload().id)] == [State.STARTED, *states]


def test_moving_an_upload_that_is_not_there_is_not_found(ledger: SqlUploadLedger) -> None:
    for act in (
        lambda: ledger.move("0" * 32, State.CHECKING, actor="a"),
        lambda: ledger.amend("0" * 32, rows=1),
        lambda: ledger.claim("0" * 32, lease_seconds=60),
        lambda: ledger.set_promoted("0" * 32, was=None, now="r", published="r"),
    ):
        with pytest.raises(NotFound) as refusal:
            act()
        assert refusal.value.code == "no_such_upload"


def test_a_partition_that_is_given_up_may_be_another_uploads(ledger: SqlUploadLedger) -> None:
    first = an_upload(1, state=State.CHECKING)
    ledger.add(first, actor="a")
    assert ledger.move(first.id, State.REFUSED, actor="a", free=True).extraction_timestamp == first.id
    second = an_upload(2, extraction_timestamp=first.extraction_timestamp)
    ledger.add(second, actor="b")
    assert ledger.find(first.database, first.table, first.extraction_timestamp) == second


@pytest.mark.parametrize("name", ["id", "state", "database", "extraction_timestamp", "created_at", "no_such_field"])
def test_what_identifies_an_upload_cannot_be_set(ledger: SqlUploadLedger, name: str) -> None:
    ledger.add(an_upload(), actor="a")
    with pytest.raises(TypeError, match=name):
        ledger.amend(an_upload().id, **{name: "x"})
    assert ledger.get(an_upload().id) == an_upload()


def test_revisions_of_many_are_set_at_once_and_leave_the_others(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    for number in range(3):
        ledger.add(replace(an_upload(number), revision="before"), actor="test")
    clock.advance(seconds=5)
    ledger.set_revisions({an_upload(0).id: "first", an_upload(2).id: "third"})
    ledger.set_revisions({})
    found = [ledger.get(an_upload(number).id) for number in range(3)]
    assert [upload and upload.revision for upload in found] == ["first", "before", "third"]
    assert [upload and upload.updated_at == clock.now() for upload in found] == [True, False, True]


def test_amending_sets_fields_and_leaves_state_and_history(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    ledger.add(an_upload(), actor="a")
    amended = ledger.amend(an_upload().id, findings=FULL.findings, columns=FULL.columns, governance=SPARSE.governance)
    assert amended == replace(
        an_upload(),
        findings=FULL.findings,
        columns=FULL.columns,
        governance=SPARSE.governance,
        updated_at=clock.now(),
    )
    assert len(ledger.history(amended.id)) == 1


def test_a_published_upload_knows_when_it_was_published(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    assert publish(ledger, an_upload(1)).published_at == clock.now()
    ledger.add(an_upload(2), actor="a")
    ledger.move(an_upload(2).id, State.CHECKING, actor="a")
    assert ledger.move(an_upload(2).id, State.PUBLISHED, actor="a", published_at=NOON).published_at == NOON


def test_a_claim_holds_until_its_time_is_over(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    ledger.add(an_upload(), actor="a")
    assert ledger.claim(an_upload().id, lease_seconds=60)
    clock.advance(seconds=59)
    assert not ledger.claim(an_upload().id, lease_seconds=60)
    clock.advance(seconds=1)
    assert ledger.claim(an_upload().id, lease_seconds=60)
    kept = ledger.get(an_upload().id)
    assert kept is not None
    assert kept.claimed_at == clock.now()
    assert not ledger.claim(an_upload().id, lease_seconds=60)


def test_pages_hold_every_upload_once_newest_first(ledger: SqlUploadLedger) -> None:
    for number in range(11):
        # Some were made in the same instant: the id decides.
        ledger.add(an_upload(number, created_at=NOON + timedelta(microseconds=number // 3)), actor="a")
    seen, cursor, pages = [], None, 0
    while True:
        page = ledger.page(limit=3, cursor=cursor)
        seen += [upload.id for upload in page.uploads]
        pages += 1
        cursor = page.next_cursor
        if cursor is None:
            break
        ledger.add(an_upload(100 + pages), actor="a")  # newer ones arrive meanwhile and disturb nothing
    assert seen == [f"{number:032x}" for number in reversed(range(11))]
    assert pages == 4


def test_a_page_may_be_of_one_person(ledger: SqlUploadLedger) -> None:
    for number in range(6):
        ledger.add(an_upload(number, uploader=("ann" if number % 2 else "bob") + "@example.org"), actor="a")
    page = ledger.page(uploader="bob@example.org", limit=2)
    assert [upload.id[-1] for upload in page.uploads] == ["4", "2"]
    page = ledger.page(uploader="bob@example.org", limit=2, cursor=page.next_cursor)
    assert ([upload.id[-1] for upload in page.uploads], page.next_cursor) == (["0"], None)
    assert ledger.page(uploader="eve@example.org").uploads == ()


def test_a_last_page_that_is_full_is_still_the_last(ledger: SqlUploadLedger) -> None:
    for number in range(4):
        ledger.add(an_upload(number), actor="a")
    assert ledger.page(limit=4).next_cursor is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "AAAA", "MjAyNi0wMS0zMVQxMjowMDowMCBh", "ICA", "MjAyNi0wMS0zMVQxMjowMDowMCswMDowMA"]
)
def test_a_cursor_we_did_not_give_out_is_refused(ledger: SqlUploadLedger, cursor: str) -> None:
    with pytest.raises(Refused) as refusal:
        ledger.page(cursor=cursor)
    assert (refusal.value.code, refusal.value.field) == ("bad_cursor", "cursor")


def test_a_page_of_nothing_is_refused(ledger: SqlUploadLedger) -> None:
    with pytest.raises(Refused) as refusal:
        ledger.page(limit=0)
    assert refusal.value.code == "bad_limit"


def test_a_mail_is_remembered_once(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    assert not ledger.mailed("published-1")
    ledger.record_mail("published-1", to="ann@example.org")
    clock.advance(minutes=1)
    ledger.record_mail("published-1", to="ann@example.org")
    assert ledger.mailed("published-1")
    assert not ledger.mailed("published-2")
    with reading(ledger.engine) as connection:
        assert connection.execute(select(mails.c.sent_at)).scalars().all() == [NOON + timedelta(hours=1)]


def test_the_audit_trail_keeps_who_did_what_when(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    ledger.audit(who="ann@example.org", what="upload cancelled", upload_id="1", counts=[1, 2])
    ledger.audit(who="bob@example.org", what="signed in")
    with reading(ledger.engine) as connection:
        rows = connection.execute(select(audit_trail).order_by(audit_trail.c.id)).all()
    assert [tuple(row)[1:] for row in rows] == [
        (clock.now(), "ann@example.org", "upload cancelled", {"upload_id": "1", "counts": [1, 2]}),
        (clock.now(), "bob@example.org", "signed in", {}),
    ]
