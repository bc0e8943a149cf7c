"""What the reading options say and a file has no use for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from include.domain.reading_options import ReadingOptions

_USED_BY = {"delimiter": ("csv",), "day_first_columns": ("csv",), "null_words": ("csv",), "sheet": ("xlsx",)}
"""Which formats each reading option says something of; columns that are text are for all."""


def option_findings(options: ReadingOptions, *, file_format: str, columns: Collection[str]) -> Iterator[Finding]:
    """The findings of options that do nothing for a file of this format with these columns (stored names)."""
    chosen = options.to_json()
    if unused := [name for name, formats in _USED_BY.items() if name in chosen and file_format not in formats]:
        yield option_not_used(unused, file_format=file_format)
    named = options.text_columns if "day_first_columns" in unused else options.columns
    if missing := [name for name in named if name not in columns]:
        yield option_without_column(missing)


_OPTION_WORDS = {
    "delimiter": "a delimiter",
    "day_first_columns": "columns with the day first",
    "null_words": "words for missing values",
    "sheet": "a sheet",
}


_FORMAT_WORDS = {
    "csv": "a CSV file",
    "json": "a JSON file",
    "jsonl": "a JSON Lines file",
    "xlsx": "an Excel workbook",
    "parquet": "a Parquet file",
}


def option_without_column(columns: Sequence[str]) -> Finding:
    """Columns that the reading options name and the file lacks."""
    named = ", ".join(columns[:MAX_LISTED]) + (" and so on" if len(columns) > MAX_LISTED else "")
    return Finding(
        code="option_without_column",
        title="Reading options name columns that the file does not have",
        severity=Severity.WARNING,
        message=f"The reading options name {count_of(len(columns), 'column')} that the file does not have: {named}. "
        "For them nothing was done. Check how the names are written.",
        column=columns[0] if len(columns) == 1 else None,
        details={"columns": list(columns)},
    )


def option_not_used(options: Sequence[str], *, file_format: str) -> Finding:
    """Reading options that were given and say nothing of a file of this format.

    Args:
        options: their names as fields of `ReadingOptions`.
        file_format: csv, json, jsonl, xlsx or parquet.
    """
    words = [_OPTION_WORDS[name] for name in options]
    named = " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
    what = _FORMAT_WORDS[file_format]
    return Finding(
        code="option_not_used",
        title="Reading options do nothing for this file",
        severity=Severity.WARNING,
        message=f"The reading options have {named}, which {'does' if len(words) == 1 else 'do'} nothing for {what}: "
        "the file was read as if that had not been chosen. Check that this is the file you meant to send.",
        details={"options": list(options), "format": file_format},
    )
