"""The leaves of a nested column as Parquet has them: a path and an array of values each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.conversion.arrow_types import Values

_ELEMENT = "list.element"  # what Parquet calls the two levels below an array


def leaf_columns(path: str, values: Values) -> Iterator[tuple[str, Values]]:
    """Each leaf's path and values; a column that is not nested is its own only leaf.

    Args:
        path: the column's name.
        values: its values; NULL objects and arrays have no values below.
    """
    if isinstance(values, pa.StructArray):
        for field, inner in zip(values.type, values.flatten(), strict=True):
            yield from leaf_columns(f"{path}.{field.name}", inner)
    elif isinstance(values, pa.ListArray):
        yield from leaf_columns(f"{path}.{_ELEMENT}", values.flatten())
    else:
        yield path, values
