"""API tokens: whose they are, how long they work, how many there may be."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from include.adapters.ledger import tables
from include.domain.errors import Conflict, NotFound, Refused
from include.services import api_tokens
from include.services.api_tokens import bearer_of, issue_token, revoke_token, tokens_of
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.fakes.trail import trail_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def test_a_token_says_whose_it_is_until_one_of_the_same_name_replaces_it(front: Front) -> None:
    first = issue_token(front.context, ANALYST, name="laptop")
    other = issue_token(front.context, ANALYST, name="server")
    assert bearer_of(front.context, first) == ANALYST

    second = issue_token(front.context, ANALYST, name="laptop")

    assert bearer_of(front.context, first) is None
    assert bearer_of(front.context, second) == ANALYST
    assert bearer_of(front.context, other) == ANALYST


def test_a_token_has_256_bits_and_no_two_are_alike(front: Front) -> None:
    tokens = [issue_token(front.context, ANALYST, name=name).removeprefix("dup_") for name in ("laptop", "server")]

    assert [len(urlsafe_b64decode(f"{token}=")) for token in tokens] == [32, 32]
    assert len(set(tokens)) == 2


def test_on_a_page_a_name_that_is_taken_is_said_and_one_that_has_expired_is_free(front: Front) -> None:
    first = issue_token(front.context, ANALYST, name="laptop", days=1, replace=False)
    with pytest.raises(Conflict, match="already"):
        issue_token(front.context, ANALYST, name=" laptop ", replace=False)
    assert bearer_of(front.context, first) == ANALYST

    front.clock.advance(hours=24)
    assert issue_token(front.context, ANALYST, name="laptop", replace=False)


def test_a_token_is_for_people_in_the_users_file(front: Front) -> None:
    with pytest.raises(Refused, match="users file"):
        issue_token(front.context, "nobody@example.org", name="laptop")


def test_who_is_taken_off_the_users_file_has_no_token_that_works(front: Front) -> None:
    token = front.token()
    front.users.emails.remove(ANALYST)

    assert bearer_of(front.context, token) is None


def test_a_token_works_until_it_expires_to_the_second(front: Front) -> None:
    token = issue_token(front.context, ANALYST, name="laptop", days=30)
    front.clock.advance(hours=30 * 24, seconds=-1)
    assert bearer_of(front.context, token) == ANALYST

    front.clock.advance(seconds=1)
    assert bearer_of(front.context, token) is None


def test_a_token_works_for_a_year_unless_told_otherwise_and_for_ever_if_told(front: Front) -> None:
    usual = issue_token(front.context, ANALYST, name="usual")
    for_ever = issue_token(front.context, ANALYST, name="for ever", days=0)

    front.clock.advance(hours=365 * 24)
    assert bearer_of(front.context, usual) is None
    assert bearer_of(front.context, for_ever) == ANALYST


@pytest.mark.parametrize("days", [-1, 3651])
def test_no_token_works_for_a_time_that_is_none(front: Front, days: int) -> None:
    with pytest.raises(Refused, match="3650"):
        issue_token(front.context, ANALYST, name="laptop", days=days)


@pytest.mark.parametrize("name", ["", "   ", "x" * 51, "two\nlines", "\x1b[2J"])
def test_a_token_has_a_name_that_can_be_shown(front: Front, name: str) -> None:
    with pytest.raises(Refused, match="name"):
        issue_token(front.context, ANALYST, name=name)


def test_a_person_has_at_most_so_many_tokens_that_work(tmp_path: Path) -> None:
    front = make_front(tmp_path, api_tokens_per_person=2)
    issue_token(front.context, ANALYST, name="one", days=1)
    issue_token(front.context, ANALYST, name="two")
    with pytest.raises(Conflict, match="Revoke one first"):
        issue_token(front.context, ANALYST, name="three")

    assert issue_token(front.context, ANALYST, name="two")
    assert issue_token(front.context, COLLEAGUE, name="three")
    front.clock.advance(hours=24)
    assert issue_token(front.context, ANALYST, name="three")


def test_a_revoked_token_works_no_more(front: Front) -> None:
    token = issue_token(front.context, ANALYST, name="laptop")
    with pytest.raises(NotFound):
        revoke_token(front.context, COLLEAGUE, name="laptop")
    assert bearer_of(front.context, token) == ANALYST

    revoke_token(front.context, ANALYST, name="laptop")

    assert bearer_of(front.context, token) is None
    assert tokens_of(front.context, ANALYST) == ()
    with pytest.raises(NotFound):
        revoke_token(front.context, ANALYST, name="laptop")


def test_when_a_token_was_last_used_is_written_at_most_once_a_minute(front: Front) -> None:
    token = issue_token(front.context, ANALYST, name="laptop")
    assert tokens_of(front.context, ANALYST)[0].last_used_at is None
    first = front.clock.now()

    for seconds, seen in ((0, first), (59, first), (1, first + timedelta(minutes=1))):
        front.clock.advance(seconds=seconds)
        bearer_of(front.context, token)
        assert tokens_of(front.context, ANALYST)[0].last_used_at == seen


def test_a_token_is_kept_as_a_hash_and_in_the_trail_only_by_name(front: Front) -> None:
    token = issue_token(front.context, ANALYST, name="laptop")
    api_tokens.revoke_token(front.context, ANALYST, name="laptop")
    second = issue_token(front.context, ANALYST, name="server")

    with front.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        kept = str([connection.execute(select(table)).all() for table in tables.metadata.sorted_tables])
    assert token not in kept
    assert second not in kept
    assert [(entry.what, entry.details["name"]) for entry in trail_of(front)] == [
        ("API token issued", "laptop"),
        ("API token revoked", "laptop"),
        ("API token issued", "server"),
    ]
