"""The first rows of a Parquet file in a store: its footer and a few pages are read, never the whole file."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from include.ports import SampledRows

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from include.ports import StoredFile

READ_AT_ONCE = 4 * 1024**2  # bytes of a row group's columns up to which they come in few large reads
READ_IN_ALL = 64 * 1024**2  # bytes of long values that are looked at
CUT_AT = 1000  # characters or bytes of a value: more than are shown
TOO_LARGE = "(too large to be shown here)"
_PAGE_BUFFER = 64 * 1024
_TOGETHER = 8 * 1024**2  # bytes of values that are in memory at once, unless one alone has more
_LARGEST_CELL = 16 * 1024**2  # bytes of an average value up to which a column is looked at
_NESTED = 64 * 1024  # bytes of a list or struct up to which it is shown
_FIXED = 16  # bytes of a number, moment or truth value


class RangedReader(io.RawIOBase):
    """A stored file that can be read anywhere: each read is one request for just those bytes."""

    def __init__(self, file: StoredFile) -> None:
        super().__init__()
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        self._position = begin + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer, as far as the file goes."""
        view = memoryview(buffer).cast("B")
        end = min(self._position + len(view), self._file.size)
        if end <= self._position:
            return 0
        with self._file.open_range(self._position, end) as stream:
            content = stream.read(end - self._position)
        view[: len(content)] = content
        self._position += len(content)
        return len(content)


@dataclass(frozen=True)
class ParquetRows:
    """`RowSampler` over Parquet files."""

    def first(self, file: StoredFile, *, rows: int, columns: int) -> SampledRows:
        """The first rows of the first columns."""
        import pyarrow.parquet as pq

        with RangedReader(file) as ranged:
            reader = cast("IO[bytes]", ranged)
            footer = pq.read_metadata(reader)
            names = footer.schema.to_arrow_schema().names
            chunks = _chunks(footer, rows=rows)
            wanted = names[:columns]
            small = sum(chunks[name].stored for name in wanted) <= READ_AT_ONCE
            parquet = pq.ParquetFile(
                reader, metadata=footer, pre_buffer=small, buffer_size=0 if small else _PAGE_BUFFER
            )
            together = [name for name in wanted if chunks[name].cell * rows <= _TOGETHER]
            found = dict(zip(together, _read(parquet, together, rows=rows, at_once=rows, budget=None), strict=True))
            left = READ_IN_ALL
            for name in (name for name in wanted if name not in found):
                at_once = max(1, min(rows, _TOGETHER // chunks[name].cell))
                budget = _Budget(left if chunks[name].each <= _LARGEST_CELL else 0)
                (found[name],) = _read(parquet, [name], rows=rows, at_once=at_once, budget=budget)
                left = budget.left
            count = min(rows, footer.num_rows)
        told = [_filled(found[name], count) for name in wanted]
        return SampledRows(names=tuple(names), rows=tuple(zip(*told, strict=True)))


@dataclass
class _Budget:
    """Bytes of values that may still be looked at."""

    left: int


@dataclass(kw_only=True)
class _Chunks:
    """What the footer says of a column where its first rows are.

    Attributes:
        stored: bytes of it in the first row group, as they lie in the file.
        cell: bytes that a value can have at most: a dictionary keeps one of them for any number of rows.
        each: bytes that a value has on average.
    """

    stored: int = 0
    cell: int = 1
    each: int = 0


def _chunks(footer: Any, *, rows: int) -> dict[str, _Chunks]:
    found: dict[str, _Chunks] = defaultdict(_Chunks)
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        for chunk in (group.column(at) for at in range(group.num_columns)):
            known = found[chunk.path_in_schema.split(".")[0]]
            known.stored += chunk.total_compressed_size if number == 0 else 0
            fixed = chunk.physical_type != "BYTE_ARRAY" and "." not in chunk.path_in_schema
            known.cell = max(known.cell, _FIXED if fixed else chunk.total_uncompressed_size)
            known.each = max(known.each, chunk.total_uncompressed_size // max(1, group.num_rows))
        rows -= group.num_rows
        if rows <= 0:
            break
    return found


def _read(parquet: Any, names: list[str], *, rows: int, at_once: int, budget: _Budget | None) -> list[list[object]]:
    """The first values of some columns, each cut before it is Python's; as far as the budget goes."""
    found: list[list[object]] = [[] for _ in names]
    if not names or (budget and budget.left <= 0):
        return found
    count = 0
    for batch in parquet.iter_batches(batch_size=at_once, columns=names, use_threads=False):
        if budget:
            budget.left -= batch.nbytes
        for values, column in zip(found, batch.columns, strict=True):
            values.extend(_values(column))
        count += batch.num_rows
        if count >= rows or (budget and budget.left <= 0):
            break
    return [values[:rows] for values in found]


def _values(column: Any) -> list[object]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return cast("list[object]", pc.utf8_slice_codeunits(column, 0, CUT_AT).to_pylist())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return cast("list[object]", pc.binary_slice(column, 0, CUT_AT).to_pylist())
    if pa.types.is_nested(kind):
        each = (column.slice(at, 1) for at in range(len(column)))
        return [TOO_LARGE if one.nbytes > _NESTED else one[0].as_py() for one in each]
    return cast("list[object]", column.to_pylist())


def _filled(values: list[object], count: int) -> list[object]:
    """As many values as there are rows: those that were not looked at are said to be too large."""
    return [*values, *[TOO_LARGE] * (count - len(values))]
