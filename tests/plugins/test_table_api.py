"""Tables over the API: how columns came to be, what is a person's own, and mojap-metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.front import ANALYST, COLLEAGUE, SURE, Front

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

TABLE = "databases/travel/tables/trips"


def test_a_table_tells_when_its_columns_appeared_and_widened(api: TestClient, front: Front) -> None:
    first = front.publish(columns=(("year", "bigint"),))
    second = front.publish(uploader=COLLEAGUE, confirmed=SURE, columns=(("year", "double"),))
    front.describe("travel", "trips", {"year": "string"}, comments={"year": "Of the trip"})
    table = api.get(TABLE).json()
    assert table["owner"] == ANALYST
    (year,) = table["columns"]
    assert (year["type"], year["description"]) == ("string", "Of the trip")
    told = [(each["was"], each["type"], each["extraction_timestamp"], each["uploader"]) for each in year["history"]]
    assert told == [
        (None, "bigint", first.extraction_timestamp, ANALYST),
        ("bigint", "double", second.extraction_timestamp, COLLEAGUE),
        ("double", "string", None, None),
    ]
    assert [each["upload_id"] for each in table["partitions"]] == [None, first.id]


def test_a_table_that_the_catalogue_lost_is_a_problem_of_its_own(api: TestClient, front: Front) -> None:
    front.publish()
    front.catalogue.tables.clear()
    for path in (TABLE, f"{TABLE}/metadata"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "table_not_catalogued")


def test_metadata_are_given_as_the_platforms_tools_read_them(api: TestClient, front: Front) -> None:
    front.publish()
    document = api.get(f"{TABLE}/metadata").json()
    assert document["$schema"].endswith("/mojap_metadata/v1.5.0.json")
    assert (document["name"], document["database_name"]) == ("trips", "data_eng_uploader_dev_travel")
    assert [(column["name"], column["type"]) for column in document["columns"]] == [
        ("year", "int64"),
        ("extraction_timestamp", "string"),
    ]
    assert api.get("databases/travel/tables/other/metadata").json()["code"] == "table_not_found"
    assert "$schema" in api.get("openapi.json").json()["components"]["schemas"]["MetadataOut"]["properties"]
