"""Which Arrow type holds a column type, and so what the Parquet files look like."""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

from include.domain import column_types as ct

compute: Any = pyarrow.compute
"""Arrow's functions over arrays, untyped: the published stubs describe other signatures than those of our version."""

Values: TypeAlias = "pa.Array[Any]"
Mask: TypeAlias = "pa.Array[Any]"

_SIMPLE: dict[type[ct.ColumnType], pa.DataType] = {
    ct.Boolean: pa.bool_(),
    ct.BigInt: pa.int64(),
    ct.Double: pa.float64(),
    ct.Date: pa.date32(),
    ct.Timestamp: pa.timestamp("us"),
    ct.TimestampUtc: pa.timestamp("us", tz="UTC"),
    ct.String: pa.string(),
}
_WITHOUT_PARAMETERS: tuple[ct.ColumnType, ...] = (
    ct.Boolean(),
    ct.BigInt(),
    ct.Double(),
    ct.Date(),
    ct.Timestamp(),
    ct.TimestampUtc(),
    ct.String(),
)


def arrow_type(column_type: ct.ColumnType) -> pa.DataType:
    """The Arrow type of a column type.

    Raises:
        KeyError: for Null, which is written to no file.
    """
    match column_type:
        case ct.Decimal(scale):
            return pa.decimal128(ct.DECIMAL_PRECISION, scale)
        case ct.Array(element):
            return pa.list_(arrow_type(element))
        case ct.Struct(fields):
            return pa.struct([pa.field(name, arrow_type(inner)) for name, inner in fields])
        case _:
            return _SIMPLE[type(column_type)]


def glue_word(stored: pa.DataType) -> str:
    """The type of a Parquet file's column in Glue's words, as `column_types.glue_type` has them.

    Raises:
        ValueError: no part is written with this type.
    """
    if pa.types.is_struct(stored):
        fields = (stored.field(number) for number in range(stored.num_fields))
        return f"struct<{','.join(f'{field.name}:{glue_word(field.type)}' for field in fields)}>"
    if pa.types.is_list(stored):
        return f"array<{glue_word(stored.value_type)}>"
    if pa.types.is_decimal128(stored):
        return f"decimal({stored.precision},{stored.scale})"
    for column_type in _WITHOUT_PARAMETERS:
        if arrow_type(column_type) == stored:
            return ct.glue_type(column_type)
    raise ValueError(f"a column of type {stored}")
