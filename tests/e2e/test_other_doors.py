"""The same job by the command line and by hand, what is refused at every door, and what a kill leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e import browser
from tests.e2e.clients import TEST_DATA, aws, wait_for
from tests.e2e.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Service

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

CASES = ROOT / "tests" / "cases"
REFUSED = (
    "special_characters",
    "no_header",
    "empty_file",
    "header_only",
    "ragged_row_at_line_1234",
    "latin_1",
    "duplicate_column_differing_in_case",
    "extraction_timestamp_column",
)


def cli(*arguments: str, local: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if local is not None:
        environment |= {"DATA_UPLOADER_URL": local["uploader_url"], "DATA_UPLOADER_TOKEN": local["api_token"]}
    command = [sys.executable, "-m", "include.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


def mail_about(service: Service, upload_id: str) -> str | None:
    found = [mail.get_content() for mail in browser.letters(service.local) if upload_id in mail.get_content()]
    assert len(found) <= 1
    return found[0] if found else None


def partitions(service: Service, database: str, table: str) -> list[Any]:
    glue = aws(service.local, "glue")
    answer = glue.get_partitions(DatabaseName=f"data_eng_uploader_dev_{database}", TableName=table)
    found: list[Any] = answer["Partitions"]
    return found


@pytest.fixture(scope="module")
def refused(service: Service) -> dict[str, dict[str, Any]]:
    """The status document of each bad file, uploaded together."""
    ids = {
        case: service.api.upload(
            (CASES / case / "input.csv").read_bytes(), database="bad", table=case, filename="input.csv"
        )
        for case in REFUSED
    }
    return {case: service.api.wait(upload_id, seconds=400) for case, upload_id in ids.items()}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_with_the_same_finding_in_page_api_mail_and_command_line(
    service: Service, refused: dict[str, dict[str, Any]], case: str
) -> None:
    status = refused[case]
    assert status["state"] == "refused"
    said = cli("check", str(CASES / case / "input.csv"), "--json")
    assert said.returncode == 1
    assert json.loads(said.stdout)["findings"] == status["findings"]
    errors = [finding for finding in status["findings"] if finding["severity"] == "error"]
    mail = wait_for(lambda: mail_about(service, status["upload_id"]), seconds=120, what="the mail")
    for finding in errors:
        assert finding["title"] in mail
        assert finding["code"] in mail


def test_the_page_names_what_is_wrong_before_a_bad_file_leaves(service: Service) -> None:
    file = CASES / "special_characters" / "input.csv"
    with browser.chromium() as page:
        browser.sign_in(page, service.local)
        browser.choose(page, service.local, file, database="bad_page", table="t", new=True)
        expect(page.get_by_role("heading", name="The file cannot be uploaded as it is")).to_be_visible()
        expect(page.get_by_role("button", name="Upload file")).to_be_disabled()
        text = page.locator("#preview").inner_text()
    findings = json.loads(cli("check", str(file), "--json").stdout)["findings"]
    assert findings
    for finding in findings:
        assert finding["title"] in text
        assert finding["message"] in text


def test_the_page_shows_the_findings_of_a_refused_file(service: Service) -> None:
    with browser.chromium(scripts=False) as page:
        browser.sign_in(page, service.local)
        file = CASES / "special_characters" / "input.csv"
        browser.choose(page, service.local, file, database="bad_form", table="t", new=True)
        upload_id = browser.send(page)
        service.api.wait(upload_id, until={"refused"})
        page.goto(f"{service.local['uploader_url']}uploads/{upload_id}")
        text = page.inner_text("main")
    for finding in service.api.status(upload_id)["findings"]:
        assert finding["title"] in text
        assert finding["message"] in text


def test_nothing_of_a_refused_file_is_published(service: Service, refused: dict[str, dict[str, Any]]) -> None:
    assert refused
    databases = [one["Name"] for one in aws(service.local, "glue").get_databases()["DatabaseList"]]
    assert "data_eng_uploader_dev_bad" not in databases
    listed = service.api.http.get("/databases").raise_for_status().text
    assert '"bad"' not in listed


@pytest.mark.parametrize(("field", "name"), [("database", "Capital"), ("table", "Capital")])
def test_a_name_with_capitals_is_refused_by_the_api(service: Service, field: str, name: str) -> None:
    body = {"database": "d", "table": "t", "filename": "f.csv", "size": 1, "governance": TEST_DATA, "create": True}
    answer = service.api.http.post("/uploads", json={**body, field: name})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["field"] == field


def test_the_command_line_uploads_and_waits(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "Stock list.jsonl"
    file.write_text('{"item": "nut", "price": 0.5}\n{"item": "bolt", "tags": ["m6"]}\n')
    done = cli("upload", str(file), "--database", "shop", "--table", "stock", "--create", "--wait", local=service.local)
    assert done.returncode == 0, done.stderr
    (table,) = partitions(service, "shop", "stock")
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert columns == {"item": "string", "price": "double", "tags": "array<string>"}


def test_the_command_line_asks_before_a_file_goes_into_a_table_that_it_looks_foreign_to(
    service: Service, tmp_path: Path
) -> None:
    first, foreign = tmp_path / "beds.csv", tmp_path / "birds.csv"
    first.write_text("bed,ward\n1,A\n")
    foreign.write_text("species,island\nAdelie,Dream\n")
    place = ("--database", "wards", "--table", "beds")
    assert cli("upload", str(first), *place, "--create", "--wait", local=service.local).returncode == 0

    asked = cli("upload", str(foreign), *place, local=service.local)
    assert asked.returncode == 3
    for fact in ("Nothing was sent", "species", "island", "--confirm"):
        assert fact in asked.stderr
    assert len(partitions(service, "wards", "beds")) == 1

    done = cli("upload", str(foreign), *place, "--confirm", "--wait", local=service.local)
    assert done.returncode == 0, done.stderr
    assert len(partitions(service, "wards", "beds")) == 2


def drop(service: Service, key: str, content: bytes) -> None:
    aws(service.local, "s3").put_object(Bucket="data-uploader-landing", Key=f"landing/{key}", Body=content)


def test_a_file_copied_into_landing_by_hand_is_added_to_its_table(service: Service) -> None:
    service.api.publish(b"a\n1\n", database="hand", table="drops", filename="first.csv")
    folder = "database_name=hand/table_name=drops/extraction_timestamp=20260131T000000Z"
    drop(service, f"{folder}/second.csv", b"a,b\n2,x\n")
    wait_for(
        lambda: True if len(partitions(service, "hand", "drops")) == 2 else None, seconds=200, what="the partition"
    )


def test_a_hand_dropped_file_with_a_capital_in_its_table_is_refused_by_mail(service: Service) -> None:
    drop(service, "database_name=hand/table_name=Drops/extraction_timestamp=20260131T000001Z/x.csv", b"a\n1\n")

    def refusal() -> str | None:
        texts = [mail.get_content() for mail in browser.letters(service.local)]
        return next((text for text in texts if "table_name_characters" in text), None)

    assert "Table: Drops" in wait_for(refusal, seconds=200, what="the refusal by mail")


def test_clearing_a_finished_run_changes_nothing_and_sends_nothing(service: Service) -> None:
    status = service.api.publish(b"a\n1\n", database="again", table="cleared", filename="f.csv")
    upload_id, airflow = status["upload_id"], service.airflow
    assert airflow.wait("ingest_upload", upload_id) == "success"
    before = partitions(service, "again", "cleared")
    mail = mail_about(service, upload_id)
    assert mail
    airflow.clear("ingest_upload", upload_id)
    wait_for(
        lambda: True if airflow.run("ingest_upload", upload_id)["state"] != "success" else None,
        seconds=60,
        what="the cleared run to start",
    )
    assert airflow.wait("ingest_upload", upload_id) == "success"
    assert service.api.status(upload_id)["history"] == status["history"]
    assert partitions(service, "again", "cleared") == before
    assert mail_about(service, upload_id) == mail  # of several it would complain


def test_killing_the_scheduler_in_the_middle_and_starting_again_ends_with_exactly_one_partition(
    service: Service,
) -> None:
    rows = "".join(f"{number},{number * 7}\n" for number in range(400_000))
    upload_id = service.api.upload(f"a,b\n{rows}".encode(), database="killed", table="t", filename="f.csv")
    service.api.wait(upload_id, until={"converting", "validating", "publishing"}, seconds=200)
    os.killpg(os.getpgid(service.component("scheduler")), signal.SIGKILL)
    assert service.launcher is not None
    service.launcher.wait(90)  # it says which component died, and stops the others
    service.start()
    status = service.api.wait(upload_id, seconds=300)
    assert status["state"] == "published"
    assert len(partitions(service, "killed", "t")) == 1
    assert status["rows"] == 400_000
    address = service.local["uploader_url"]
    assert httpx.get(address, timeout=60, follow_redirects=True).status_code == 200
