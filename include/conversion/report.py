"""What a check and a conversion found, in a form that travels between processes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from include.domain.column_types import ColumnType, display, parse
from include.domain.findings import Finding, refuses
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions
from include.domain.table_schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Range:
    """Whole records of a file.

    Attributes:
        start: offset of the first byte of the first record.
        end: offset after the last byte.
        first_line: physical line, from 1, at `start`.
        rows: records in it.
    """

    start: int
    end: int
    first_line: int
    rows: int


@dataclass(frozen=True)
class Reading:
    """How the bytes are to be read: recorded, so that a derivation can be made again.

    Attributes:
        delimiter: between CSV fields.
        terminator: of CSV and JSON Lines records: a line feed (also for CRLF), or a carriage return.
        options: what was chosen for this file; a chosen delimiter is in `delimiter` too.
    """

    delimiter: str = ","
    terminator: str = "\n"
    options: ReadingOptions = DEFAULT_OPTIONS


@dataclass(frozen=True)
class Container:
    """What the text of a file was wrapped in.

    Attributes:
        format: gz, zip, xlsx or parquet.
        member: the name of the file in a ZIP, or of the sheet of a workbook.
        size: bytes of the plain text; the ranges of the report are offsets in it.
    """

    format: str
    member: str | None
    size: int


@dataclass(frozen=True)
class CheckReport:
    """What one pass over a file's bytes found.

    Attributes:
        format: csv, jsonl or json, of the plain text; the name's ending when it is none of them.
        sha256: hexadecimal, of the bytes as they were sent.
        size: the number of those bytes.
        rows: records; 0 when they could not be counted.
        columns: stored names, in the file's order.
        ranges: where the records are, in order, without gaps in rows.
        findings: errors among them refuse the file.
        reading: how to read it.
        container: what the text was wrapped in; None when the file is the text.
    """

    format: str
    sha256: str
    size: int
    rows: int
    columns: tuple[str, ...]
    ranges: tuple[Range, ...]
    findings: tuple[Finding, ...]
    reading: Reading = Reading()
    container: Container | None = None

    @property
    def refused(self) -> bool:
        """Whether the file cannot be converted."""
        return refuses(self.findings)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "format": self.format,
            "sha256": self.sha256,
            "size": self.size,
            "rows": self.rows,
            "columns": list(self.columns),
            "ranges": [[part.start, part.end, part.first_line, part.rows] for part in self.ranges],
            "findings": [finding.as_dict() for finding in self.findings],
            "reading": {
                "delimiter": self.reading.delimiter,
                "terminator": self.reading.terminator,
                "options": self.reading.options.to_json(),
            },
            "container": asdict(self.container) if self.container else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CheckReport:
        """Read back what `to_json` wrote."""
        return cls(
            format=data["format"],
            sha256=data["sha256"],
            size=data["size"],
            rows=data["rows"],
            columns=tuple(data["columns"]),
            ranges=tuple(Range(*part) for part in data["ranges"]),
            findings=tuple(Finding.from_dict(finding) for finding in data["findings"]),
            reading=Reading(
                delimiter=data["reading"]["delimiter"],
                terminator=data["reading"]["terminator"],
                options=ReadingOptions.from_json(data["reading"].get("options", {})),
            ),
            container=Container(**data["container"]) if data.get("container") else None,
        )


@dataclass(frozen=True)
class Conversion:
    """What a conversion wrote.

    Attributes:
        schema: this file's own evidence, in the file's column order.
        written: the type of each column that is in the files, in their order.
        rows: rows in all parts together.
        parts: names of the Parquet files in the output folder, in the order of their rows.
        findings: errors among them refuse the file (`no_values`).
    """

    schema: TableSchema
    written: dict[str, ColumnType]
    rows: int
    parts: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether the file cannot be published."""
        return refuses(self.findings)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "schema": self.schema.to_json(),
            "written": [[name, display(column_type)] for name, column_type in self.written.items()],
            "rows": self.rows,
            "parts": list(self.parts),
            "findings": [finding.as_dict() for finding in self.findings],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Conversion:
        """Read back what `to_json` wrote."""
        return cls(
            schema=TableSchema.from_json(data["schema"]),
            written={name: parse(text) for name, text in data["written"]},
            rows=data["rows"],
            parts=tuple(data["parts"]),
            findings=tuple(Finding.from_dict(finding) for finding in data["findings"]),
        )
