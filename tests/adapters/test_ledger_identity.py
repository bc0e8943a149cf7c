from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from include.adapters.ledger.engine import reading
from include.adapters.ledger.identity import SqlIdentityLedger
from include.adapters.ledger.tables import sessions
from include.ports import ApiToken, KnownToken, Session, SignInCode
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


BROWSER = "browser"
CODE = SignInCode("ann@example.org", BROWSER, "hash-1", NOON + timedelta(minutes=10), attempts=0)
SESSION = Session("cookie-hash", "ann@example.org", "csrf-1", NOON, NOON, {"step": 2, "name": "é\0"})


def test_each_attempt_is_counted_before_it_is_answered(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    assert identity.take_attempt("ann@example.org", BROWSER) == replace(CODE, attempts=1)
    assert identity.take_attempt("ann@example.org", BROWSER) == replace(CODE, attempts=2)


def test_an_address_without_a_code_has_none(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    assert identity.take_attempt("bob@example.org", BROWSER) is None
    assert not identity.drop_code("bob@example.org", BROWSER)


def test_a_new_code_takes_the_place_of_the_earlier_one(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    identity.take_attempt("ann@example.org", BROWSER)
    second = replace(CODE, code_hash="hash-2")
    identity.save_code(second)
    assert identity.take_attempt("ann@example.org", BROWSER) == replace(second, attempts=1)


def test_a_code_is_used_up_once_and_no_earlier_one_comes_back(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    identity.save_code(replace(CODE, code_hash="hash-2"))
    assert identity.drop_code("ann@example.org", BROWSER)
    assert not identity.drop_code("ann@example.org", BROWSER)
    assert identity.take_attempt("ann@example.org", BROWSER) is None


def test_addresses_are_the_same_in_any_case(identity: SqlIdentityLedger) -> None:
    identity.save_code(replace(CODE, email="Ann@Example.ORG"))
    assert identity.take_attempt("ANN@example.org", BROWSER) == replace(CODE, attempts=1)
    assert identity.drop_code("ann@example.orG", BROWSER)


def test_a_code_is_of_one_browser_and_asking_in_another_leaves_it_be(identity: SqlIdentityLedger) -> None:
    identity.save_code(CODE)
    identity.save_code(replace(CODE, entry="another", code_hash="hash-2"))
    assert identity.take_attempt("ann@example.org", "third") is None
    assert identity.take_attempt("ann@example.org", "another") == replace(
        CODE, entry="another", code_hash="hash-2", attempts=1
    )
    assert identity.drop_code("ann@example.org", "another")
    assert identity.take_attempt("ann@example.org", BROWSER) == replace(CODE, attempts=1)


def test_tries_are_counted_from_the_first_and_anew_after_their_time(
    identity: SqlIdentityLedger, clock: FixedClock
) -> None:
    quarter = timedelta(minutes=15)
    assert [identity.count_try("a", within=quarter) for _ in range(3)] == [1, 2, 3]
    assert identity.count_try("b", within=quarter) == 1
    clock.advance(minutes=14, seconds=59)
    assert identity.count_try("a", within=quarter) == 4
    clock.advance(seconds=1)
    assert identity.count_try("a", within=quarter) == 1
    assert identity.count_try("a", within=quarter) == 2


def test_a_session_comes_back_as_it_was_kept(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION)
    assert identity.session("cookie-hash") == SESSION
    assert identity.session("another") is None


def test_what_a_session_answered_and_when_it_was_seen_change_apart(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION)
    identity.save_answers("cookie-hash", {"step": 3})
    identity.see_session("cookie-hash", at=NOON + timedelta(minutes=1))
    assert identity.session("cookie-hash") == replace(SESSION, seen_at=NOON + timedelta(minutes=1), answers={"step": 3})


def test_a_session_that_has_ended_stays_ended(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION, id_token="proof")
    assert identity.id_token("cookie-hash") == "proof"
    identity.drop_session("cookie-hash")
    assert identity.session("cookie-hash") is None
    assert identity.id_token("cookie-hash") is None
    identity.save_answers("cookie-hash", {"step": 3})  # by a request that was under way when the person signed out
    identity.see_session("cookie-hash", at=NOON)
    assert identity.session("cookie-hash") is None
    assert identity.answers_left("cookie-hash", email="ann@example.org") == {}
    identity.drop_session("cookie-hash")
    identity.drop_session("never there")


def test_a_session_that_has_run_out_leaves_its_answers_to_the_same_person(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION, id_token="proof")
    assert not identity.has_run_out("cookie-hash")
    identity.run_out("cookie-hash")
    assert identity.session("cookie-hash") is None
    assert identity.id_token("cookie-hash") is None
    assert identity.has_run_out("cookie-hash")
    assert identity.answers_left("cookie-hash", email="bob@example.org") == {}
    assert identity.answers_left("cookie-hash", email="Ann@example.org") == SESSION.answers
    identity.drop_session("cookie-hash")
    assert identity.answers_left("cookie-hash", email="ann@example.org") == {}
    assert not identity.has_run_out("cookie-hash")
    assert not identity.has_run_out("never there")


def test_the_sessions_of_a_person_are_listed_and_ended_but_for_one(identity: SqlIdentityLedger) -> None:
    for minute, name in enumerate(("one", "two", "three")):
        identity.save_session(replace(SESSION, token_hash=name, seen_at=NOON + timedelta(minutes=minute)))
    identity.save_session(replace(SESSION, token_hash="bob's", email="bob@example.org"))
    identity.drop_session("two")
    assert [each.token_hash for each in identity.sessions_of("ANN@example.org")] == ["three", "one"]
    assert identity.drop_sessions("Ann@example.org", but="one") == 1
    assert [each.token_hash for each in identity.sessions_of("ann@example.org")] == ["one"]
    assert identity.session("bob's") is not None
    assert identity.drop_sessions("ann@example.org") == 1
    assert identity.sessions_of("ann@example.org") == ()
    assert identity.session("bob's") is not None


def test_an_ended_session_keeps_no_answers(identity: SqlIdentityLedger) -> None:
    identity.save_session(SESSION)
    identity.drop_session("cookie-hash")
    with reading(identity.engine) as connection:
        assert connection.execute(select(sessions.c.answers)).scalars().all() == [{}]


def owner(identity: SqlIdentityLedger, token_hash: str) -> str | None:
    known = identity.token(token_hash)
    return known.email if known else None


def test_a_token_names_its_owner(identity: SqlIdentityLedger) -> None:
    identity.add_token("token-1", email="Ann@example.org", name="laptop")
    identity.add_token("token-2", email="bob@example.org", name="laptop")
    assert owner(identity, "token-1") == "ann@example.org"
    assert owner(identity, "token-2") == "bob@example.org"
    assert owner(identity, "token-3") is None


def test_a_new_token_of_the_same_name_revokes_the_earlier_one(identity: SqlIdentityLedger) -> None:
    identity.add_token("token-1", email="ann@example.org", name="laptop", expires_at=NOON)
    identity.see_token("token-1", at=NOON)
    identity.add_token("token-2", email="ann@example.org", name="server")
    identity.add_token("token-3", email="ANN@example.org", name="laptop")
    assert owner(identity, "token-1") is None
    assert owner(identity, "token-2") == owner(identity, "token-3") == "ann@example.org"
    assert identity.token("token-3") == KnownToken("ann@example.org", ApiToken("laptop", NOON, None, None))


def test_tokens_are_listed_seen_and_revoked(identity: SqlIdentityLedger, clock: FixedClock) -> None:
    identity.add_token("token-1", email="ann@example.org", name="laptop")
    clock.advance(minutes=1)
    late = NOON + timedelta(days=30)
    identity.add_token("token-2", email="ann@example.org", name="server", expires_at=late)
    identity.add_token("token-3", email="bob@example.org", name="server")
    identity.see_token("token-1", at=late)
    assert identity.tokens_of("Ann@example.org") == (
        ApiToken("server", NOON + timedelta(minutes=1), None, late),
        ApiToken("laptop", NOON, late, None),
    )
    assert identity.drop_token("ANN@example.org", "server")
    assert not identity.drop_token("ann@example.org", "server")
    assert owner(identity, "token-2") is None
    assert owner(identity, "token-3") == "bob@example.org"


def test_counts_of_tries_that_began_long_ago_are_deleted(identity: SqlIdentityLedger, clock: FixedClock) -> None:
    identity.count_try("old", within=timedelta(minutes=15))
    clock.advance(minutes=20)
    identity.count_try("new", within=timedelta(minutes=15))
    assert identity.past_tries(before=clock.now()) == 1
    assert identity.past_tries(before=clock.now(), drop=True) == 1
    assert identity.count_try("old", within=timedelta(hours=1)) == 1
    assert identity.count_try("new", within=timedelta(hours=1)) == 2


def test_codes_that_ran_out_long_ago_are_counted_and_then_deleted(identity: SqlIdentityLedger) -> None:
    late = NOON + timedelta(days=30)
    identity.save_code(CODE)
    identity.save_code(replace(CODE, email="bob@example.org", expires_at=late))
    assert identity.past_codes(before=late) == 1
    assert identity.past_codes(before=late) == 1  # counting deletes nothing
    assert identity.past_codes(before=late, drop=True) == 1
    assert identity.past_codes(before=late) == 0
    assert identity.take_attempt("ann@example.org", BROWSER) is None
    assert identity.take_attempt("bob@example.org", BROWSER) is not None


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
