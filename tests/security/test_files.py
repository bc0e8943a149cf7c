"""What is sent is what its name says, and what is saved has a name of ours."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.conversion import check
from include.domain.upload import Door, State
from include.settings import Settings
from plugins.front.downloads import download
from tests.conversion.files import InMemory
from tests.security.routes import every_route

if TYPE_CHECKING:
    from tests.fakes.front import Front
    from tests.plugins.browsing import Browser
    from tests.services.conftest import Pipeline

PLAIN = re.compile(r'attachment; filename="[A-Za-z0-9_-][A-Za-z0-9_.-]*"')
SAVED = {"/uploads/{upload_id}/findings.csv", "/tables/{database}/access/{which}",
         "/tables/{database}/tables/{table}/metadata"}  # fmt: skip
ODD = ['a"; filename="b.exe', "a\r\nSet-Cookie: b=c", "../../b", "\u202egnp.exe", "a;b", "caf\u00e9", "\U0001f600"]


def test_a_file_that_is_saved_has_a_name_of_ours_whatever_the_sent_one_was_called(
    front: Front, browser: Browser
) -> None:
    upload = front.publish(filename='Tri"ps"; filename=b.exe; caf\u00e9.csv')
    browser.sign_in()
    answers = {
        asked.path: asked.send(browser.client, upload_id=upload.id)
        for asked in every_route(front)
        if asked.method == "GET"
    }

    names = {path: answer.headers.get("content-disposition") for path, answer in answers.items()}
    assert {path for path, name in names.items() if name} == SAVED
    assert all(PLAIN.fullmatch(name) for name in names.values() if name), names


@pytest.mark.parametrize("name", ODD)
def test_a_name_in_the_header_is_plain_whatever_it_was(name: str) -> None:
    said = download("", filename=f"{name}.json", media_type="application/json").headers["content-disposition"]

    assert PLAIN.fullmatch(said)
    assert said.endswith('.json"')


@pytest.mark.parametrize("name", ["%22", "a%0d%0aSet-Cookie:%20b=c", "..%2f..%2fb", "%E2%80%AE", "passwd"])
def test_a_name_in_the_address_that_is_none_saves_nothing(front: Front, browser: Browser, name: str) -> None:
    front.publish()
    browser.sign_in()
    places = ("tables/travel/access/{}", "tables/{}/access/project", "tables/travel/tables/{}/metadata",
              "uploads/{}/findings.csv")  # fmt: skip
    for path in (place.format(name) for place in places):
        answer = browser.client.get(path)
        assert answer.status_code == 404, path
        assert "content-disposition" not in answer.headers


def _workbook() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["year"])
    sheet.append([2013])
    book.save(stream)
    return stream.getvalue()


def _parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"year": [2013]}), stream)
    return stream.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


TEXTS = {"csv": b"year\n2013\n", "json": b'[{"year": 2013}]', "jsonl": b'{"year": 2013}\n{"year": 2014}\n'}
BINARIES = {
    "xlsx": _workbook(),
    "parquet": _parquet(),
    "csv.gz": gzip.compress(TEXTS["csv"]),
    "zip": _zip("trips.csv", TEXTS["csv"]),
}
NOT_TAKEN = {
    "png": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "exe": b"MZ\x90\x00\x03" + bytes(64),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
}
FILES = {**TEXTS, **BINARIES, **NOT_TAKEN}
PAIRS = [
    (name, content)
    for name in (*TEXTS, *BINARIES)
    for content in FILES
    if content != name and not (name in TEXTS and content in TEXTS)
]


def test_these_are_all_formats_that_are_taken() -> None:
    formats = set(Settings.model_fields["formats"].default)

    assert {name.rpartition(".")[2] for name in (*TEXTS, *BINARIES)} == formats
    for name in (*TEXTS, *BINARIES):
        assert check(InMemory(FILES[name]), filename=f"trips.{name}").findings == ()


@pytest.mark.parametrize(("name", "content"), PAIRS)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str, content: str) -> None:
    report = check(InMemory(FILES[content]), filename=f"trips.{name}")

    assert report.findings, report


@pytest.mark.parametrize("inside", [*BINARIES, *NOT_TAKEN])
def test_a_zip_whose_file_is_not_what_its_name_says_is_refused(inside: str) -> None:
    assert check(InMemory(_zip("trips.csv", FILES[inside])), filename="trips.zip").findings


@pytest.mark.parametrize(("name", "content"), [("csv", "exe"), ("xlsx", "csv"), ("parquet", "zip")])
def test_one_that_was_sent_by_the_api_is_refused_and_makes_no_table(
    pipeline: Pipeline, name: str, content: str
) -> None:
    upload_id = pipeline.land(FILES[content], filename=f"trips.{name}")

    assert pipeline.watch() == [upload_id]
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert pipeline.upload(upload_id).door is Door.API
    assert pipeline.catalogue.tables == {}
