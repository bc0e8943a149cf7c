"""What the page says of a chosen file, under Node: the words of the service, taken from the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from include.domain import names
from plugins.front.app import create_standalone
from tests.fakes.front import make_front
from tests.plugins.browsing import Browser
from tests.sending.test_parts import node

if TYPE_CHECKING:
    from pathlib import Path

    from bs4 import BeautifulSoup, Tag

NAMES = [
    *("trips.csv", "TRIPS.CSV", "trips.ndjson", "trips.xlsx", "trips.parquet", "trips.zip", "trips.2026.csv"),
    *("trips.csv.gz", "trips.NDJSON.GZ", "trips.json.gz", "trips.gz", "trips.xlsx.gz", "trips.zip.gz", ".csv.gz"),
    *("trips.docx", "trips.xls", "trips.XLSM", "trips.xlsb", "trips.ods", "trips", "trips.", ".csv", ".gz", "ndjson"),
    *("trips.ndjson.docx", "trips.constructor", "trips.docx.csv"),
]


@pytest.mark.parametrize("formats", ["csv,json,jsonl,xlsx,parquet,gz,zip", "csv,gz", "csv,json"])
def test_the_page_refuses_the_files_that_the_service_refuses_in_its_very_words(tmp_path: Path, formats: str) -> None:
    front = make_front(tmp_path, formats=formats)
    client = TestClient(create_standalone(lambda: front.context), base_url="http://testserver/uploader/")
    page = Browser(client, front).sign_in().answer_all().page
    said = node("problems", names=NAMES, given=dataset(page, "upload-form"), errors=dataset(page, "upload-errors"))

    taken = front.context.settings.formats
    refused = {name: names.format_refusal(name, taken) for name in NAMES if not names.is_taken(name, taken)}
    assert dict(zip(NAMES, said, strict=True)) == {name: refused.get(name) for name in NAMES}


def dataset(page: BeautifulSoup, anchor: str) -> dict[str, Any]:
    """The data attributes of an element as scripts see them."""
    found: Tag | None = page.find(id=anchor)
    assert found is not None
    given = {name.removeprefix("data-"): value for name, value in found.attrs.items() if name.startswith("data-")}
    return {_camel(name): value for name, value in given.items()}


def _camel(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(word.capitalize() for word in others)
