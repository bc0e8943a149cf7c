"""The wrong-table guard: who is asked before a file goes into a table that is there, and what they are told."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail
from include.domain.errors import Forbidden
from include.domain.upload import State
from include.domain.wrong_table import Reason, columns_unlike_table, differences
from include.services import uploading, wrong_table
from include.services.wrong_table import ConfirmNeeded
from tests.fakes.front import ANALYST, COLLEAGUE, SURE, Front, announcement, make_front

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.upload import Upload

OTHER = ("species", "island")
WHERE = ("travel", "trips")


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def audited(front: Front, what: str) -> list[dict[str, Any]]:
    trail = audit_trail.c
    with front.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        rows = connection.execute(select(trail.who, trail.details).where(trail.what == what).order_by(trail.id))
        return [{"who": who, **details} for who, details in rows]


def reasons(front: Front, *, by: str, columns: tuple[str, ...] = ()) -> tuple[Reason, ...]:
    asked = wrong_table.question(front.context, *WHERE, by=by, columns=columns)
    return asked.reasons if asked else ()


def test_nothing_is_asked_of_a_new_table(front: Front) -> None:
    assert reasons(front, by=COLLEAGUE, columns=OTHER) == ()
    assert front.start(columns=OTHER).confirmed is False


def test_somebody_who_has_not_used_a_table_is_told_whose_it_is_and_who_added_last(front: Front) -> None:
    uploads = []
    for _ in range(7):
        front.clock.advance(seconds=60)
        uploads.append(front.publish())

    asked = wrong_table.question(front.context, *WHERE, by=COLLEAGUE)
    assert asked is not None
    assert (asked.reasons, asked.owner, asked.differences) == ((Reason.NOT_USED_BEFORE,), ANALYST, None)
    assert [last.extraction_timestamp for last in asked.last] == [
        upload.extraction_timestamp for upload in reversed(uploads[2:])
    ]
    assert {last.uploader for last in asked.last} == {ANALYST}


def test_who_owns_a_table_has_used_it_though_another_made_it(front: Front) -> None:
    front.publish()
    front.owners.owners[WHERE] = COLLEAGUE
    assert reasons(front, by=COLLEAGUE) == ()
    assert reasons(front, by=ANALYST) == ()  # who has uploads in it


def test_one_confirmed_upload_under_way_is_use_enough_for_the_next(front: Front) -> None:
    front.publish()
    upload = front.start(uploader=COLLEAGUE, confirmed=SURE)
    assert reasons(front, by=COLLEAGUE) == ()

    uploading.cancel_upload(front.context, upload.id, by=COLLEAGUE)
    assert reasons(front, by=COLLEAGUE) == (Reason.NOT_USED_BEFORE,)


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN])
def test_what_was_refused_or_withdrawn_is_no_use_of_a_table(front: Front, state: State) -> None:
    front.publish()
    if state is State.REFUSED:
        upload = front.land(uploader=COLLEAGUE, confirmed=SURE)
        front.context.ledger.move(upload.id, State.CHECKING, actor="pipeline")
    else:
        upload = front.publish(uploader=COLLEAGUE, confirmed=SURE)
    front.context.ledger.move(upload.id, state, actor="pipeline")
    assert reasons(front, by=COLLEAGUE) == (Reason.NOT_USED_BEFORE,)


def test_use_of_another_table_is_no_use_of_this_one(front: Front) -> None:
    front.publish()
    front.publish("travel", "hotels", uploader=COLLEAGUE)
    assert reasons(front, by=COLLEAGUE) == (Reason.NOT_USED_BEFORE,)


@pytest.mark.parametrize("prepare", [Front.start, Front.land, Front.wait], ids=["announced", "landed", "ingested"])
def test_a_table_that_somebody_else_is_making_is_asked_about_and_they_are_named(front: Front, prepare: Any) -> None:
    prepare(front)
    asked = wrong_table.question(front.context, *WHERE, by=COLLEAGUE, columns=OTHER)
    assert asked is not None
    assert (asked.reasons, asked.owner, asked.being_made) == ((Reason.NOT_USED_BEFORE,), ANALYST, True)
    with pytest.raises(ConfirmNeeded, match=f"is under way, and {ANALYST} will own it"):
        front.start(uploader=COLLEAGUE, create=True)

    front.start(uploader=COLLEAGUE, create=True, confirmed=SURE)
    assert reasons(front, by=COLLEAGUE) == reasons(front, by=ANALYST) == ()
    assert reasons(front, by="third@example.org") == (Reason.NOT_USED_BEFORE,)


def test_of_two_who_announce_the_same_new_table_at_the_same_moment_the_second_is_asked(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = wrong_table.question
    first: list[Upload] = []

    def asked_before_the_other_came(*where: Any, by: str, columns: tuple[str, ...]) -> wrong_table.Question | None:
        asked = ask(*where, by=by, columns=columns)
        if by == COLLEAGUE and not first:
            first.append(front.start())
        return asked

    monkeypatch.setattr(wrong_table, "question", asked_before_the_other_came)
    with pytest.raises(ConfirmNeeded):
        front.start(uploader=COLLEAGUE)
    assert front.context.ledger.page().uploads == tuple(front.context.ledger.get(upload.id) for upload in first)


def test_who_makes_a_table_or_is_to_own_it_is_not_asked_about_it(front: Front) -> None:
    for _ in range(3):
        front.start()  # many files of one person into one new table
    assert reasons(front, by=ANALYST) == ()

    front.owners.owners[WHERE] = COLLEAGUE
    assert reasons(front, by=COLLEAGUE) == ()
    asked = wrong_table.question(front.context, *WHERE, by="third@example.org")
    assert asked is not None
    assert asked.owner == COLLEAGUE


def test_an_upload_that_was_cancelled_makes_no_table(front: Front) -> None:
    upload = front.start()
    front.start(table="hotels")
    uploading.cancel_upload(front.context, upload.id, by=ANALYST)
    assert reasons(front, by=COLLEAGUE) == ()


def test_even_the_owner_is_asked_about_columns_unlike_the_tables(front: Front) -> None:
    front.publish()
    asked = wrong_table.question(front.context, *WHERE, by=ANALYST, columns=OTHER)
    assert asked is not None
    assert asked.reasons == (Reason.COLUMNS_UNLIKE,)
    assert asked.differences == differences(OTHER, ("year",))
    assert reasons(front, by=ANALYST, columns=("Year", "place")) == ()


def test_columns_like_those_of_one_of_the_last_files_are_not_asked_about(front: Front) -> None:
    upload = front.publish()
    front.context.ledger.amend(upload.id, columns=tuple((name, "string") for name in OTHER))
    assert reasons(front, by=ANALYST, columns=OTHER) == ()


def test_an_upload_waits_for_every_reason_to_be_confirmed(front: Front) -> None:
    front.publish()
    with pytest.raises(ConfirmNeeded) as needed:
        front.start(uploader=COLLEAGUE, columns=OTHER, confirmed=frozenset({Reason.NOT_USED_BEFORE}))
    problem = needed.value
    assert (problem.status, problem.code, problem.field) == (409, "confirm_needed", "confirm")
    assert problem.question.reasons == (Reason.NOT_USED_BEFORE, Reason.COLUMNS_UNLIKE)
    assert f"its owner is {ANALYST}" in problem.detail
    assert "The table does not have 2 columns of the file: species, island." in problem.detail
    assert len(front.context.ledger.page().uploads) == 1
    assert front.multipart.open == {}

    upload = front.start(uploader=COLLEAGUE, columns=OTHER, confirmed=SURE)
    assert upload.confirmed
    assert front.context.ledger.get(upload.id) == upload


def test_asking_to_create_a_table_that_others_have_made_meanwhile_is_asked_about_too(front: Front) -> None:
    front.publish()
    with pytest.raises(ConfirmNeeded):
        front.start(uploader=COLLEAGUE, create=True)


def test_a_confirmed_table_alone_does_not_confirm_columns(front: Front) -> None:
    front.publish()
    upload = front.start(uploader=COLLEAGUE, confirmed=frozenset({Reason.NOT_USED_BEFORE}))
    assert upload.confirmed is False


def test_a_confirmation_is_audited_with_who_which_table_and_why(front: Front) -> None:
    front.publish()
    assert audited(front, "table confirmed") == []
    upload = front.start(uploader=COLLEAGUE, columns=OTHER, confirmed=SURE)
    front.start(uploader=COLLEAGUE, confirmed=SURE)  # about which there was nothing to ask
    assert audited(front, "table confirmed") == [
        {
            "who": COLLEAGUE,
            "database": "travel",
            "table": "trips",
            "reasons": ["not_used_before", "columns_unlike"],
            "upload_id": upload.id,
        }
    ]


def test_the_error_goes_from_process_to_process_whole(front: Front) -> None:
    front.publish()
    with pytest.raises(ConfirmNeeded) as needed:
        front.start(uploader=COLLEAGUE)
    again = pickle.loads(pickle.dumps(needed.value))  # noqa: S301
    assert (again.question, again.detail) == (needed.value.question, needed.value.detail)


def test_the_last_upload_that_was_refused_for_its_columns_can_be_asked_about_again(front: Front) -> None:
    front.publish()
    upload = front.land(columns=("year",))
    finding = columns_unlike_table(differences(OTHER, ("year",)))
    front.context.ledger.amend(upload.id, findings=(finding,))
    for state in (State.CHECKING, State.REFUSED):
        front.context.ledger.move(upload.id, state, actor="pipeline")
    refused = wrong_table.refused_for_columns(front.context, *WHERE, by=ANALYST)
    assert refused is not None
    assert refused.id == upload.id

    asked = wrong_table.question_of_refused(front.context, upload.id, by=ANALYST, destination=WHERE)
    assert asked is not None
    assert (asked.reasons, asked.differences) == ((Reason.COLUMNS_UNLIKE,), differences(OTHER, ("year",)))
    for wrong in (
        {"by": COLLEAGUE, "destination": WHERE},
        {"by": ANALYST, "destination": ("travel", "hotels")},
    ):
        assert wrong_table.question_of_refused(front.context, upload.id, **wrong) is None  # type: ignore[arg-type]
    front.clock.advance(seconds=1)
    front.start()
    assert wrong_table.refused_for_columns(front.context, *WHERE, by=ANALYST) is None


# --- restricted tables -----------------------------------------------------------------------------------------------


def test_a_restricted_table_takes_files_of_the_named_people_alone_and_names_whom_to_ask(front: Front) -> None:
    front.publish()
    front.owners.restricted[WHERE] = ("ann@example.org", ANALYST, "bob@example.org", "eve@example.org", "landing")
    with pytest.raises(Forbidden) as refused:
        front.start(uploader=COLLEAGUE, confirmed=SURE)
    assert (refused.value.code, refused.value.field) == ("table_restricted", "table")
    assert f"Ask {ANALYST}, ann@example.org or bob@example.org or another of them" in refused.value.detail
    assert "landing" not in refused.value.detail
    assert audited(front, "restricted table refused") == [{"who": COLLEAGUE, "database": "travel", "table": "trips"}]
    assert len(front.context.ledger.page().uploads) == 1
    assert front.start(uploader=ANALYST).uploader == ANALYST


def test_a_table_that_is_not_there_yet_may_be_restricted_too(front: Front) -> None:
    front.owners.restricted[WHERE] = (ANALYST,)
    with pytest.raises(Forbidden):
        uploading.send_file(front.context, announcement(), path=None, uploader=COLLEAGUE)  # type: ignore[arg-type]
    assert front.start(uploader=ANALYST)
