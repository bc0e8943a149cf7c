"""Every finding about a file: its code, its title, and what it says to a person, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LISTED = 20
"""How many lines or values a finding lists; everything is counted."""

FORMATS = "CSV (.csv), JSON (.json), JSON Lines (.jsonl, .ndjson), an Excel workbook (.xlsx) or Parquet (.parquet)"

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


def count_of(number: int, thing: str, *, plural: str = "") -> str:
    """`1 row`, `2 rows`, `1,234 rows`."""
    return f"{number:,} {thing if number == 1 else plural or thing + 's'}"


def _lines_text(lines: Sequence[int], *, total: int) -> str:
    shown = ", ".join(f"{line:,}" for line in lines[:5])
    more = f" and {total - min(len(lines), 5):,} more" if total > min(len(lines), 5) else ""
    return f"{'line' if total == 1 else 'lines'} {shown}{more}"


# The file as a whole


def unsupported_format(filename_ending: str) -> Finding:
    """The name's ending is none of the formats."""
    named = f"The name of the selected file ends in {filename_ending}" if filename_ending else "The file has no ending"
    return Finding(
        code="unsupported_format",
        title="The selected file must be a CSV, JSON, JSONL, XLSX or Parquet",
        severity=Severity.ERROR,
        message=f"{named}. Save the data as {FORMATS} and upload that file.",
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


# The records of a CSV file


def wrong_delimiter(*, expected: str, found: str, columns: int) -> Finding:
    """Fields separated by something else than what they were to be read by; both in the words of the options."""
    return Finding(
        code="wrong_delimiter",
        title=f"Fields are separated by {found}s, not {expected}s",
        severity=Severity.ERROR,
        message=f"The first row has no {expected}, but {found}s between {columns:,} names. Choose {found} as the "
        f"delimiter in the reading options, or save the file again with {expected}s, and upload it again. Nothing is "
        "guessed, because a guess could be wrong.",
        lines=(1,),
        details={"delimiter": f"{found}s", "columns": columns, "reading_options": {"delimiter": found}},
    )


def ragged_rows(*, expected: int, total: int, rows: Sequence[tuple[int, int]]) -> Finding:
    """Rows with more or fewer fields than there are column names.

    Args:
        expected: fields in the header.
        total: how many such rows there are.
        rows: line and number of fields of the first of them; a blank line has 0 fields.
    """
    listed = rows[:MAX_LISTED]
    found = ", ".join(f"line {line:,} has {fields:,}" for line, fields in listed[:5])
    return Finding(
        code="ragged_rows",
        title="Rows have the wrong number of fields",
        severity=Severity.ERROR,
        message=f"The header has {count_of(expected, 'column')}, but {count_of(total, 'row')} "
        f"{'has' if total == 1 else 'have'} another number of fields: {found}{' and so on' if total > 5 else ''}. "  # noqa: PLR2004
        "Put quotes around values that hold a comma or a line break, and remove blank lines.",
        lines=tuple(line for line, _ in listed),
        details={
            "expected": expected,
            "count": total,
            "rows": [{"line": line, "found": fields} for line, fields in listed],
        },
    )


def unclosed_quote(*, line: int) -> Finding:
    """A field that begins with a quote which no other ends."""
    return Finding(
        code="unclosed_quote",
        title="A quote is not closed",
        severity=Severity.ERROR,
        message=f'The field that begins with a quote (") in line {line:,} has no closing quote. Add it, or remove the '
        'first one. A quote inside a quoted field is written twice ("").',
        lines=(line,),
    )


def text_after_quote(*, lines: Sequence[int], total: int) -> Finding:
    """Text between a closing quote and the next comma."""
    return Finding(
        code="text_after_quote",
        title="There is text after a closing quote",
        severity=Severity.ERROR,
        message=f"In {_lines_text(lines, total=total)} a quoted field goes on after its closing quote. "
        'Write a quote inside a quoted field twice ("").',
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total},
    )


def trailing_blank_lines(*, lines: Sequence[int], total: int) -> Finding:
    """Blank lines at the end, which are ignored."""
    return Finding(
        code="trailing_blank_lines",
        title="Blank lines at the end were ignored",
        severity=Severity.INFO,
        message=f"The file ends with {count_of(total, 'blank line')}, from line {lines[0]:,}. They are no rows.",
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total},
    )


# The records of a JSON file


def invalid_json(*, line: int, character: int, offset: int, reason: str) -> Finding:
    """Text that is not JSON; only the first fault is known.

    Args:
        line: physical line of the fault.
        character: its place in the line, from 1.
        offset: its byte in the file, from 0.
        reason: what a JSON reader says (`Expecting ',' delimiter`).
    """
    return Finding(
        code="invalid_json",
        title="The selected file is not valid JSON",
        severity=Severity.ERROR,
        message=f"In line {line:,}, character {character:,}: {reason}. What follows was not read.",
        lines=(line,),
        details={"line": line, "character": character, "byte_offset": offset, "reason": reason},
    )


