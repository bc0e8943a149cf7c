"""The metadata of a table: the Analytical Platform's own package takes it, and makes our Glue types of it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import Any

from include.domain.governance import Classification
from include.services.glue_tables import describe
from include.services.table_metadata import table_metadata
from include.settings import PROJECT_ROOT
from tests.fakes.evidence import schema_of

READER = PROJECT_ROOT / ".venv-readers" / "bin" / "python"
PROGRAM = """
import json, sys
from mojap_metadata import Metadata
from mojap_metadata.converters.glue_converter import GlueConverter
table = GlueConverter().generate_from_meta(Metadata.from_dict(json.load(sys.stdin)))["TableInput"]
stored = table["StorageDescriptor"]
json.dump([stored["Columns"], table["PartitionKeys"], stored["Location"]], sys.stdout)
"""
TYPES = {
    "flag": "boolean",
    "id": "bigint",
    "amount": "decimal(38,2)",
    "ratio": "double",
    "born": "date",
    "seen_at": "timestamp",
    "sent_at": "timestamp_utc",
    "name": "string",
    "unknown": "null",
    "visits": "array<struct<on:date,costs:array<decimal(38,1)>,who:struct<name:string,at:timestamp>>>",
}
TABLE = describe(
    schema_of(**TYPES),
    database="data_eng_uploader_dev_travel",
    name="trips",
    location="s3://ours/",
    env="dev",
    was=None,
)
LOCATION = "s3://analytical-platform/uploader/data_eng_uploader_dev_travel/trips/"


def metadata(*classifications: Classification | None) -> dict[str, Any]:
    return table_metadata(TABLE, location=LOCATION, classifications=classifications)


def test_the_platforms_package_takes_it_and_makes_the_same_glue_types_of_it() -> None:
    given = json.dumps(metadata())
    made = subprocess.run([READER, "-c", PROGRAM], input=given, capture_output=True, text=True, check=True)
    columns, partitions, location = json.loads(made.stdout)
    assert [(column["Name"], column["Type"]) for column in columns] == list(TABLE.columns)
    assert [(column["Name"], column["Type"]) for column in partitions] == [("extraction_timestamp", "string")]
    assert location == LOCATION


def test_it_says_where_the_table_is_and_what_people_wrote_of_its_columns() -> None:
    document = table_metadata(
        replace(TABLE, comments={"id": "Of the trip"}), location=LOCATION, classifications=[Classification.OFFICIAL]
    )
    assert {key: document[key] for key in ("name", "database_name", "table_location", "file_format")} == {
        "name": "trips",
        "database_name": "data_eng_uploader_dev_travel",
        "table_location": LOCATION,
        "file_format": "parquet",
    }
    columns = {column["name"]: column for column in document["columns"]}
    assert columns["id"]["description"] == "Of the trip"
    assert columns["sent_at"] == {
        "name": "sent_at",
        "type": "timestamp(us)",
        "description": "In UTC.",
        "nullable": True,
    }
    assert columns["unknown"]["description"] == "No upload has a value in it yet."
    assert not columns["extraction_timestamp"]["nullable"]


def test_a_table_is_sensitive_if_one_of_its_uploads_is() -> None:
    assert metadata(Classification.OFFICIAL, Classification.OFFICIAL_SENSITIVE)["sensitive"]
    assert not metadata(Classification.OFFICIAL, None)["sensitive"]
