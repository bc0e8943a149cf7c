"""The audit command: who did what, when, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from include.cli.__main__ import main
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    front = make_front(tmp_path)
    monkeypatch.setenv("DATA_UPLOADER_LEDGER_URL", front.context.settings.ledger_url.get_secret_value())
    return front


def said(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(["audit", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_line_says_when_who_did_what_with_what(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    upload = front.start()

    [line] = said(capsys)

    at, who, what, details = line.split("  ")
    assert at == front.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    assert (who, what) == (ANALYST, "upload started")
    assert f"upload_id={upload.id}" in details
    assert 'filename="Trips January.csv"' in details or "filename=Trips January.csv" in details


def test_json_has_an_object_for_each_line(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    upload = front.start()

    [entry] = [json.loads(line) for line in said(capsys, "--json")]

    assert entry.keys() == {"at", "who", "what", "details"}
    assert entry["details"]["upload_id"] == upload.id


def test_a_person_and_a_time_can_be_asked_for(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    early = front.start()
    front.clock.advance(hours=1)
    then = front.clock.now().isoformat()
    late, other = front.start(table="later"), front.start(table="other", uploader=COLLEAGUE)

    def uploads(*words: str) -> list[str]:
        return [json.loads(line)["details"]["upload_id"] for line in said(capsys, "--json", *words)]

    assert uploads() == [early.id, late.id, other.id]
    assert uploads("--who", ANALYST.upper()) == [early.id, late.id]
    assert uploads("--since", then) == [late.id, other.id]
    assert uploads("--before", then) == [early.id]
    assert uploads("--since", then, "--who", COLLEAGUE) == [other.id]
    assert uploads("--limit", "1") == [other.id]


def test_of_one_upload_its_states_are_between(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    upload = front.land()
    front.start(table="other")

    entries = [json.loads(line) for line in said(capsys, "--upload", upload.id, "--json")]

    assert [entry["what"] for entry in entries if not entry["what"].startswith("state:")] == [
        "upload started",
        "parts signed",
        "upload landed",
    ]
    assert [entry["what"] for entry in entries if entry["what"].startswith("state:")] == [
        "state: started",
        "state: uploading",
        "state: landed",
    ]
    assert said(capsys, "--upload", upload.id, "--who", COLLEAGUE) == []


def test_an_upload_that_is_not_there_is_said(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    assert front.start().id != "0" * 32
    assert main(["audit", "--upload", "0" * 32]) == 1
    assert capsys.readouterr().err == f"There is no upload {'0' * 32}.\n"


def test_what_people_typed_moves_no_cursor_and_makes_no_line(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    front.context.ledger.audit(who="eve@example.org\n2026  root", what="request refused", path="\x1b[2J\r\n")

    [line] = said(capsys)

    assert line.isprintable()
    assert "\\u001b[2J" in line


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01"])
def test_a_time_that_is_none_is_said(front: Front, moment: str) -> None:
    del front
    with pytest.raises(SystemExit):
        main(["audit", "--since", moment])
