"""A table's metadata as the Analytical Platform's own tools read them (mojap-metadata)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.domain.arrow_words import arrow_word
from include.domain.column_types import Null, TimestampUtc
from include.domain.governance import Classification
from include.services.glue_tables import read_schema

if TYPE_CHECKING:
    from collections.abc import Collection

    from include.domain.column_types import ColumnType
    from include.ports import CatalogueTable

SCHEMA = "https://moj-analytical-services.github.io/metadata_schema/mojap_metadata/v1.5.0.json"
PARTITION = "extraction_timestamp"
_PARTITION_WORDS = "When the file was uploaded, in UTC: YYYYMMDDTHHMMSSZ. Each upload is a partition."


def table_metadata(
    table: CatalogueTable, *, location: str, classifications: Collection[Classification | None]
) -> dict[str, Any]:
    """The document of one table.

    Args:
        table: as it is in the catalogue; its description and comments are taken over.
        location: the table's root folder on the Analytical Platform.
        classifications: of its uploads; the table is sensitive if one of them is.
    """
    return {
        "$schema": SCHEMA,
        "name": table.name,
        "description": table.description,
        "file_format": "parquet",
        "sensitive": Classification.OFFICIAL_SENSITIVE in classifications,
        "primary_key": [],
        "partitions": [PARTITION],
        "database_name": table.database,
        "table_location": location,
        "columns": [
            *(_column(name, kind, table.comments.get(name, "")) for name, kind in read_schema(table).types().items()),
            {"name": PARTITION, "type": "string", "description": _PARTITION_WORDS, "nullable": False},
        ],
    }


def _column(name: str, kind: ColumnType, comment: str) -> dict[str, Any]:
    said = {Null(): "No upload has a value in it yet.", TimestampUtc(): "In UTC."}.get(kind, "")
    return {"name": name, "type": arrow_word(kind), "description": comment or said, "nullable": True}
