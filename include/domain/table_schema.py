"""The columns of a file or a table with their evidence: how two schemas join, and what that makes out of date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from include.domain import column_types as ct
from include.domain.evidence import NOTHING, Evidence
from include.domain.text_rules import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_NESTED = frozenset({Kind.OBJECT, Kind.ARRAY})


@dataclass(frozen=True)
class Column:
    """One column: its stored name (lower case) and what its values have shown."""

    name: str
    evidence: Evidence

    @property
    def type(self) -> ct.ColumnType:
        """The type that follows from the evidence."""
        return self.evidence.type


@dataclass(frozen=True)
class TableSchema:
    """Columns in the order first published."""

    columns: tuple[Column, ...] = ()

    def evidence(self) -> dict[str, Evidence]:
        """Evidence by column name, in order."""
        return {column.name: column.evidence for column in self.columns}

    def types(self) -> dict[str, ct.ColumnType]:
        """Type by column name, in order; Null for a column without a typed value."""
        return {column.name: column.type for column in self.columns}

    def union(self, other: TableSchema) -> TableSchema:
        """The join of both: this one's columns in their order, the other's new ones (and new struct fields) last."""
        mine, theirs = self.evidence(), other.evidence()
        names = dict.fromkeys((*mine, *theirs))
        return TableSchema(
            tuple(Column(name, mine.get(name, NOTHING).merge(theirs.get(name, NOTHING))) for name in names)
        )

    def in_order_of(self, types: Mapping[str, ct.ColumnType]) -> TableSchema:
        """The same columns and struct fields, those that these types name first and in their order."""
        mine = self.evidence()
        names = dict.fromkeys((*(name for name in types if name in mine), *mine))
        return TableSchema(tuple(Column(name, _in_order_of(mine[name], types.get(name))) for name in names))

    def columns_to_rewrite(
        self, written: Mapping[str, ct.ColumnType], *, partition: TableSchema | None = None
    ) -> tuple[str, ...]:
        """Columns of this table for which a partition must be derived again from its raw file.

        Args:
            written: the types in the partition's files; a column that is in no file is absent (or Null).
            partition: what the partition's own file has shown. Without it the table's evidence is taken for the
                partition's, which may name a column too many, never one too few.
        """
        known = (partition or self).evidence()
        return tuple(
            column.name
            for column in self.columns
            if column.name in known
            and _out_of_date(known[column.name], written.get(column.name, ct.Null()), column.type)
        )

    def to_json(self) -> dict[str, Any]:
        """A small JSON object."""
        return {"columns": [[column.name, column.evidence.to_json()] for column in self.columns]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TableSchema:
        """Read back what `to_json` wrote."""
        return cls(tuple(Column(name, Evidence.from_json(evidence)) for name, evidence in data["columns"]))


def _in_order_of(evidence: Evidence, kind: ct.ColumnType | None) -> Evidence:
    match kind:
        case ct.Array(element) if evidence.element is not None:
            return replace(evidence, element=_in_order_of(evidence.element, element))
        case ct.Struct(fields) if evidence.fields:
            known = {name: inner for name, inner in fields if name in evidence.fields}
            names = dict.fromkeys((*known, *evidence.fields))
            return replace(
                evidence, fields={name: _in_order_of(evidence.fields[name], known.get(name)) for name in names}
            )
        case _:
            return evidence


def _out_of_date(evidence: Evidence, old: ct.ColumnType, new: ct.ColumnType) -> bool:
    """Whether files of type `old`, derived from values of this evidence, read differently from ones of type `new`."""
    if old == new:
        return False
    if isinstance(old, ct.Null):
        return _hides(evidence, new)
    if ct.needs_rewrite(old, new):
        return True
    return _nested_out_of_date(evidence, old, new)


def _hides(evidence: Evidence, new: ct.ColumnType) -> bool:
    """Whether leaving the values out of the file, where NULL is read, differs from writing them as `new`."""
    if isinstance(new, ct.Null):
        return False
    if isinstance(new, ct.String) and (evidence.null_words or evidence.quoted_empties):
        return True
    return bool(evidence.kinds)  # such as `[]`, untyped until now


def _nested_out_of_date(evidence: Evidence, old: ct.ColumnType, new: ct.ColumnType) -> bool:
    if not evidence.kinds <= _NESTED:
        return False
    match old, new:
        case ct.Array(was), ct.Array(becomes):
            return _out_of_date(evidence.element or NOTHING, was, becomes)
        case ct.Struct(had), ct.Struct(has):
            before = dict(had)
            return any(
                _out_of_date(evidence.fields.get(name, NOTHING), before.get(name, ct.Null()), becomes)
                for name, becomes in has
            )
        case _:
            return False
