"""How the leaves of a table are encoded in Parquet, judged by their first values: for size and speed alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from include.conversion.arrow_types import compute as pc
from include.conversion.leaf_columns import leaf_columns

if TYPE_CHECKING:
    from include.conversion.arrow_types import Values

_SAMPLE = 5_000
_NUMBERS_SAMPLE = 1_000  # other encodings do nearly as well for numbers, and there may be a thousand columns
_SHARE = 0.2  # distinct values among the sampled; above it a dictionary costs time and space
_LEVEL_OF_DOUBLES = 2  # of zstd, whose first level finds too little in digits


def encodings(table: pa.Table) -> dict[str, Any]:
    """What to tell a `ParquetWriter` of the leaves: dictionaries where values repeat, differences for whole numbers.

    DELTA_BINARY_PACKED makes whole numbers smaller than zstd makes plain ones, and faster; Athena's engine version 3,
    Spark 3.3, DuckDB, polars and pyarrow read it.

    Args:
        table: the first rows that will be written.
    """
    leaves = [
        leaf
        for field in table.schema
        for leaf in leaf_columns(field.name, table.column(field.name).slice(0, _SAMPLE).combine_chunks())
    ]
    repetitive = [path for path, values in leaves if _repeats(values)]
    known = set(repetitive)
    others = [(path, values.type) for path, values in leaves if path not in known]
    return {
        "compression": "zstd",
        "compression_level": {path: _LEVEL_OF_DOUBLES for path, kind in others if pa.types.is_floating(kind)} or None,
        "use_dictionary": repetitive,
        "column_encoding": {path: "DELTA_BINARY_PACKED" for path, kind in others if _is_whole(kind)},
    }


def _is_whole(kind: pa.DataType) -> bool:
    return pa.types.is_int64(kind) or pa.types.is_date(kind) or pa.types.is_timestamp(kind)


def _repeats(values: Values) -> bool:
    head = values.slice(0, _SAMPLE if pa.types.is_string(values.type) else _NUMBERS_SAMPLE)
    distinct: int = pc.count_distinct(head, mode="all").as_py()
    return distinct <= _SHARE * len(head)
