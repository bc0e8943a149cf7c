"""One-time codes: who gets one, what it is good for, and who cannot get around the limits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail, sign_in_codes, tries
from include.domain.errors import NotFound, Refused, Terminal
from include.services import sign_in_codes as codes
from include.services import signing_in
from include.services.sign_in_codes import ADDRESS_CODES, CODES, MAX_ATTEMPTS
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.fakes.trail import trail_of

if TYPE_CHECKING:
    from pathlib import Path

    from include.services.signing_in import OpenedSession

NOBODY = "nobody@example.org"


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def ask(front: Front, email: str = ANALYST, *, source: str = "192.0.2.1", entry: str = "browser") -> None:
    codes.send_code(front.context, email, source=source, entry=entry)


def code_for(front: Front, email: str = ANALYST, *, entry: str = "browser") -> str:
    ask(front, email, entry=entry)
    return front.mailer.last_code(email)


def enter(
    front: Front, code: str, email: str = ANALYST, *, source: str = "192.0.2.1", entry: str = "browser"
) -> OpenedSession:
    return codes.open_session(front.context, email, code, source=source, entry=entry)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_opens_a_session_once(front: Front) -> None:
    code = code_for(front)

    opened = enter(front, code)

    assert signing_in.session_of(front.context, opened.token) == opened.session
    with pytest.raises(Refused, match="not right"):
        enter(front, code)


@pytest.mark.parametrize("written", [" Analyst@Example.org ", "ANALYST@EXAMPLE.ORG", "\tanalyst@example.org\n"])
def test_an_address_is_the_same_in_capitals_and_between_blanks(front: Front, written: str) -> None:
    ask(front, written)
    code = front.mailer.last_code(ANALYST)

    assert enter(front, f" {code[:3]} {code[3:]} ", written.swapcase()).session.email == ANALYST


@pytest.mark.parametrize(
    "alike",
    ["analyst@ex\u0430mple.org", "analyst@example.org\u200b", "analyst\u2024x@example.org", "\uff41nalyst@example.org"],
)
def test_an_address_that_only_looks_alike_is_nobodys(front: Front, alike: str) -> None:
    ask(front, alike)

    assert front.mailer.sent == {}
    with pytest.raises(Refused) as refused:
        enter(front, "123456", alike)
    assert refused.value.code == "code_wrong"


@pytest.mark.parametrize("code", ["", "١٢٣٤٥٦", "1" * 10_000, "\0", "12345é", "'; --", "0x1E240"])
def test_anything_else_than_the_code_is_not_right(front: Front, code: str) -> None:
    code_for(front)

    with pytest.raises(Refused) as refused:
        enter(front, code)
    assert refused.value.code == "code_wrong"


def test_nobody_outside_the_users_file_is_sent_a_code_and_entering_one_is_answered_the_same(front: Front) -> None:
    code_for(front)
    ask(front, NOBODY)

    assert [mail.to for mail in front.mailer.sent.values()] == [ANALYST]
    said = []
    for email in (ANALYST, NOBODY, "never-asked@example.org"):
        with pytest.raises(Refused) as refused:
            enter(front, "123456x", email)
        said.append((refused.value.code, refused.value.detail, refused.value.field))
    assert len(set(said)) == 1


def test_who_is_taken_off_the_users_file_after_asking_does_not_come_in(front: Front) -> None:
    code = code_for(front)
    front.users.emails.remove(ANALYST)

    with pytest.raises(Refused) as refused:
        enter(front, code)
    assert refused.value.code == "code_wrong"


def test_for_an_address_that_is_nobodys_a_code_is_kept_that_no_guess_is_right_for(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 0)
    for email in (ANALYST, NOBODY):
        ask(front, email)
    front.users.emails.add(NOBODY)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Refused):
            enter(front, "000000", NOBODY)

    assert front.mailer.last_code(ANALYST) == "000000"
    with front.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        kept = connection.execute(select(sign_in_codes.c.email, sign_in_codes.c.attempts)).all()
    assert sorted(kept) == [(ANALYST, 0), (NOBODY, MAX_ATTEMPTS)]


def test_a_code_has_six_digits_and_another_each_time(front: Front) -> None:
    sent = [code_for(front, entry=f"browser {number}") for number in range(CODES.most)]

    assert {len(code) for code in sent} == {codes.CODE_DIGITS} == {6}
    assert len(set(sent)) > 1


def test_a_code_expires(front: Front) -> None:
    early, late = code_for(front, entry="one"), code_for(front, entry="two")
    front.clock.advance(minutes=front.context.settings.sign_in_code_minutes, seconds=-1)
    assert enter(front, early, entry="one")
    front.clock.advance(seconds=1)

    with pytest.raises(Refused):
        enter(front, late, entry="two")


def test_five_wrong_attempts_use_a_code_up(front: Front) -> None:
    code = code_for(front)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Refused):
            enter(front, wrong(code))

    with pytest.raises(Refused):
        enter(front, code)


def test_the_fifth_attempt_may_be_the_right_one(front: Front) -> None:
    code = code_for(front)
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(Refused):
            enter(front, wrong(code))

    assert enter(front, code)


def test_guesses_at_the_same_moment_are_counted_one_by_one(front: Front) -> None:
    code = code_for(front)

    def guess(number: int) -> bool:
        try:
            enter(front, code if number == 39 else wrong(code))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        entered = list(pool.map(guess, range(40)))

    assert not any(entered[:39])
    with pytest.raises(Refused):  # whether or not the right guess was among the first five, the code is used up
        enter(front, code)


def test_a_right_code_entered_twice_at_the_same_moment_opens_one_session(front: Front) -> None:
    code = code_for(front)

    def once(_: int) -> bool:
        try:
            enter(front, code)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(once, range(5))) == 1


def test_a_new_code_replaces_the_one_before(front: Front) -> None:
    first = code_for(front)
    second = code_for(front)

    if first != second:
        with pytest.raises(Refused):
            enter(front, first)
    assert enter(front, second)


def test_an_old_code_does_not_come_back_when_the_new_one_was_used(front: Front) -> None:
    first, second = code_for(front), code_for(front)
    enter(front, second)

    with pytest.raises(Refused):
        enter(front, first)


def test_a_code_is_good_only_in_the_browser_that_asked_for_it(front: Front) -> None:
    code = code_for(front)

    with pytest.raises(Refused):
        enter(front, code, entry="another browser")
    assert enter(front, code)


def test_nobody_elses_guesses_or_askings_touch_the_code_of_a_person(front: Front) -> None:
    code = code_for(front)
    for number in range(10):
        ask(front, source=f"198.51.100.{number}", entry=f"attacker {number}")
        for _ in range(MAX_ATTEMPTS + 1):
            with pytest.raises(Refused):
                enter(front, wrong(code), source=f"198.51.100.{number}", entry=f"attacker {number}")

    assert enter(front, code)


def test_no_more_than_five_codes_for_an_address_are_sent_to_one_source_in_a_quarter_of_an_hour(front: Front) -> None:
    for _ in range(CODES.most + 3):
        ask(front)
    assert len(front.mailer.sent) == CODES.most

    ask(front, source="198.51.100.1")
    assert len(front.mailer.sent) == CODES.most + 1  # somebody else's asking does not lock the person out

    front.clock.advance(minutes=15)
    ask(front)
    assert len(front.mailer.sent) == CODES.most + 2


def test_many_sources_send_an_address_no_more_than_twenty_codes_an_hour(front: Front) -> None:
    for number in range(ADDRESS_CODES.most + 10):
        ask(front, source=f"198.51.100.{number}")
    assert len(front.mailer.sent) == ADDRESS_CODES.most

    front.clock.advance(hours=1)
    ask(front)
    assert len(front.mailer.sent) == ADDRESS_CODES.most + 1


def test_one_source_cannot_ask_for_codes_of_thousands_of_addresses(tmp_path: Path) -> None:
    front = make_front(tmp_path, sign_in_source_limit=10)
    front.users.emails.update(f"person{number}@example.org" for number in range(50))
    for number in range(50):
        ask(front, f"person{number}@example.org")

    assert len(front.mailer.sent) == 10
    [entry] = [entry for entry in trail_of(front) if entry.what == "too many tries"]
    assert entry.details == {"of": "asking for codes from one source"}
    ask(front, source="198.51.100.1")
    assert len(front.mailer.sent) == 11


def test_one_source_cannot_guess_at_thousands_of_addresses(tmp_path: Path) -> None:
    front = make_front(tmp_path, sign_in_source_limit=10)
    code = code_for(front)
    for number in range(10):
        with pytest.raises(Refused):
            enter(front, "123456", f"person{number}@example.org", source="198.51.100.1")

    with pytest.raises(Refused) as refused:
        enter(front, code, source="198.51.100.1")
    assert refused.value.code == "code_wrong"  # the same words
    assert enter(front, code)
    front.clock.advance(minutes=15)
    assert enter(front, code_for(front), source="198.51.100.1")


def test_a_code_is_of_one_person(front: Front) -> None:
    code = code_for(front)
    code_for(front, COLLEAGUE)

    if code != front.mailer.last_code(COLLEAGUE):
        with pytest.raises(Refused):
            enter(front, code, COLLEAGUE)


def test_the_ledger_keeps_codes_only_as_keyed_hashes_and_sources_not_at_all(front: Front) -> None:
    code = code_for(front)

    with front.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        kept = str([connection.execute(select(table)).all() for table in (sign_in_codes, audit_trail, tries)])
    assert code not in kept
    assert "192.0.2.1" not in kept
    other_key = replace(
        front.context, settings=front.context.settings.model_copy(update={"secret_key": SecretStr("k" * 32)})
    )
    with pytest.raises(Refused):
        codes.open_session(other_key, ANALYST, code, source="192.0.2.1", entry="browser")


def test_without_a_long_secret_key_nobody_signs_in(tmp_path: Path) -> None:
    front = make_front(tmp_path, secret_key=SecretStr("short"))

    with pytest.raises(Terminal, match="DATA_UPLOADER_SECRET_KEY"):
        ask(front)


def test_signing_in_by_a_code_can_be_switched_off(tmp_path: Path) -> None:
    front = make_front(
        tmp_path, sign_in_by_code=False, oidc_issuer="https://login.example.org", oidc_client_id="data-uploader"
    )

    with pytest.raises(NotFound):
        ask(front)
    with pytest.raises(NotFound):
        enter(front, "123456")
    assert front.mailer.sent == {}


def test_who_asked_and_who_was_refused_is_in_the_audit_trail(front: Front) -> None:
    code = code_for(front)
    ask(front, NOBODY)
    with pytest.raises(Refused):
        enter(front, wrong(code))
    enter(front, code)

    assert [(entry.who, entry.what) for entry in trail_of(front)] == [
        (ANALYST, "sign-in code sent"),
        (NOBODY, "sign-in code not sent: not in the users file"),
        (ANALYST, "sign-in refused"),
        (ANALYST, "signed in"),
    ]
