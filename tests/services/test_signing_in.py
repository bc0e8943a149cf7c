"""One-time codes, sessions and API tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail, sign_in_codes
from include.domain.errors import Refused, Terminal
from include.services import signing_in
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = "nobody@example.org"


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def code_for(front: Front, email: str = ANALYST) -> str:
    signing_in.send_code(front.context, email)
    return front.mailer.last_code(email)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_opens_a_session_once(front: Front) -> None:
    code = code_for(front)

    opened = signing_in.open_session(front.context, ANALYST, code)

    assert signing_in.session_of(front.context, opened.token) == opened.session
    with pytest.raises(Refused, match="not right"):
        signing_in.open_session(front.context, ANALYST, code)


def test_an_address_is_the_same_in_capitals_and_a_code_with_blanks_is_read(front: Front) -> None:
    signing_in.send_code(front.context, " Analyst@Example.org ")
    code = front.mailer.last_code(ANALYST)

    opened = signing_in.open_session(front.context, "ANALYST@example.org", f" {code[:3]} {code[3:]} ")
    assert opened.session.email == ANALYST


def test_nobody_outside_the_users_file_is_sent_a_code(front: Front) -> None:
    signing_in.send_code(front.context, NOBODY)

    assert front.mailer.sent == {}
    with pytest.raises(Refused) as refused:
        signing_in.open_session(front.context, NOBODY, "123456")
    assert refused.value.code == "code_wrong"


def test_a_code_expires(front: Front) -> None:
    code = code_for(front)
    front.clock.advance(minutes=front.context.settings.sign_in_code_minutes)

    with pytest.raises(Refused):
        signing_in.open_session(front.context, ANALYST, code)


def test_five_wrong_attempts_use_a_code_up(front: Front) -> None:
    code = code_for(front)
    for _ in range(signing_in.MAX_ATTEMPTS):
        with pytest.raises(Refused):
            signing_in.open_session(front.context, ANALYST, wrong(code))

    with pytest.raises(Refused):
        signing_in.open_session(front.context, ANALYST, code)


def test_the_fifth_attempt_may_be_the_right_one(front: Front) -> None:
    code = code_for(front)
    for _ in range(signing_in.MAX_ATTEMPTS - 1):
        with pytest.raises(Refused):
            signing_in.open_session(front.context, ANALYST, wrong(code))

    assert signing_in.open_session(front.context, ANALYST, code)


def test_a_new_code_replaces_the_one_before(front: Front) -> None:
    first = code_for(front)
    second = code_for(front)

    if first != second:
        with pytest.raises(Refused):
            signing_in.open_session(front.context, ANALYST, first)
    assert signing_in.open_session(front.context, ANALYST, second)


def test_no_more_than_five_codes_are_sent_in_a_quarter_of_an_hour(front: Front) -> None:
    for _ in range(signing_in.MAX_CODES + 3):
        signing_in.send_code(front.context, ANALYST)
    assert len(front.mailer.sent) == signing_in.MAX_CODES

    front.clock.advance(minutes=16)
    signing_in.send_code(front.context, ANALYST)
    assert len(front.mailer.sent) == signing_in.MAX_CODES + 1


def test_a_code_is_of_one_person(front: Front) -> None:
    code = code_for(front)
    code_for(front, COLLEAGUE)

    if code != front.mailer.last_code(COLLEAGUE):
        with pytest.raises(Refused):
            signing_in.open_session(front.context, COLLEAGUE, code)


def test_the_ledger_keeps_codes_only_as_keyed_hashes(front: Front) -> None:
    code = code_for(front)

    with front.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        kept = str(connection.execute(select(sign_in_codes)).all())
        trail = str(connection.execute(select(audit_trail)).all())
    assert code not in kept
    assert code not in trail
    other_key = replace(
        front.context, settings=front.context.settings.model_copy(update={"secret_key": SecretStr("k" * 32)})
    )
    with pytest.raises(Refused):
        signing_in.open_session(other_key, ANALYST, code)


def test_without_a_long_secret_key_nobody_signs_in(tmp_path: Path) -> None:
    front = make_front(tmp_path, secret_key=SecretStr("short"))

    with pytest.raises(Terminal, match="DATA_UPLOADER_SECRET_KEY"):
        signing_in.send_code(front.context, ANALYST)


def test_a_session_ends_when_it_is_idle(front: Front) -> None:
    token = signing_in.open_session(front.context, ANALYST, code_for(front)).token
    front.clock.advance(minutes=59)
    assert signing_in.session_of(front.context, token)

    front.clock.advance(minutes=59)
    assert signing_in.session_of(front.context, token)

    front.clock.advance(minutes=61)
    assert signing_in.session_of(front.context, token) is None


def test_a_session_ends_after_twelve_hours_however_busy(front: Front) -> None:
    token = signing_in.open_session(front.context, ANALYST, code_for(front)).token
    for _ in range(12 * 2):
        front.clock.advance(minutes=30)
        assert signing_in.session_of(front.context, token)

    front.clock.advance(minutes=1)
    assert signing_in.session_of(front.context, token) is None


def test_signing_out_ends_a_session(front: Front) -> None:
    opened = signing_in.open_session(front.context, ANALYST, code_for(front))
    signing_in.close_session(front.context, opened.session)

    assert signing_in.session_of(front.context, opened.token) is None


def test_who_is_taken_off_the_users_file_is_out_at_once(front: Front) -> None:
    token = signing_in.open_session(front.context, ANALYST, code_for(front)).token
    api_token = front.token()
    front.users.emails.remove(ANALYST)

    assert signing_in.session_of(front.context, token) is None
    assert signing_in.bearer_of(front.context, api_token) is None


def test_an_api_token_says_whose_it_is_until_one_of_the_same_name_replaces_it(front: Front) -> None:
    first = signing_in.issue_token(front.context, ANALYST, name="laptop")
    other = signing_in.issue_token(front.context, ANALYST, name="server")
    assert signing_in.bearer_of(front.context, first) == ANALYST

    second = signing_in.issue_token(front.context, ANALYST, name="laptop")

    assert signing_in.bearer_of(front.context, first) is None
    assert signing_in.bearer_of(front.context, second) == ANALYST
    assert signing_in.bearer_of(front.context, other) == ANALYST


def test_a_token_is_for_people_on_the_users_file(front: Front) -> None:
    with pytest.raises(Refused, match="users file"):
        signing_in.issue_token(front.context, NOBODY, name="laptop")
