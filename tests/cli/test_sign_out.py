"""The sign-out command: somebody's sessions end, also of people whom the users file does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.cli.__main__ import main
from include.services.api_tokens import bearer_of
from include.services.signing_in import begin_session, session_of
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front
from tests.fakes.trail import trail_of

if TYPE_CHECKING:
    from pathlib import Path

GUEST = "guest@partner.example.org"


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    front = make_front(tmp_path)
    monkeypatch.setenv("DATA_UPLOADER_LEDGER_URL", front.context.settings.ledger_url.get_secret_value())
    monkeypatch.setenv("DATA_UPLOADER_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("LOGNAME", "operator")
    return front


def test_whom_the_identity_provider_let_in_can_be_signed_out_everywhere(
    front: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    guests = [begin_session(front.context, GUEST, by="identity provider", admitted=True, id_token="t") for _ in "12"]
    other = begin_session(front.context, COLLEAGUE, by="code")

    assert main(["sign-out", "--email", " Guest@Partner.example.org"]) == 0

    assert capsys.readouterr().out == "Sessions ended: 2\n"
    assert [session_of(front.context, each.token) for each in guests] == [None, None]
    assert front.context.identity.id_token(guests[0].session.token_hash) is None
    assert session_of(front.context, other.token) == other.session
    entry = trail_of(front)[-1]
    assert (entry.who, entry.what) == ("operator", "signed somebody out")
    assert entry.details == {"email": GUEST, "sessions": 2, "tokens": []}


def test_tokens_are_revoked_when_that_is_asked_for_and_of_nobody_else(
    front: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    token, other = front.token(), front.token(COLLEAGUE)
    assert main(["sign-out", "--email", ANALYST]) == 0
    assert bearer_of(front.context, token) == ANALYST

    assert main(["sign-out", "--email", ANALYST, "--tokens", "--by", "ann@example.org"]) == 0

    assert capsys.readouterr().out.endswith("API tokens revoked: tests\n")
    assert bearer_of(front.context, token) is None
    assert bearer_of(front.context, other) == COLLEAGUE
    entry = trail_of(front)[-1]
    assert (entry.who, entry.details) == ("ann@example.org", {"email": ANALYST, "sessions": 0, "tokens": ["tests"]})
