"""Column types in Arrow's words, as metadata on the Analytical Platform spells them."""

from __future__ import annotations

from include.domain import column_types as ct

_WORDS: dict[ct.ColumnType, str] = {
    ct.Null(): "string",  # as the catalogue has a column that no value has given a type yet
    ct.Boolean(): "bool",
    ct.BigInt(): "int64",
    ct.Double(): "float64",
    ct.Date(): "date32",
    ct.Timestamp(): "timestamp(us)",
    ct.TimestampUtc(): "timestamp(us)",  # there is no word with a time zone
    ct.String(): "string",
}


def arrow_word(column_type: ct.ColumnType) -> str:
    """The type's word: `int64`, `decimal128(38,2)`, `list<struct<a:date32>>`."""
    match column_type:
        case ct.Decimal(scale):
            return f"decimal128({ct.DECIMAL_PRECISION},{scale})"
        case ct.Array(element):
            return f"list<{arrow_word(element)}>"
        case ct.Struct(fields):
            return f"struct<{','.join(f'{name}:{arrow_word(inner)}' for name, inner in fields)}>"
        case _:
            return _WORDS[column_type]
