"""Sessions: how they begin, last and end, and what of one that ran out comes back."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

import pytest

from include.services import signing_in
from include.services.signing_in import begin_session, session_of
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.fakes.trail import trail_of

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS = {"database": {"name": "travel", "new": True}}


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def begin(front: Front, email: str = ANALYST, *, before: str | None = None) -> signing_in.OpenedSession:
    return begin_session(front.context, email, by="code", before=before)


def test_each_session_has_secrets_of_its_own_and_the_one_before_ends(front: Front) -> None:
    first = begin(front)
    second = begin(front, before=first.token)

    assert first.token != second.token
    assert first.session.csrf != second.session.csrf
    assert session_of(front.context, first.token) is None
    assert session_of(front.context, second.token) == second.session


def test_the_secrets_of_a_session_have_256_bits_and_no_two_are_alike(front: Front) -> None:
    opened = [begin(front) for _ in range(3)]
    secrets = [secret for each in opened for secret in (each.token, each.session.csrf)]

    assert {len(urlsafe_b64decode(f"{secret}=")) for secret in secrets} == {32}
    assert len(set(secrets)) == len(secrets)


def test_a_session_ends_when_it_was_idle_for_an_hour_to_the_second(front: Front) -> None:
    token = begin(front).token
    front.clock.advance(minutes=59, seconds=59)
    assert session_of(front.context, token)
    front.clock.advance(minutes=59, seconds=59)
    assert session_of(front.context, token)

    front.clock.advance(minutes=60)
    assert session_of(front.context, token) is None
    front.clock.advance(hours=-1)
    assert session_of(front.context, token) is None  # it does not come back


def test_a_session_ends_after_twelve_hours_to_the_second_however_busy(front: Front) -> None:
    token = begin(front).token
    for _ in range(12 * 2 - 1):
        front.clock.advance(minutes=30)
        assert session_of(front.context, token)
    front.clock.advance(minutes=29, seconds=59)
    assert session_of(front.context, token)

    front.clock.advance(seconds=1)
    assert session_of(front.context, token) is None


def test_when_a_session_was_last_seen_is_written_at_most_once_a_minute(front: Front) -> None:
    opened = begin(front)
    front.clock.advance(seconds=59)
    seen = session_of(front.context, opened.token)
    assert seen is not None
    assert seen.seen_at == opened.session.seen_at

    front.clock.advance(seconds=1)
    seen = session_of(front.context, opened.token)
    assert seen is not None
    assert seen.seen_at == front.clock.now()


def test_answers_of_one_request_outlast_another_that_only_looked(front: Front) -> None:
    opened = begin(front)
    front.clock.advance(minutes=5)
    signing_in.keep_answers(front.context, opened.session, ANSWERS)
    front.context.identity.see_session(opened.session.token_hash, at=front.clock.now())

    kept = session_of(front.context, opened.token)
    assert kept is not None
    assert kept.answers == ANSWERS


def test_signing_out_ends_a_session_and_its_answers(front: Front) -> None:
    opened = begin(front)
    session = signing_in.keep_answers(front.context, opened.session, ANSWERS)
    signing_in.close_session(front.context, session)

    assert session_of(front.context, opened.token) is None
    assert not signing_in.has_run_out(front.context, opened.token)
    assert begin(front, before=opened.token).session.answers == {}


def test_who_signs_in_again_after_a_session_ran_out_goes_on_with_the_answers(front: Front) -> None:
    opened = begin(front)
    signing_in.keep_answers(front.context, opened.session, ANSWERS)
    front.clock.advance(hours=1)
    assert session_of(front.context, opened.token) is None
    assert signing_in.has_run_out(front.context, opened.token)

    again = begin(front, before=opened.token)

    assert again.session.answers == ANSWERS
    assert session_of(front.context, again.token) == again.session
    assert begin(front, before=opened.token).session.answers == {}  # they are left once


def test_somebody_else_in_the_same_browser_gets_none_of_the_answers(front: Front) -> None:
    opened = begin(front)
    signing_in.keep_answers(front.context, opened.session, ANSWERS)
    front.clock.advance(hours=1)
    assert session_of(front.context, opened.token) is None

    assert begin(front, COLLEAGUE, before=opened.token).session.answers == {}
    assert begin(front, before=opened.token).session.answers == {}


def test_signing_out_everywhere_else_leaves_this_session_and_other_people(front: Front) -> None:
    here, there, elsewhere, colleague = begin(front), begin(front), begin(front), begin(front, COLLEAGUE)

    assert signing_in.close_others(front.context, here.session) == 2

    assert session_of(front.context, here.token)
    assert session_of(front.context, colleague.token)
    assert session_of(front.context, there.token) is None
    assert session_of(front.context, elsewhere.token) is None
    last = trail_of(front)[-1]
    assert (last.who, last.what, last.details) == (ANALYST, "signed out everywhere else", {"sessions": 2})


def test_sessions_that_still_last_are_listed_the_one_last_seen_first(front: Front) -> None:
    begin(front)
    front.clock.advance(minutes=59)
    older, newer = begin(front), begin(front)
    begin(front, COLLEAGUE)
    front.clock.advance(minutes=2)
    here = session_of(front.context, older.token)
    assert here is not None

    listed = signing_in.open_sessions(front.context, here)

    assert [each.token_hash for each in listed] == [older.session.token_hash, newer.session.token_hash]


def test_who_is_taken_off_the_users_file_is_out_at_once(front: Front) -> None:
    token = begin(front).token
    front.users.emails.remove(ANALYST)

    assert session_of(front.context, token) is None
    assert not signing_in.has_run_out(front.context, token)


def test_whom_the_identity_provider_let_in_stays_without_the_users_file(front: Front) -> None:
    opened = begin_session(front.context, "guest@partner.example.org", by="identity provider", admitted=True)

    assert session_of(front.context, opened.token) == opened.session
