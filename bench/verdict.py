"""What is wrong with a table that a tool made of a file, in few words."""

from __future__ import annotations

from dataclasses import dataclass, field

_LISTED = 2

_HOLDS = {
    "string": {"string"},
    "bigint": {"bigint"},
    "double": {"double", "decimal"},
    "date": {"date", "timestamp"},
    "timestamp": {"timestamp"},
    "boolean": {"boolean"},
    "struct": {"struct"},
    "array": {"array"},
}
"""By the family that the rules decide: those that hold its values as well."""


@dataclass
class Fault:
    """Cells of one column that are not what the file says.

    Attributes:
        kind: "lost" (NULL for a value), "leading zeros lost", "given a zone" or "changed".
        cells: how many.
        row: the first, from 0.
    """

    kind: str
    cells: int
    row: int


@dataclass
class Verdict:
    """All that was found in one output.

    Attributes:
        table: faults of the whole: rows missing, files of different types.
        columns: faults by column and kind.
        remarks: what leaves every value readable but is less than the rules ask: columns left as text.
    """

    table: list[str] = field(default_factory=list)
    columns: dict[tuple[str, str], Fault] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Every cell is what the file says."""
        return not self.table and not self.columns

    def add(self, column: str, kind: str, *, cells: int, row: int) -> None:
        """Count faulty cells."""
        known = self.columns.get((column, kind))
        if known:
            known.cells += cells
        else:
            self.columns[column, kind] = Fault(kind, cells, row)

    def words(self) -> str:
        """For a cell of the report: "exact", or what is wrong."""
        found = [
            f"`{column}`: {fault.cells:,} {_of(fault)} from row {fault.row:,}"
            for (column, _), fault in sorted(self.columns.items(), key=lambda item: -item[1].cells)
        ]
        more = [f"{len(found) - _LISTED} more columns"] if len(found) > _LISTED else []
        wrong = "; ".join([*self.table, *found[:_LISTED], *more])
        if not self.remarks:
            return wrong or "exact"
        return f"{wrong or 'values exact'}; {', '.join(self.remarks)}"


def _of(fault: Fault) -> str:
    return "without their leading zeros" if fault.kind == "leading zeros lost" else fault.kind


def type_remarks(families: dict[str, str], expected: dict[str, str]) -> list[str]:
    """What to say of the types of columns whose values may all be right."""
    left = [name for name, family in expected.items() if family != "string" and families.get(name) == "string"]
    other = [
        f"`{name}` as {families[name]}"
        for name, family in expected.items()
        if name in families and families[name] not in _HOLDS[family] and name not in left
    ]
    added = [name for name in families if name not in expected]
    remarks = [_counted(len(left), "left as text", left)] if left else []
    remarks += other if len(other) <= _LISTED else [f"{len(other)} columns of other types"]
    return remarks + ([_counted(len(added), "added", added)] if added else [])


def _counted(number: int, what: str, names: list[str]) -> str:
    if number <= _LISTED:
        return f"{', '.join(f'`{name}`' for name in names)} {what}"
    return f"{number} columns {what}"
