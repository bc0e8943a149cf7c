"""Every finding about a Parquet file: types and values that a table cannot have as they are. Lines are rows, from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence


def parquet_types(columns: Sequence[tuple[str, str]]) -> Finding:
    """Columns of types that have no text; each with its path (`address.key`) and its type in Arrow's words."""
    listed = ", ".join(f"{path} ({kind})" for path, kind in columns[:MAX_LISTED])
    return Finding(
        code="parquet_types",
        title="Columns have types that are not taken",
        severity=Severity.ERROR,
        message=f"{count_of(len(columns), 'column')} cannot be taken as they are: {listed}. Write bytes as text "
        "(declared as strings, or in hexadecimal), durations as numbers of seconds, and leave out what is no data.",
        column=columns[0][0] if len(columns) == 1 else None,
        details={"columns": [{"path": path, "type": kind} for path, kind in columns]},
    )


def nan_read_as_null(*, column: str, total: int, lines: Sequence[int]) -> Finding:
    """Not-a-number among doubles, which is NULL."""
    return Finding(
        code="nan_read_as_null",
        title="NaN was read as NULL",
        severity=Severity.INFO,
        message=f"{count_of(total, 'value')} of column {column} {'is' if total == 1 else 'are'} NaN, not a number, and "
        "will be NULL in the table.",
        column=column,
        lines=tuple(lines),
        details={"count": total},
    )


def infinite_numbers(*, column: str, total: int, lines: Sequence[int]) -> Finding:
    """Infinity among doubles."""
    return Finding(
        code="infinite_numbers",
        title="Numbers are infinite",
        severity=Severity.ERROR,
        message=f"{count_of(total, 'value')} of column {column} {'is' if total == 1 else 'are'} infinite, and "
        "engines read that in different ways. Write a number, or nothing, instead.",
        column=column,
        lines=tuple(lines),
        details={"count": total},
    )


def nanoseconds(*, column: str, total: int, lines: Sequence[int]) -> Finding:
    """Timestamps finer than a microsecond."""
    return Finding(
        code="nanoseconds",
        title="Timestamps are finer than a microsecond",
        severity=Severity.ERROR,
        message=f"{count_of(total, 'value')} of column {column} {'has' if total == 1 else 'have'} nanoseconds that a "
        "table cannot hold, and nothing is rounded. Round to microseconds, or write the column as text.",
        column=column,
        lines=tuple(lines),
        details={"count": total},
    )


def dates_out_of_range(*, column: str, total: int, lines: Sequence[int]) -> Finding:
    """Dates or timestamps outside the years 1 to 9999."""
    return Finding(
        code="dates_out_of_range",
        title="Dates are before year 1 or after year 9999",
        severity=Severity.ERROR,
        message=f"{count_of(total, 'value')} of column {column} {'lies' if total == 1 else 'lie'} outside the years 1 "
        "to 9999. Correct them, or write nothing instead.",
        column=column,
        lines=tuple(lines),
        details={"count": total},
    )


def invalid_text(*, column: str, line: int) -> Finding:
    """A string that is no UTF-8, although Parquet says that strings are."""
    return Finding(
        code="invalid_text",
        title="A text is not UTF-8",
        severity=Severity.ERROR,
        message=f"Column {column} has bytes in or near row {line:,} that are no UTF-8 text. Write the file again with "
        "its strings in UTF-8.",
        column=column,
        lines=(line,),
    )
