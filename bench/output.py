"""The Parquet that a tool left: its files in the order of their rows, and what their types amount to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ID = "id"
"""The column that numbers the rows from 0 in every case."""


def parquet_files(folder: Path) -> list[Path]:
    """All files that a query engine would read, those with the smallest ids first."""
    found = [
        path
        for path in folder.rglob("*.parquet")
        if not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    ]
    return sorted(found, key=lambda path: (_first_id(path), path))


def _first_id(path: Path) -> int:
    for batch in pq.ParquetFile(path).iter_batches(batch_size=1, columns=[ID]):
        return int(batch.column(0)[0].as_py())
    return -1


def written_bytes(folder: Path) -> int:
    """Bytes of Parquet."""
    return sum(path.stat().st_size for path in parquet_files(folder))


def row_count(folder: Path) -> int:
    """Rows of all files, by their footers."""
    return sum(pq.read_metadata(path).num_rows for path in parquet_files(folder))


def batches(folder: Path, *, rows: int) -> Iterator[pa.Table]:
    """The table in pieces of at most `rows` rows, each of one file; rows in another order than their ids are sorted."""
    files = parquet_files(folder)
    if all(_in_order(path) for path in files):
        for path in files:
            for batch in pq.ParquetFile(path).iter_batches(batch_size=rows):
                yield pa.table(batch)
        return
    for path in files:
        whole = pq.read_table(path).sort_by(ID)
        for start in range(0, whole.num_rows, rows):
            yield whole.slice(start, rows)


def _in_order(path: Path) -> bool:
    before = -1
    for batch in pq.ParquetFile(path).iter_batches(batch_size=1_000_000, columns=[ID]):
        ids = batch.column(0).to_numpy(zero_copy_only=False)
        if len(ids) and (ids[0] < before or (ids[1:] < ids[:-1]).any()):
            return False
        before = ids[-1] if len(ids) else before
    return True


def families(folder: Path) -> list[dict[str, str]]:
    """Column and family of its type, for each file."""
    return [{field.name: family(field.type) for field in pq.read_schema(path)} for path in parquet_files(folder)]


def codecs(folder: Path) -> set[str]:
    """How the columns of the first row groups are compressed."""
    found: set[str] = set()
    for path in parquet_files(folder):
        metadata = pq.read_metadata(path)
        if metadata.num_row_groups:
            group = metadata.row_group(0)
            found |= {group.column(number).compression for number in range(group.num_columns)}
    return found


def family(arrow: pa.DataType) -> str:
    """The word of the rules for an Arrow type; Arrow's own where they have none."""
    tests: dict[str, Callable[[pa.DataType], bool]] = {
        "bigint": pa.types.is_integer,
        "double": pa.types.is_floating,
        "decimal": pa.types.is_decimal,
        "boolean": pa.types.is_boolean,
        "date": pa.types.is_date,
        "struct": pa.types.is_struct,
    }
    for name, is_one in tests.items():
        if is_one(arrow):
            return name
    if pa.types.is_timestamp(arrow):
        return "timestamp_utc" if arrow.tz else "timestamp"
    if pa.types.is_dictionary(arrow):
        return family(arrow.value_type)
    if pa.types.is_string(arrow) or pa.types.is_large_string(arrow):
        return "string"
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow):
        return "array"
    return str(arrow)
