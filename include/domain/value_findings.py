"""What is worth telling of the values of a file's columns, once the types that they are written as are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import column_types as ct
from include.domain.evidence import NOTHING, Evidence, has_values
from include.domain.file_findings import MAX_LISTED, count_of, no_values
from include.domain.findings import Finding, Severity
from include.domain.remarks import Remark, Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from include.domain.table_schema import TableSchema


def types_to_write(table: TableSchema, shown: Mapping[str, Evidence]) -> dict[str, ct.ColumnType]:
    """The types of columns that have shown this, in a table; one without a value to write is left out."""
    known = table.evidence()
    names = dict.fromkeys((*known, *shown))
    types = {name: known.get(name, NOTHING).merge(shown.get(name, NOTHING)).type for name in names}
    return with_values(types, shown)


def with_values(types: Mapping[str, ct.ColumnType], shown: Mapping[str, Evidence]) -> dict[str, ct.ColumnType]:
    """The types without those of columns that hold nothing but NULL."""
    return {name: each for name, each in types.items() if has_values(shown.get(name, NOTHING), each)}


def value_findings(
    columns: Sequence[str],
    types: Mapping[str, ct.ColumnType],
    remarks: Mapping[tuple[str, Remark], Seen],
    *,
    rows: int,
    day_first: Collection[str] = (),
) -> tuple[Finding, ...]:
    """What is worth telling of the values.

    Args:
        columns: stored names, in the file's order.
        types: what each is written as; one without a value to write is left out.
        remarks: what was seen of each column.
        rows: how many there are.
        day_first: names of the columns that were to have dates with the day first.
    """
    if not types:
        return (no_values(rows),)
    found: list[Finding] = []
    for name in columns:
        written = types.get(name, ct.Null())
        if isinstance(written, ct.Null):
            found.append(column_without_values(name))
        if isinstance(written, ct.String):
            if name in day_first:
                found.append(day_first_kept_as_text(name))
            continue
        for remark in Remark:
            seen = remarks.get((name, remark))
            if seen is not None:
                found.append(_remark(remark, name, seen))
    return tuple(found)


def _remark(remark: Remark, name: str, seen: Seen) -> Finding:
    match remark:
        case Remark.NULL_WORD:
            return null_words_read(column=name, total=seen.total, lines=seen.lines, words=seen.texts)
        case Remark.SCIENTIFIC:
            return scientific_numbers(column=name, total=seen.total, lines=seen.lines, examples=seen.texts)
        case Remark.FINE_TIMESTAMP:
            return fine_timestamps(column=name, total=seen.total, lines=seen.lines, examples=seen.texts)


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
