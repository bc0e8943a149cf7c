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
