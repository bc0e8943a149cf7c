"""What is worth telling of the values of a file's columns, once the types that they are written as are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import column_types as ct
from include.domain import file_findings
from include.domain.evidence import NOTHING, Evidence, has_values
from include.domain.remarks import Remark, Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from include.domain.findings import Finding
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
        return (file_findings.no_values(rows),)
    found: list[Finding] = []
    for name in columns:
        written = types.get(name, ct.Null())
        if isinstance(written, ct.Null):
            found.append(file_findings.column_without_values(name))
        if isinstance(written, ct.String):
            if name in day_first:
                found.append(file_findings.day_first_kept_as_text(name))
            continue
        for remark in Remark:
            seen = remarks.get((name, remark))
            if seen is not None:
                found.append(_remark(remark, name, seen))
    return tuple(found)


def _remark(remark: Remark, name: str, seen: Seen) -> Finding:
    match remark:
        case Remark.NULL_WORD:
            return file_findings.null_words_read(column=name, total=seen.total, lines=seen.lines, words=seen.texts)
        case Remark.SCIENTIFIC:
            return file_findings.scientific_numbers(
                column=name, total=seen.total, lines=seen.lines, examples=seen.texts
            )
        case Remark.FINE_TIMESTAMP:
            return file_findings.fine_timestamps(column=name, total=seen.total, lines=seen.lines, examples=seen.texts)
