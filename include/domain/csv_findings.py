"""What is wrong with a CSV file, given the facts of its records: from the check, or from the page in the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.domain import file_findings
from include.domain.file_findings import MAX_LISTED, count_of, lines_text
from include.domain.findings import Finding, Severity
from include.domain.name_findings import header_findings, too_many_columns
from include.domain.reading_options import DELIMITERS
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


MAX_RECORD_BYTES = 128 * 1024**2
"""A record must fit into memory a few times over."""

MAX_COLUMNS = 10_000
"""Beyond, a file is a matrix or has been split by the wrong character, and no engine reads a table of it with ease."""


@dataclass(frozen=True, kw_only=True)
class CsvFacts:
    """The facts of a CSV file's records.

    Attributes:
        header: the names in the first record; None if there is none, or too many to hand over.
        column_count: how many names there are.
        blank_header: the first line is blank.
        rows: records below the header; blank lines of a file of several columns are none.
        stopped: the records were not read to the end.
        encoding: the finding for bytes that are no UTF-8.
        nul: NUL characters.
        after_quotes: closing quotes that text follows.
        ragged: lines and numbers of fields of the first records that have others than the header.
        ragged_total: how many such records there are.
        blank_end: blank lines at the end.
        unclosed_quote: the line of a quote that nothing closes.
        too_long: the finding for a record beyond all limits.
        header_splits: of a header with one name: how many fields each other delimiter (its character) makes of it.
        second_splits: of the record below it; None if that is blank or not there.
    """

    header: Sequence[str] | None
    column_count: int
    rows: int
    blank_header: bool = False
    stopped: bool = False
    encoding: Finding | None = None
    nul: Lines = field(default_factory=Lines)
    after_quotes: Lines = field(default_factory=Lines)
    ragged: Sequence[tuple[int, int]] = ()
    ragged_total: int = 0
    blank_end: Lines = field(default_factory=Lines)
    unclosed_quote: int | None = None
    too_long: Finding | None = None
    header_splits: Mapping[str, int] = field(default_factory=dict)
    second_splits: Mapping[str, int] | None = None


def csv_findings(facts: CsvFacts, *, delimiter: str) -> tuple[Finding, ...]:
    """Everything that is wrong with the records of a file that was read with this delimiter."""
    if facts.encoding is not None and facts.stopped:
        return (facts.encoding,)
    if facts.column_count > MAX_COLUMNS:
        return (too_many_columns(facts.column_count, limit=MAX_COLUMNS),)
    if facts.header is None and facts.unclosed_quote is None and facts.too_long is None:
        return (file_findings.empty_file(),)
    nul = (file_findings.nul_characters(lines=facts.nul.lines, total=facts.nul.total),) if facts.nul.total else ()
    broken = [found for found in (facts.encoding, *nul, facts.too_long) if found is not None]
    separator = _other_delimiter(facts, delimiter)
    if separator is not None:
        return (*broken, separator)
    header = header_findings(facts.header, delimiter=delimiter) if facts.header is not None else ()
    return (*broken, *header, *_record_findings(facts))


def _record_findings(facts: CsvFacts) -> list[Finding]:
    found: list[Finding] = []
    if facts.unclosed_quote is not None:
        found.append(unclosed_quote(line=facts.unclosed_quote))
    if facts.after_quotes.total:
        found.append(text_after_quote(lines=facts.after_quotes.lines, total=facts.after_quotes.total))
    if facts.ragged_total and not facts.blank_header:
        found.append(ragged_rows(expected=facts.column_count, total=facts.ragged_total, rows=facts.ragged[:MAX_LISTED]))
    if not facts.rows and not facts.stopped:
        found.append(file_findings.no_rows())
    if facts.blank_end.total:
        found.append(trailing_blank_lines(lines=facts.blank_end.lines, total=facts.blank_end.total))
    return found


def _other_delimiter(facts: CsvFacts, delimiter: str) -> Finding | None:
    """The finding for a file of one column that another delimiter splits into the same number in both rows."""
    if facts.column_count != 1 or not facts.header_splits:
        return None
    words = {mark: word for word, mark in DELIMITERS.items()}
    mark = max(facts.header_splits, key=lambda each: facts.header_splits[each])
    columns = facts.header_splits[mark]
    if columns == 1 or (facts.second_splits is not None and facts.second_splits[mark] != columns):
        return None
    return wrong_delimiter(expected=words[delimiter], found=words[mark], columns=columns)


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
        message=f"In {lines_text(lines, total=total)} a quoted field goes on after its closing quote. "
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
