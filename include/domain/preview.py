"""What will be found in a file and become of its table, foreseen from the facts that a browser gathered of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from include.domain.append_findings import WIDENS, Changes, Misfit, changes_of, tell
from include.domain.findings import Finding, refuses
from include.domain.option_findings import option_findings
from include.domain.preview_steps import first_widening
from include.domain.table_schema import Column, TableSchema
from include.domain.value_findings import types_to_write, value_findings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.domain import column_types as ct
    from include.domain.evidence import Evidence
    from include.domain.preview_steps import Step, Widening
    from include.domain.reading_options import ReadingOptions
    from include.domain.remarks import Remark, Seen


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """What the values of one column have shown.

    Attributes:
        evidence: all of it.
        steps: the values with which it grew, in the order of rows.
        remarks: what is worth telling, without the values themselves but for words for missing ones.
    """

    evidence: Evidence
    steps: Sequence[Step] = ()
    remarks: Mapping[Remark, Seen] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The facts of a file.

    Attributes:
        file_format: csv, json or jsonl.
        columns: the facts by stored name, in the file's order; of nothing where findings refuse the file.
        rows: how many there are.
        findings: of the file's records.
    """

    file_format: str
    columns: Mapping[str, ColumnFacts]
    rows: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What will be found, and become of the table. Of a file that is refused there are the findings alone.

    Attributes:
        findings: as the check and the conversion will find them, but for examples that are values of the file.
        types: of the file's columns, as they will be in the table; Null for one without values in either.
        changes: in the table.
        widenings: the value with which each column becomes wider that does, as far as it is known.
        missing: columns of the table that the file does not have.
    """

    findings: tuple[Finding, ...]
    types: Mapping[str, ct.ColumnType] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    widenings: Mapping[str, Widening] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the file will be refused."""
        return refuses(self.findings)


def foresee(gathered: Gathered, table: TableSchema, *, options: ReadingOptions) -> Foreseen:
    """Decide as the check and the conversion will.

    Args:
        gathered: the facts of the file.
        table: the evidence of its table; of no columns for one that is not there.
        options: that the file was read with.
    """
    if refuses(gathered.findings):
        return Foreseen(findings=gathered.findings)
    names = tuple(gathered.columns)
    optional = option_findings(options, file_format=gathered.file_format, columns=names)
    shown = {name: facts.evidence for name, facts in gathered.columns.items()}
    written = types_to_write(table, shown)
    day_first = options.day_first_columns if gathered.file_format == "csv" else ()
    remarks = {
        (name, remark): seen for name, facts in gathered.columns.items() for remark, seen in facts.remarks.items()
    }
    values = value_findings(names, written, remarks, rows=gathered.rows, day_first=day_first)
    findings = (*gathered.findings, *optional, *values)
    if refuses(values):
        return Foreseen(findings=findings)
    file = TableSchema(tuple(Column(name, evidence) for name, evidence in shown.items()))
    changes = changes_of(table, file)
    after = table.union(file).types()
    before = table.evidence()
    found = {name: first_widening(before[name], gathered.columns[name].steps) for name in changes.widened}
    widenings = {name: widening for name, widening in found.items() if widening}
    return Foreseen(
        findings=(*findings, *_told(changes, widenings)),
        types={name: after[name] for name in names},
        changes=changes,
        widenings=widenings,
        missing=tuple(name for name in table.types() if name not in gathered.columns),
    )


def _told(changes: Changes, widenings: Mapping[str, Widening]) -> tuple[Finding, ...]:
    misfits = {name: Misfit(each.line, "", each.path) for name, each in widenings.items()}
    return tuple(replace(each, examples=()) if each.code == WIDENS else each for each in tell(changes, misfits))