def not_objects(*, lines: Sequence[int], total: int) -> Finding:
    """Rows that are no JSON objects."""
    return Finding(
        code="not_objects",
        title="Rows are not JSON objects",
        severity=Severity.ERROR,
        message='Each row must be a JSON object such as {"name": "value"}: each line of JSON Lines, each element of an '
        f"array. {count_of(total, 'row is', plural='rows are')} not: {_lines_text(lines, total=total)}.",
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total},
    )


def duplicate_keys(*, lines: Sequence[int], total: int, key: str) -> Finding:
    """Objects with a key twice, whatever its case; `key` is the first such."""
    return Finding(
        code="duplicate_keys",
        title="JSON objects have the same key twice",
        severity=Severity.ERROR,
        message=f"{count_of(total, 'row')} with the same key twice in one object, without regard to upper and lower "
        f"case, the first in line {lines[0]:,}. One of the values would be lost: rename or remove one.",
        column=key,
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total, "key": key},
    )


def blank_json_lines(*, lines: Sequence[int], total: int) -> Finding:
    """Blank lines between or after the records of JSON Lines, which are ignored."""
    return Finding(
        code="blank_lines",
        title="Blank lines were ignored",
        severity=Severity.INFO,
        message=f"{count_of(total, 'blank line')} between the rows, from line {lines[0]:,}, "
        f"{'is' if total == 1 else 'are'} no row.",
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total},
    )


def json_lines_in_json_file(rows: int) -> Finding:
    """A .json file with one object a line, which is read as JSON Lines."""
    return Finding(
        code="read_as_json_lines",
        title="The file was read as JSON Lines",
        severity=Severity.INFO,
        message=f"The file's name ends in .json, but it holds {count_of(rows, 'object')}, one a line, and no array. "
        "Each object is a row.",
        details={"rows": rows},
    )


# The values of a column


def null_words_read(*, column: str, total: int, lines: Sequence[int], words: Sequence[str]) -> Finding:
    """Words for a missing value in a typed column."""
    return Finding(
        code="null_words",
        title="Words for missing values were read as NULL",
        severity=Severity.INFO,
        message=f"{count_of(total, 'field')} of column {column} {'is' if total == 1 else 'are'} a word for a missing "
        f"value ({', '.join(words)}) and will be NULL in the table.",
        column=column,
        lines=tuple(lines[:MAX_LISTED]),
        examples=tuple(words[:MAX_LISTED]),
        details={"count": total, "words": list(words)},
    )


def scientific_numbers(*, column: str, total: int, lines: Sequence[int], examples: Sequence[str]) -> Finding:
    """Numbers in scientific notation, read as doubles."""
    return Finding(
        code="scientific_numbers",
        title="Numbers in scientific notation were read",
        severity=Severity.INFO,
        message=f"{count_of(total, 'value')} of column {column} {'is' if total == 1 else 'are'} written like 1e5 and "
        "read as a number. If they are codes and no numbers, name the column as text in the reading options.",
        column=column,
        lines=tuple(lines[:MAX_LISTED]),
        examples=tuple(examples[:MAX_LISTED]),
        details={"count": total},
    )


def fine_timestamps(*, column: str, total: int, lines: Sequence[int], examples: Sequence[str]) -> Finding:
    """Timestamps finer than a millisecond."""
    return Finding(
        code="fine_timestamps",
        title="Timestamps are finer than Athena shows",
        severity=Severity.INFO,
        message=f"{count_of(total, 'value')} of column {column} {'has' if total == 1 else 'have'} more than three "
        "decimal places of a second. The table keeps them; Athena shows milliseconds.",
        column=column,
        lines=tuple(lines[:MAX_LISTED]),
        examples=tuple(examples[:MAX_LISTED]),
        details={"count": total},
    )


def column_without_values(column: str) -> Finding:
    """A column that is NULL in every row."""
    return Finding(
        code="column_without_values",
        title="A column has no values",
        severity=Severity.INFO,
        message=f"Column {column} is empty in every row. The table has it, as text, until a file brings a value.",
        column=column,
    )


# The reading options


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


def day_first_kept_as_text(column: str) -> Finding:
    """A column that was to have dates with the day first, and stays text."""
    return Finding(
        code="day_first_kept_as_text",
        title="Dates with the day first were kept as text",
        severity=Severity.WARNING,
        message=f"Column {column} was to be read as dates with the day first, but it is text: a value in it is no such "
        "date, or the table has the column as text from earlier uploads. Every value is kept exactly as it is "
        "written. Write all of them like 31/01/2026 if they are dates.",
        column=column,
    )
