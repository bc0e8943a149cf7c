"""The withdraw command against a served front."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from include.cli.__main__ import main
from include.domain.upload import State
from include.domain.withdrawal import Approval
from tests.cli.test_upload import WORKING, file, service, upload
from tests.fakes.front import ANALYST, REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.service import Service

__all__ = ["file", "service"]  # fixtures


@pytest.fixture
def upload_id(service: Service, file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A published upload."""
    assert upload(file, "--create", "--json") == 0
    found: str = json.loads(capsys.readouterr().out)["upload_id"]
    service.move(found, *WORKING, State.PUBLISHED, revision=REVISION)
    return found


def test_an_upload_is_withdrawn(service: Service, upload_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["withdraw", upload_id]) == 0
    assert "its rows are being taken out of the table" in capsys.readouterr().out
    assert main(["withdraw", upload_id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["withdrawal"]["requested_by"] == ANALYST
    assert service.context.ledger.get(upload_id).state is State.WITHDRAWN  # type: ignore[union-attr]


def test_an_approval_needs_a_reason(service: Service, upload_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert service.context.ledger.take(upload_id, published=REVISION)
    assert main(["withdraw", upload_id]) == 1
    assert "Enter why the upload should be withdrawn" in capsys.readouterr().err
    assert main(["withdraw", upload_id, "--reason", "why"]) == 0
    assert "a data engineer has to approve it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("approval", "code", "words"),
    [(Approval.GIVEN, 0, "no longer in the table"), (Approval.DECLINED, 1, "declined it")],
)
def test_waiting_ends_with_the_decision(
    service: Service,
    upload_id: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    approval: Approval,
    code: int,
    words: str,
) -> None:
    monkeypatch.setattr("include.cli.withdraw._PAUSE", 0.05)
    assert service.context.ledger.take(upload_id, published=REVISION)

    def decide() -> None:
        while service.context.withdrawals.get(upload_id) is None:
            time.sleep(0.05)
        decided = service.context.withdrawals.decide(upload_id, run_id=upload_id, by="eve", approval=approval)
        if decided.stands:
            service.context.withdrawals.done(upload_id)

    engineer = threading.Thread(target=decide, daemon=True)
    engineer.start()
    assert main(["withdraw", upload_id, "--reason", "why", "--wait"]) == code
    engineer.join()
    assert words in capsys.readouterr().out


def test_waiting_ends_with_2_when_patience_does(service: Service, upload_id: str) -> None:
    assert service.context.ledger.take(upload_id, published=REVISION)
    assert main(["withdraw", upload_id, "--reason", "why", "--wait", "--wait-minutes", "0"]) == 2


@pytest.mark.usefixtures("service")
def test_an_unknown_upload_could_not_be_withdrawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["withdraw", "0" * 32]) == 2
    assert "There is no such upload" in capsys.readouterr().err
