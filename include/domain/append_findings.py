"""What an upload changes in a table that is there: columns it adds, columns it makes wider, in words for a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.domain.column_types import ColumnType, Null, display
from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from include.domain.table_schema import TableSchema

WIDENS = "widens_columns"
CODES = frozenset({"adds_columns", WIDENS})

_LONGEST_EXAMPLE = 200  # characters
_INSTEAD = "the upload can be cancelled or withdrawn, and the file corrected."


@dataclass(frozen=True)
class Misfit:
    """The first value of a file with which a column becomes wider than its table has it.

    Attributes:
        line: the physical line its row begins in.
        text: the value as written.
        path: where it is within the column's value, such as `.street` or `[].postcode`; empty for the value itself.
    """

    line: int
    text: str
    path: str = ""


@dataclass(frozen=True)
class Changes:
    """What folding a file into its table changes there.

    Attributes:
        added: columns that the table does not have, and their types; Null for one without values.
        widened: columns of the table with the type they had and the one they get.
    """

    added: Mapping[str, ColumnType] = field(default_factory=dict)
    widened: Mapping[str, tuple[ColumnType, ColumnType]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.widened)


def changes_of(table: TableSchema, file: TableSchema) -> Changes:
    """What a file of this evidence changes in a table of that; nothing in a table that it makes."""
    before = table.types()
    if not before:
        return Changes()
    after = table.union(file).types()
    return Changes(
        added={name: kind for name, kind in after.items() if name not in before},
        widened={name: (before[name], kind) for name, kind in after.items() if kind != before.get(name, kind)},
    )


def tell(changes: Changes, misfits: Mapping[str, Misfit]) -> tuple[Finding, ...]:
    """The findings of an upload that makes these changes; `misfits` by the column that they make wider."""
    added = (adds_columns(changes.added),) if changes.added else ()
    widened = (
        widens_column(name, was=was, becomes=becomes, misfit=misfits.get(name))
        for name, (was, becomes) in changes.widened.items()
    )
    return (*added, *widened)


def is_told(changes: Changes, findings: Iterable[Finding]) -> bool:
    """Whether findings tell these changes and no others, wherever they found them."""
    return _said(findings) == _said(tell(changes, {}))


def _said(findings: Iterable[Finding]) -> set[str]:
    facts = ("columns", "from", "to")
    return {str((each.column, [each.details.get(fact) for fact in facts])) for each in findings if each.code in CODES}


def adds_columns(columns: Mapping[str, ColumnType]) -> Finding:
    """Columns that the file has and the table has not."""
    names = list(columns)
    listed = ", ".join(names[:MAX_LISTED]) + (" and so on" if len(names) > MAX_LISTED else "")
    one = len(names) == 1
    missing = f"the column {listed}" if one else f"these {len(names):,} columns: {listed}"
    return Finding(
        code="adds_columns",
        title="The file adds columns to the table" if not one else "The file adds a column to the table",
        severity=Severity.WARNING,
        message=f"The table does not have {missing}. Publishing this file adds {'it' if one else 'them'}; in earlier "
        f"partitions {'it is' if one else 'they are'} NULL. If a name is misspelt, {_INSTEAD}",
        column=names[0] if one else None,
        details={"columns": [{"column": name, "type": display(kind)} for name, kind in columns.items()]},
    )


def same_file_again(*, filename: str, uploader: str, extraction_timestamp: str, rows: int, is_in: bool) -> Finding:
    """A file that its table has already, byte for byte, or that another upload is bringing.

    Args:
        filename: what the other upload called it.
        uploader: who sent the other.
        extraction_timestamp: the other's partition.
        rows: of the file.
        is_in: whether the other is published; else it is on its way.
    """
    which = "It is, byte for byte," if is_in else "Another upload brings the same bytes:"
    return Finding(
        code="same_file_again",
        title="The table has this file already" if is_in else "The same file is on its way into the table",
        severity=Severity.WARNING,
        message=f"{which} {filename}, uploaded by {uploader}, extraction_timestamp {extraction_timestamp}. With both, "
        f"the table has {'its' if is_in else 'the'} {count_of(rows, 'row')} twice. If that is not meant, this upload "
        "can be cancelled or withdrawn.",
        details={"extraction_timestamp": extraction_timestamp},
    )


def widens_column(column: str, *, was: ColumnType, becomes: ColumnType, misfit: Misfit | None) -> Finding:
    """A column that becomes wider, and the first value that does not fit it as it is."""
    first = isinstance(was, Null)
    where = f"{column}{misfit.path}" if misfit else column
    there = f"the value in line {misfit.line:,}" if misfit else "a value of this file"
    within = f" at {where}" if where != column else ""
    if first:
        message = f"Column {column} has no values in the table and so no type. This file makes it {display(becomes)}."
    else:
        message = (
            f"Column {column} of the table is {display(was)}, which does not hold {there}{within}. Publishing this "
            f"file makes it {display(becomes)}, in earlier partitions too. If the value is a mistake, {_INSTEAD}"
        )
    return Finding(
        code="widens_columns",
        title="The file gives a column its first type" if first else "The file makes a column of the table wider",
        severity=Severity.WARNING,
        message=message,
        column=column,
        lines=(misfit.line,) if misfit else (),
        examples=(_cut(misfit.text),) if misfit else (),
        details={
            "from": display(was),
            "to": display(becomes),
            **({"path": where} if where != column else {}),
        },
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else text[:_LONGEST_EXAMPLE] + "…"
