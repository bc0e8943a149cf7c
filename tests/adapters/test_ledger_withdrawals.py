"""Withdrawals in the ledger: who needs an approval, what a decision changes, and who wins against promotion."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
from include.domain.errors import Conflict, NotFound, Refused
from include.domain.upload import State
from include.domain.withdrawal import Approval, Withdrawal
from tests.adapters.ledger_samples import NOON, an_upload, publish
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from sqlalchemy import Engine

UPLOAD = an_upload().id
ANN, EVE = "ann@example.org", "eve"
ROUNDS = 12


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def uploads(ledger_engine: Engine, clock: FixedClock) -> SqlUploadLedger:
    return SqlUploadLedger(ledger_engine, clock=clock)


@pytest.fixture
def ledger(ledger_engine: Engine, clock: FixedClock) -> SqlWithdrawalLedger:
    return SqlWithdrawalLedger(ledger_engine, clock=clock)


def state_of(uploads: SqlUploadLedger, upload_id: str = UPLOAD) -> State:
    upload = uploads.get(upload_id)
    assert upload is not None
    return upload.state


def published(uploads: SqlUploadLedger) -> None:
    publish(uploads, an_upload())


def taken(uploads: SqlUploadLedger) -> None:
    published(uploads)
    assert uploads.take(UPLOAD, published="r1")


def promoted(uploads: SqlUploadLedger) -> None:
    taken(uploads)
    assert uploads.set_promoted(UPLOAD, was=None, now="r1", published="r1")


def ask(ledger: SqlWithdrawalLedger, **changes: Any) -> Withdrawal:
    return ledger.request(UPLOAD, **{"by": ANN, "reason": "The wrong file", **changes})


def approve(ledger: SqlWithdrawalLedger, *, run_id: str = UPLOAD) -> Withdrawal:
    return ledger.decide(UPLOAD, run_id=run_id, by=EVE, approval=Approval.GIVEN)


def decline(ledger: SqlWithdrawalLedger, *, run_id: str = UPLOAD) -> Withdrawal:
    return ledger.decide(UPLOAD, run_id=run_id, by=EVE, approval=Approval.DECLINED)


def test_before_promotion_begins_an_upload_is_withdrawn_at_once(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger
) -> None:
    published(uploads)
    asked = ask(ledger, reason="")
    assert asked == ledger.get(UPLOAD)
    assert asked == Withdrawal(
        upload_id=UPLOAD, requested_by=ANN, reason="", requested_at=NOON, run_id=UPLOAD, approval=Approval.NOT_NEEDED
    )
    upload = uploads.get(UPLOAD)
    assert upload is not None
    assert (upload.state, upload.revision) == (State.WITHDRAWN, None)
    last = uploads.history(UPLOAD)[-1]
    assert (last.state, last.actor) == (State.WITHDRAWN, ANN)
    assert ledger.open() == (asked,)
    assert uploads.live("prisons", "population") == ()
    assert not uploads.take(UPLOAD, published="r1")


@pytest.mark.parametrize("begun", [taken, promoted])
def test_once_promotion_has_begun_an_approval_is_wanted_and_the_upload_stays(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger, begun: Any
) -> None:
    begun(uploads)
    before = state_of(uploads)
    assert ask(ledger).approval is Approval.WANTED
    assert state_of(uploads) is before
    assert [asked.upload_id for asked in ledger.open()] == [UPLOAD]


def test_an_approval_cannot_be_asked_for_without_a_reason(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger
) -> None:
    taken(uploads)
    with pytest.raises(Refused) as refused:
        ask(ledger, reason="")
    assert (refused.value.code, refused.value.field) == ("reason_missing", "reason")
    assert ledger.get(UPLOAD) is None


def test_what_was_taken_and_removed_again_is_free_again(uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger) -> None:
    taken(uploads)
    assert uploads.set_promoted(UPLOAD, was=None, now=None, published="r1")
    assert ask(ledger, reason="").approval is Approval.NOT_NEEDED


def test_an_approved_request_withdraws_the_upload(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger, clock: FixedClock
) -> None:
    promoted(uploads)
    ask(ledger)
    clock.advance(hours=1)
    decided = approve(ledger)
    assert (decided.approval, decided.decided_by, decided.decided_at) == (
        Approval.GIVEN,
        EVE,
        NOON + timedelta(hours=1),
    )
    assert state_of(uploads) is State.WITHDRAWN
    last = uploads.history(UPLOAD)[-1]
    assert (last.state, last.actor, last.note) == (State.WITHDRAWN, ANN, "The wrong file")
    assert [change.upload_id for change in uploads.mirror()] == [UPLOAD]


def test_a_declined_request_changes_nothing_and_may_be_made_again_under_another_run(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger, clock: FixedClock
) -> None:
    promoted(uploads)
    ask(ledger)
    assert decline(ledger).approval is Approval.DECLINED
    assert state_of(uploads) is State.PROMOTED
    assert ledger.open() == ()
    clock.advance(seconds=1)
    again = ask(ledger, reason="It names people")
    assert (again.approval, again.reason, again.decided_by) == (Approval.WANTED, "It names people", None)
    assert again.run_id.startswith(f"{UPLOAD}__")
    assert ledger.open() == (again,)
    # The first run is cleared and answered otherwise: it no longer speaks for the request.
    assert approve(ledger, run_id=UPLOAD) == again
    assert approve(ledger, run_id=again.run_id).stands


def test_what_was_decided_first_stays(uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger) -> None:
    promoted(uploads)
    ask(ledger)
    decided = approve(ledger)
    assert decline(ledger) == decided
    assert state_of(uploads) is State.WITHDRAWN


def test_asking_again_answers_what_was_asked_first(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger, clock: FixedClock
) -> None:
    promoted(uploads)
    asked = ask(ledger, run_id="manual__1")
    clock.advance(seconds=1)
    assert ask(ledger, by="bob@example.org", reason="Another") == asked
    approve(ledger, run_id="manual__1")
    assert ask(ledger, reason="Once more").requested_at == NOON
    assert [change.state for change in uploads.history(UPLOAD)].count(State.WITHDRAWN) == 1


@pytest.mark.parametrize("state", [State.STARTED, State.CHECKING, State.REFUSED, State.CANCELLED])
def test_only_what_is_published_can_be_withdrawn(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger, state: State
) -> None:
    uploads.add(an_upload(state=state), actor="a")
    with pytest.raises(Conflict) as conflict:
        ask(ledger)
    assert conflict.value.code == "wrong_state"
    assert ledger.get(UPLOAD) is None
    assert state_of(uploads) is state


def test_an_unknown_upload_is_not_found(ledger: SqlWithdrawalLedger) -> None:
    with pytest.raises(NotFound):
        ask(ledger)
    assert ledger.get(UPLOAD) is None


def test_what_is_done_is_no_longer_open_and_is_done_once(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger, clock: FixedClock
) -> None:
    published(uploads)
    ask(ledger)
    clock.advance(minutes=1)
    assert ledger.done(UPLOAD).done_at == NOON + timedelta(minutes=1)
    clock.advance(minutes=1)
    assert ledger.done(UPLOAD).done_at == NOON + timedelta(minutes=1)
    assert ledger.open() == ()


def test_what_was_not_decided_cannot_be_done(uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger) -> None:
    promoted(uploads)
    ask(ledger)
    with pytest.raises(Conflict):
        ledger.done(UPLOAD)
    decline(ledger)
    with pytest.raises(Conflict):
        ledger.done(UPLOAD)


def test_every_step_is_in_the_audit_trail_once(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger, ledger_engine: Engine
) -> None:
    promoted(uploads)
    for _ in range(2):
        ask(ledger)
    for _ in range(2):
        approve(ledger)
    for _ in range(2):
        ledger.done(UPLOAD)
    with ledger_engine.connect() as connection:
        trail = connection.execute(select(audit_trail.c.who, audit_trail.c.what, audit_trail.c.details)).all()
    assert [(who, what) for who, what, _ in trail] == [
        (ANN, "withdrawal asked for"),
        (EVE, "withdrawal approved"),
        ("withdraw_upload", "withdrawal carried out"),
    ]
    assert all(details["reason"] == "The wrong file" and details["upload_id"] == UPLOAD for *_, details in trail)


def at_once(*acts: Any) -> list[Any]:
    start = Barrier(len(acts))

    def run(act: Any) -> Any:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_withdrawal_and_the_beginning_of_a_promotion_never_both_win(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger
) -> None:
    for number in range(ROUNDS):
        upload = an_upload(number)
        publish(uploads, upload)
        was_taken, asked = at_once(
            lambda upload=upload: uploads.take(upload.id, published="r1"),
            lambda upload=upload: ledger.request(upload.id, by=ANN, reason="why"),
        )
        assert was_taken is (asked.approval is Approval.WANTED)
        assert state_of(uploads, upload.id) is (State.PUBLISHED if was_taken else State.WITHDRAWN)


def test_an_approval_and_the_end_of_a_promotion_leave_something_to_remove(
    uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger
) -> None:
    for number in range(ROUNDS):
        upload = an_upload(number)
        publish(uploads, upload)
        assert uploads.take(upload.id, published="r1")
        ledger.request(upload.id, by=ANN, reason="why")
        at_once(
            lambda upload=upload: uploads.set_promoted(upload.id, was=None, now="r1", published="r1"),
            lambda upload=upload: ledger.decide(upload.id, run_id=upload.id, by=EVE, approval=Approval.GIVEN),
        )
        assert state_of(uploads, upload.id) is State.WITHDRAWN
        assert upload.id in {change.upload_id for change in uploads.mirror()}


def test_of_many_requests_at_once_one_is_made(uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger) -> None:
    for number in range(ROUNDS):
        upload = an_upload(number)
        publish(uploads, upload)
        if number % 2:
            assert uploads.take(upload.id, published="r1")
        asked = at_once(
            *(lambda upload=upload, by=by: ledger.request(upload.id, by=str(by), reason="why") for by in range(6))
        )
        assert len({one.requested_by for one in asked}) == 1
        assert [change.state for change in uploads.history(upload.id)].count(State.WITHDRAWN) == 1 - number % 2


def test_of_two_answers_at_once_one_counts(uploads: SqlUploadLedger, ledger: SqlWithdrawalLedger) -> None:
    for number in range(ROUNDS):
        upload = an_upload(number)
        publish(uploads, upload)
        assert uploads.take(upload.id, published="r1")
        ledger.request(upload.id, by=ANN, reason="why")
        given, declined = at_once(
            *(
                lambda upload=upload, said=said: ledger.decide(upload.id, run_id=upload.id, by=EVE, approval=said)
                for said in (Approval.GIVEN, Approval.DECLINED)
            )
        )
        assert given == declined
        assert (state_of(uploads, upload.id) is State.WITHDRAWN) is given.stands
