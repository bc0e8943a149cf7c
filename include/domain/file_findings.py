"""Findings about a file as a whole: their codes, titles, and what they say to a person; and how findings count.

Those of its records, names, values and options are in the modules beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.findings import Finding, Severity
from include.domain.names import file_format, format_advice

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LISTED = 20
"""How many lines or values a finding lists; everything is counted."""


def count_of(number: int, thing: str, *, plural: str = "") -> str:
    """`1 row`, `2 rows`, `1,234 rows`."""
    return f"{number:,} {thing if number == 1 else plural or thing + 's'}"


def lines_text(lines: Sequence[int], *, total: int) -> str:
    """`line 7`, `lines 3, 4 and 1,232 more`."""
    shown = ", ".join(f"{line:,}" for line in lines[:5])
    more = f" and {total - min(len(lines), 5):,} more" if total > min(len(lines), 5) else ""
    return f"{'line' if total == 1 else 'lines'} {shown}{more}"


def unsupported_format(filename_ending: str) -> Finding:
    """The name's ending is none of the formats."""
    named = f"The name of the selected file ends in {filename_ending}" if filename_ending else "The file has no ending"
    return Finding(
        code="unsupported_format",
        title="The selected file must be a CSV, JSON, JSONL, XLSX or Parquet",
        severity=Severity.ERROR,
        message=f"{named}. {format_advice(file_format(f'x{filename_ending}'), ('xlsx', 'gz'))}",
        details={"ending": filename_ending},
    )


def empty_file() -> Finding:
    """No bytes, or nothing but a byte-order mark."""
    return Finding(
        code="empty_file",
        title="The selected file is empty",
        severity=Severity.ERROR,
        message="The file holds nothing. Check that it was saved completely and upload it again.",
    )


def no_rows() -> Finding:
    """A header, or an empty JSON array, and nothing after it."""
    return Finding(
        code="no_rows",
        title="The selected file has no rows",
        severity=Severity.ERROR,
        message="There is no row of data in the file. Check that it was saved completely and upload it again.",
    )


def no_values(rows: int) -> Finding:
    """Rows, but NULL everywhere."""
    return Finding(
        code="no_values",
        title="No column has a value",
        severity=Severity.ERROR,
        message=f"The file has {count_of(rows, 'row')}, but every field is empty or a word for a missing value. "
        "Upload a file that has a value in at least one column.",
        details={"rows": rows},
    )


OLD_OFFICE = "an Excel workbook of the old kind (.xls)"
ARCHIVE = "an Excel workbook (.xlsx) or a ZIP archive"
GZIP = "a file packed by gzip (.gz)"
PARQUET = "a Parquet file"
_NO_TEXT = {OLD_OFFICE, ARCHIVE, GZIP, PARQUET}


def not_utf8(*, encoding: str, offset: int, line: int | None, byte: int | None) -> Finding:
    """Bytes that are no UTF-8, with the encoding they look like, or what else than text."""
    if encoding in _NO_TEXT:
        return Finding(
            code="not_utf8",
            title="The selected file is not UTF-8",
            severity=Severity.ERROR,
            message=f"The file begins as {encoding} does, not as text, whatever its name says. Give it the name of "
            "what it is if that can be uploaded. Otherwise open it, save it as “CSV UTF-8 (Comma delimited)”, and "
            "upload that file.",
            details={"encoding": encoding, "byte_offset": offset, "byte": byte},
        )
    where = f" at byte {offset:,}" + (f" in line {line:,}" if line else "")
    what = f" (0x{byte:02X})" if byte is not None else ""
    return Finding(
        code="not_utf8",
        title="The selected file is not UTF-8",
        severity=Severity.ERROR,
        message=f"The file is not encoded in UTF-8: the first wrong byte{what} is{where}. It looks like {encoding}. "
        "Save it again as UTF-8 (in Excel: “CSV UTF-8 (Comma delimited)”) and upload that file.",
        lines=(line,) if line else (),
        details={"encoding": encoding, "byte_offset": offset, "byte": byte},
    )


def nul_characters(*, lines: Sequence[int], total: int) -> Finding:
    """NUL characters (U+0000)."""
    return Finding(
        code="nul_character",
        title="The selected file contains NUL characters",
        severity=Severity.ERROR,
        message=f"There {'is a NUL character' if total == 1 else f'are {total:,} NUL characters'}, the first in line "
        f"{lines[0]:,}. Text never has them: the file may be damaged or not be text at all. Export it again.",
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total},
    )


def record_too_long(*, line: int, limit: int, open_quote: int | None = None) -> Finding:
    """One record larger than the engine takes; `open_quote` is the line of a quote that is not closed within it."""
    advice = "Check that rows end with a line break and that every quote is closed."
    if open_quote is not None:
        advice = f"The quote that opens in line {open_quote:,} is not closed within that: add the one that closes it."
    return Finding(
        code="record_too_long",
        title="A row is too long",
        severity=Severity.ERROR,
        message=f"The row that begins in line {line:,} is longer than {limit // 1024**2:,} MB. {advice}",
        lines=(line,),
        details={"limit": limit},
    )
