"""The findings as a file that spreadsheets open and do not run."""

from __future__ import annotations

import csv
import io

import pytest

from include.domain.findings import Finding, Severity
from plugins.front.findings_file import HEADER, findings_csv


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def finding(**facts: object) -> Finding:
    given = {"code": "ragged_rows", "title": "Rows", "severity": Severity.ERROR, "message": "Correct them."}
    return Finding(**{**given, **facts})  # type: ignore[arg-type]


def test_each_finding_is_a_line_with_everything_the_page_says() -> None:
    content = findings_csv([finding(column="code", lines=(2, 7), examples=('a "b", c', "é"))])

    assert content.startswith(b'\xef\xbb\xbf"code","severity",')
    assert content.count(b"\r\n") == 2
    assert rows_of(content) == [
        list(HEADER),
        ["ragged_rows", "error", "Rows", "code", "2, 7", 'a "b", c\né', "Correct them."],
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])  # noqa: RUF001 - also begins a formula
def test_what_a_spreadsheet_would_run_is_made_text(begin: str) -> None:
    value = f"{begin}HYPERLINK(A1)"
    (_, row) = rows_of(findings_csv([finding(column=value, title=value, message=value, examples=("x", value))]))

    assert [row[2], row[3], row[6]] == [f"'{value}"] * 3
    assert row[5] == f"x\n'{value}"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_no_formula_begins_where_a_spreadsheet_divides_fields_otherwise(delimiter: str) -> None:
    value = f"a{delimiter}=HYPERLINK(A1){delimiter}{delimiter} +1\n@x"
    written = findings_csv([finding(column=value, title=value, message=value, examples=("x", value))])
    rows = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=False)

    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "@"))]


def test_without_findings_there_is_the_header_alone() -> None:
    assert rows_of(findings_csv([])) == [list(HEADER)]
