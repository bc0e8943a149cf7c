"""The token and migrate commands on an empty ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include import bootstrap
from include.cli.__main__ import main
from include.services.api_tokens import bearer_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def empty_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_UPLOADER_LEDGER_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("DATA_UPLOADER_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    assert main(["migrate"]) == 0


def test_migrating_twice_is_harmless() -> None:
    assert main(["migrate"]) == 0


def test_a_token_is_printed_once_and_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--email", "Analyst@example.org", "--name", "laptop"]) == 0

    token = capsys.readouterr().out.strip()
    assert bearer_of(bootstrap.front(), token) == "analyst@example.org"


def test_a_token_for_somebody_unknown_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--email", "nobody@example.org", "--name", "laptop"]) == 1

    said = capsys.readouterr()
    assert "not in the users file" in said.err
    assert said.out == ""
