"""The upload command against a served front and a strict S3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from include.cli import connection
from include.cli.__main__ import main
from include.domain.append_findings import Changes, Misfit, tell
from include.domain.column_types import BigInt, String
from include.domain.findings import Finding, Severity
from include.domain.reading_options import choose
from include.domain.upload import Door, State
from include.services.api_tokens import issue_token
from include.settings import PROJECT_ROOT
from tests.browser.service import Service, running_service
from tests.fakes.front import ANALYST, REVISION
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.strict_aws.server import StrictAws

MIB = 1024 * 1024
WORKING = (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING)


@pytest.fixture
def service(tmp_path: Path, aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWN_ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", presign.SECRET)
    with running_service(tmp_path, aws) as running:
        monkeypatch.setenv("DATA_UPLOADER_URL", running.url)
        monkeypatch.setenv("DATA_UPLOADER_TOKEN", issue_token(running.context, ANALYST, name="tests"))
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Trips January.csv"
    path.write_bytes(b"year\n2013\n")
    return path


def upload(file: Path, *options: str, table: str = "trips") -> int:
    return main(["upload", str(file), "--database", "travel", "--table", table, *options])


def when_landed(service: Service, *states: State, **changes: Any) -> threading.Thread:
    """A pipeline that moves the first upload on once it has landed."""

    def follow() -> None:
        while not (found := service.context.ledger.page().uploads) or found[0].state is not State.LANDED:
            time.sleep(0.05)
        service.move(found[0].id, *states, **changes)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    return thread


def test_flags_say_how_the_file_is_read(service: Service, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert upload(file, "--create", "--delimiter", "semicolon", "--text-column", "Year", "--no-null-words") == 0
    (landed,) = service.context.ledger.page().uploads
    assert landed.reading_options == choose(delimiter="semicolon", text_columns=["year"], null_words=[])
    assert upload(file, "--create", "--text-column", "Sample Number", table="other") == 1
    assert "cannot be a column of a table" in capsys.readouterr().err


def test_a_file_lands_and_its_facts_are_printed(
    service: Service, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert upload(file, "--create") == 0

    printed = capsys.readouterr().out
    (landed,) = service.context.ledger.page().uploads
    assert (landed.state, landed.door, landed.uploader) == (State.LANDED, Door.API, ANALYST)
    assert service.landed(landed.id) == file.read_bytes()
    assert "data_eng_uploader_dev_travel.trips" in printed
    assert landed.extraction_timestamp in printed


def test_as_json_the_upload_is_printed_as_the_api_has_it(
    service: Service, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert upload(file, "--create", "--json") == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed["upload_id"] == service.context.ledger.page().uploads[0].id
    assert printed["state"] == "landed"


def test_a_file_of_several_parts_arrives_whole_although_parts_fail(
    service: Service, aws: StrictAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.cli.sending.time.sleep", lambda _: None)
    large = tmp_path / "large.csv"
    large.write_bytes(os.urandom(40 * MIB))
    aws.faults.refuse("UploadPart", code="InternalError", times=2)

    assert upload(large, "--create") == 0
    (landed,) = service.context.ledger.page().uploads
    assert service.landed(landed.id) == large.read_bytes()
    assert aws.requests["s3", "UploadPart"] == 5


def test_an_empty_file_is_sent_too(service: Service, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()

    assert upload(empty, "--create") == 0
    assert service.landed(service.context.ledger.page().uploads[0].id) == b""


def test_waiting_ends_with_0_when_the_upload_is_published(
    service: Service, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    when_landed(service, *WORKING, State.PUBLISHED, rows=1, revision=REVISION)

    assert upload(file, "--create", "--wait") == 0
    assert "published: Trips January.csv, 1 row\n" in capsys.readouterr().out


def test_waiting_ends_with_1_and_the_findings_when_the_file_is_refused(
    service: Service, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = Finding(code="empty", title="The file is empty", severity=Severity.ERROR, message="There is nothing.")
    when_landed(service, State.CHECKING, State.REFUSED, findings=(finding,))

    assert upload(file, "--create", "--wait") == 1
    assert "error: The file is empty. There is nothing." in capsys.readouterr().out


def test_waiting_ends_with_2_when_the_machine_failed(service: Service, file: Path) -> None:
    when_landed(service, State.CHECKING, State.FAILED)

    assert upload(file, "--create", "--wait") == 2


def test_waiting_says_what_an_upload_waits_for(
    service: Service, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = tell(Changes(widened={"year": (BigInt(), String())}), {"year": Misfit(7, "unknown")})
    when_landed(service, *WORKING, State.WIDENING, State.WAITING_FOR_APPROVAL, findings=findings)

    assert upload(file, "--create", "--wait", "--wait-minutes", "0.05") == 2
    said = capsys.readouterr()
    assert said.err.count("which a data engineer decides") == 1
    assert "does not hold the value in line 7" in said.err
    assert said.out.startswith("waiting_for_approval: Trips January.csv")


def test_waiting_ends_with_2_when_patience_does(service: Service, file: Path) -> None:
    assert service.url
    assert upload(file, "--create", "--wait", "--wait-minutes", "0") == 2


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--create", "--classification", "official"), 1, "only upload non-sensitive test data"),
        (("--create", "--database", "Travel"), 1, "lower case letters"),
        ((), 2, "There is no database travel here"),
        (("--create", "--token", "dup_wrong"), 2, "has expired or was revoked"),
    ],
)
def test_what_the_service_says_is_passed_on(
    service: Service,
    *,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert upload(file, *options) == code
    assert said in capsys.readouterr().err
    assert service.context.ledger.page().uploads == ()


def test_a_file_that_is_not_there_could_not_be_uploaded(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert upload(tmp_path / "missing.csv", "--create") == 2
    assert "missing.csv" in capsys.readouterr().err
    assert service.context.ledger.page().uploads == ()


def test_an_upload_whose_parts_never_arrive_is_cancelled(
    service: Service, aws: StrictAws, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("include.cli.sending.time.sleep", lambda _: None)
    aws.faults.refuse("UploadPart", code="InternalError", times=100)

    assert upload(file, "--create") == 2
    assert "part 1 could not be sent" in capsys.readouterr().err
    (given_up,) = service.context.ledger.page().uploads
    assert given_up.state is State.CANCELLED


@pytest.mark.parametrize("lost", [("POST", "/uploads"), ("POST", "/parts"), ("POST", "/complete")])
def test_an_answer_that_is_lost_is_asked_for_again(
    service: Service, file: Path, lost: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.cli.api.time.sleep", lambda _: None)
    service.network.answers_to_lose.append(lost)

    assert upload(file, "--create") == 0
    assert service.network.answers_to_lose == []
    (sent,) = service.context.ledger.page().uploads
    assert sent.state is State.LANDED
    assert service.landed(sent.id) == file.read_bytes()


def test_a_service_that_is_away_could_not_be_asked(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("include.cli.api.time.sleep", lambda _: None)

    assert upload(file, "--url", "http://127.0.0.1:9/uploader/", "--token", "dup_x") == 2
    assert "Could not upload" in capsys.readouterr().err


def test_the_address_and_token_of_a_local_service_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_UPLOADER_URL", raising=False)
    monkeypatch.delenv("DATA_UPLOADER_TOKEN", raising=False)
    local = tmp_path / "local.json"
    monkeypatch.setattr(connection, "LOCAL", local)
    with pytest.raises(FileNotFoundError, match="DATA_UPLOADER_URL"):
        connection.find_connection(url=None, token=None)

    local.write_text(json.dumps({"uploader_url": "http://127.0.0.1:1/uploader/", "api_token": "dup_local"}))
    found = connection.find_connection(url=None, token=None)
    assert found == connection.Connection("http://127.0.0.1:1/uploader/", "dup_local")
    assert "dup_local" not in repr(found)
    assert connection.find_connection(url="http://other/x", token=None).url == "http://other/x/"


def test_the_command_starts_without_airflow_great_expectations_or_boto3() -> None:
    script = (
        "import sys; from include.cli.__main__ import main\n"
        "try: main(['upload', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'airflow', 'great_expectations', 'boto3', 'sqlalchemy', 'pandas', 'pyarrow'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.splitlines()[-1] == "[]"
