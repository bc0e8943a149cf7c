"""The partition key `extraction_timestamp`, and the keys of the areas that carry it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from include.domain.errors import Refused

FORMAT = "%Y%m%dT%H%M%SZ"
COLUMN = "extraction_timestamp"

# The older form without the T is found in files of the original service: accepted, never written.
_ACCEPTED = re.compile(r"(\d{8})T?(\d{6})Z", re.ASCII)
_KEY = re.compile(
    r"database_name=(?P<database>[^/]+)/table_name=(?P<table>[^/]+)/extraction_timestamp=(?P<ts>[^/]+)/(?P<file>[^/]+)"
)


def format_timestamp(moment: datetime) -> str:
    """An aware datetime as the partition key writes it, in UTC to the second: `20260131T235959Z`."""
    if moment.tzinfo is None:
        raise ValueError("extraction_timestamp needs an aware datetime")
    in_utc = moment.astimezone(UTC)
    return f"{in_utc.year:04d}{in_utc:%m%dT%H%M%SZ}"  # strftime does not pad years before 1000


def parse_timestamp(text: str) -> datetime:
    """The moment a partition key names, in either form, or Refused (code `bad_extraction_timestamp`)."""
    match = _ACCEPTED.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        return datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise Refused(
            f"extraction_timestamp must be a UTC time like 20260131T235959Z; this is {text!r}.",
            code="bad_extraction_timestamp",
            title="Extraction timestamp is not permitted",
            field="extraction_timestamp",
        ) from None


@dataclass(frozen=True)
class PartitionKey:
    """Which partition a file belongs to: short database name, table, extraction_timestamp (T form)."""

    database: str
    table: str
    extraction_timestamp: str

    @property
    def path(self) -> str:
        """The folder of this partition below landing, raw_history and fail; no slash at the end."""
        return f"{table_path(self.database, self.table)}/extraction_timestamp={self.extraction_timestamp}"

    def file(self, name: str) -> str:
        """The key of a file of this partition below an area."""
        return f"{self.path}/{name}"


def table_path(database: str, table: str) -> str:
    """The folder of a table's partitions below landing and raw_history; no slash at the end."""
    return f"database_name={database}/table_name={table}"


def folder_names(key: str) -> tuple[str, str]:
    """Database and table as a key below an area spells them, unchecked; empty where it has none."""
    match = _KEY.fullmatch(key)
    return (match["database"], match["table"]) if match else ("", "")


def parse_key(key: str) -> tuple[PartitionKey, str]:
    """Partition and file name of a key below an area, names unchecked, or Refused (code `bad_key`)."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise Refused(
            "A file dropped into landing must lie at database_name=<database>/table_name=<table>/"
            f"extraction_timestamp=<YYYYMMDDTHHMMSSZ>/<file>; this lies at {key!r}.",
            code="bad_key",
            title="The path is not one the service knows",
            field="key",
        )
    timestamp = format_timestamp(parse_timestamp(match["ts"]))
    return PartitionKey(match["database"], match["table"], timestamp), match["file"]
