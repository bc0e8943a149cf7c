"""Evidence made up from types, for tables that no file was converted for."""

from __future__ import annotations

from include.domain import column_types as ct
from include.domain.evidence import Evidence
from include.domain.table_schema import Column, TableSchema
from include.domain.text_rules import Kind

_KINDS: dict[ct.ColumnType, Kind] = {
    ct.Boolean(): Kind.BOOLEAN,
    ct.BigInt(): Kind.INTEGER,
    ct.Double(): Kind.POINT,
    ct.Date(): Kind.DATE,
    ct.Timestamp(): Kind.TIMESTAMP,
    ct.TimestampUtc(): Kind.TIMESTAMP_ZONED,
    ct.String(): Kind.TEXT,
}


def schema_of(**types: str) -> TableSchema:
    """Columns of these types, in the API's words."""
    return TableSchema(tuple(Column(name, evidence_of(ct.parse(kind))) for name, kind in types.items()))


def evidence_of(kind: ct.ColumnType) -> Evidence:
    """Evidence from which this type follows."""
    match kind:
        case ct.Null():
            return Evidence()
        case ct.Decimal(scale):
            return Evidence(frozenset({Kind.POINT}), survives=False, integer_digits=1, decimal_places=scale)
        case ct.Array(element):
            return Evidence(frozenset({Kind.ARRAY}), element=evidence_of(element))
        case ct.Struct(fields):
            inner = {name: evidence_of(each) for name, each in fields}
            return Evidence(frozenset({Kind.OBJECT}), fields=inner)
        case _:
            return Evidence(frozenset({_KINDS[kind]}), integer_digits=4)
