from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from include.adapters.ledger.engine import reading
from include.adapters.ledger.identity import SqlIdentityLedger
from include.adapters.ledger.tables import sessions
from include.ports import Session, SignInCode
from tests.adapters.ledger_samples import NOON
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def identity(ledger_engine: Engine, clock: FixedClock) -> SqlIdentityLedger:
    return SqlIdentityLedger(ledger_engine, clock=clock)


CODE = SignInCode("ann@example.org", "hash-1", NOON + timedelta(minutes=10), attempts=0)
SESSION = Session("cookie-hash", "ann@example.org", "csrf-1", NOON, NOON, {"step": 2, "name": "é\0"})


def test_each_attempt_is_counted_before_it_is_answered(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    assert identity.take_attempt("ann@example.org") == replace(CODE, attempts=1)
    assert identity.take_attempt("ann@example.org") == replace(CODE, attempts=2)


def test_an_address_without_a_code_has_none(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    assert identity.take_attempt("bob@example.org") is None
    assert not identity.drop_code("bob@example.org")
    assert identity.codes_since("bob@example.org", NOON) == 0


def test_a_new_code_takes_the_place_of_the_earlier_one(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    identity.take_attempt("ann@example.org")
    second = replace(CODE, code_hash="hash-2")
    identity.save_code(second)
    assert identity.take_attempt("ann@example.org") == replace(second, attempts=1)


def test_a_code_is_used_up_once_and_no_earlier_one_comes_back(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    identity.save_code(replace(CODE, code_hash="hash-2"))
    assert identity.drop_code("ann@example.org")
    assert not identity.drop_code("ann@example.org")
    assert identity.take_attempt("ann@example.org") is None


def test_addresses_are_the_same_in_any_case(identity: SqlIdentityLedger) -> None:
    identity.save_code(replace(CODE, email="Ann@Example.ORG"))
    assert identity.take_attempt("ANN@example.org") == replace(CODE, attempts=1)
    assert identity.codes_since("ann@EXAMPLE.org", NOON) == 1
    assert identity.drop_code("ann@example.orG")


def test_codes_sent_are_counted_even_when_used_or_replaced(identity: SqlIdentityLedger, clock: FixedClock) -> None:
    identity.save_code(CODE)
    identity.drop_code("ann@example.org")
    clock.advance(minutes=5)
    identity.save_code(CODE)
    identity.save_code(CODE)
    identity.save_code(replace(CODE, email="bob@example.org"))
    assert identity.codes_since("ann@example.org", NOON) == 3
    assert identity.codes_since("ann@example.org", NOON + timedelta(minutes=5)) == 2
    assert identity.codes_since("ann@example.org", NOON + timedelta(minutes=6)) == 0


def test_a_session_comes_back_as_it_was_kept(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION)
    assert identity.session("cookie-hash") == SESSION
    assert identity.session("another") is None


def test_a_session_can_be_changed(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION)
    changed = replace(SESSION, seen_at=NOON + timedelta(minutes=1), answers={"step": 3})
    identity.save_session(changed)
    assert identity.session("cookie-hash") == changed


def test_a_session_that_has_ended_stays_ended(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION)
    identity.drop_session("cookie-hash")
    assert identity.session("cookie-hash") is None
    identity.save_session(SESSION)  # by a request that was under way when the person signed out
    assert identity.session("cookie-hash") is None
    identity.drop_session("cookie-hash")
    identity.drop_session("never there")


def test_an_ended_session_keeps_no_answers(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION)
    identity.drop_session("cookie-hash")
    with reading(identity.engine) as connection:
        assert connection.execute(select(sessions.c.answers)).scalars().all() == [{}]


def test_a_token_names_its_owner(identity: SqlIdentityLedger) -> None:
    identity.add_token("token-1", email="Ann@example.org", name="laptop")
    identity.add_token("token-2", email="bob@example.org", name="laptop")
    assert identity.token_email("token-1") == "ann@example.org"
    assert identity.token_email("token-2") == "bob@example.org"
    assert identity.token_email("token-3") is None


def test_a_new_token_of_the_same_name_revokes_the_earlier_one(identity: SqlIdentityLedger) -> None:
    identity.add_token("token-1", email="ann@example.org", name="laptop")
    identity.add_token("token-2", email="ann@example.org", name="server")
    identity.add_token("token-3", email="ANN@example.org", name="laptop")
    assert identity.token_email("token-1") is None
    assert identity.token_email("token-2") == identity.token_email("token-3") == "ann@example.org"


def test_codes_that_ran_out_long_ago_are_counted_and_then_deleted(identity: SqlIdentityLedger) -> None:
    late = NOON + timedelta(days=30)
    identity.save_code(CODE)
    identity.save_code(replace(CODE, email="bob@example.org", expires_at=late))
    assert identity.past_codes(before=late) == 1
    assert identity.past_codes(before=late) == 1  # counting deletes nothing
    assert identity.past_codes(before=late, drop=True) == 1
    assert identity.past_codes(before=late) == 0
    assert identity.take_attempt("ann@example.org") is None
    assert identity.take_attempt("bob@example.org") is not None


def test_sessions_that_ended_or_ran_out_long_ago_are_deleted_and_no_others(
    identity: SqlIdentityLedger, clock: FixedClock
) -> None:
    identity.save_session(replace(SESSION, token_hash="ended"))
    identity.drop_session("ended")
    clock.advance(hours=24 * 40)
    recent = replace(SESSION, created_at=clock.now(), seen_at=clock.now())
    identity.save_session(replace(recent, token_hash="alive"))
    identity.save_session(replace(recent, token_hash="just ended"))
    identity.drop_session("just ended")
    identity.save_session(replace(recent, token_hash="begun long ago", created_at=NOON))
    identity.save_session(replace(recent, token_hash="idle", seen_at=NOON))
    month_ago = clock.now() - timedelta(days=30)
    assert identity.past_sessions(ended=month_ago, begun=month_ago, seen=month_ago) == 3
    assert identity.past_sessions(ended=month_ago, begun=month_ago, seen=month_ago, drop=True) == 3
    assert identity.past_sessions(ended=month_ago, begun=month_ago, seen=month_ago) == 0
    with reading(identity.engine) as connection:
        left = connection.execute(select(sessions.c.token_hash).order_by(sessions.c.token_hash)).scalars().all()
    assert list(left) == ["alive", "just ended"]
