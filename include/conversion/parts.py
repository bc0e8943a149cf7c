"""How typed columns become Parquet files: row groups, compression, and the line numbers beside them.

The lines of a part's records stand in a sidecar (`lines-00000.parquet` beside `part-00000.parquet`, same rows in the
same order, one column `:line`): what is published is a part as it is, and can never hold them by mistake.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.conversion.arrow_types import arrow_type, glue_word
from include.conversion.encodings import encodings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from include.conversion.arrow_types import Values
    from include.conversion.source import ByteSource
    from include.domain.column_types import ColumnType

LINE_COLUMN = ":line"
"""A name no column of a user can have."""

FOOTER_END = 8  # bytes: the length of the footer, and Parquet's mark
ROW_GROUP_ROWS = 1_000_000
ROW_GROUP_BYTES = 48 * 1024**2


def part_name(number: int) -> str:
    """Name of a part's Parquet file."""
    return f"part-{number:05d}.parquet"


def lines_name(part: str) -> str:
    """Name of the sidecar with the line numbers of a part's records."""
    return part.replace("part-", "lines-", 1)


def stored_rows(part: ByteSource) -> int:
    """How many rows a Parquet file says it has, from its footer alone."""
    rows: int = _footer(part).num_rows
    return rows


def stored_columns(part: ByteSource) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Rows of a Parquet file, and its columns with their types in Glue's words, from its footer alone.

    Raises:
        ValueError: it is no Parquet file, or has a type that no part is written with.
    """
    if part.size < FOOTER_END:
        raise ValueError("too short for a Parquet file")
    footer = _footer(part)
    schema = footer.schema.to_arrow_schema()
    return footer.num_rows, tuple((column.name, glue_word(column.type)) for column in schema)


def _footer(part: ByteSource) -> pq.FileMetaData:
    with part.open_range(part.size - FOOTER_END, part.size) as stream:
        length = int.from_bytes(stream.read(4), "little")
    with part.open_range(max(part.size - FOOTER_END - length, 0), part.size) as stream:
        return pq.read_metadata(io.BytesIO(stream.read()))


class PartWriter:
    """Writes one part and its sidecar; both appear under their names only when `commit` succeeds."""

    def __init__(self, folder: Path, number: int, types: Mapping[str, ColumnType]) -> None:
        self.types = dict(types)
        self.name = part_name(number)
        self.rows = 0
        self._folder = folder
        self._schema = pa.schema([pa.field(name, arrow_type(each)) for name, each in types.items()])
        self._pending: list[pa.Table] = []
        self._lines: list[NDArray[np.int64]] = []
        self._pending_bytes = 0
        self._writer: pq.ParquetWriter | None = None
        self._lines_writer: pq.ParquetWriter | None = None

    @property
    def _unfinished(self) -> Path:
        return self._folder / f".{self.name}.unfinished"

    @property
    def _unfinished_lines(self) -> Path:
        return self._folder / f".{lines_name(self.name)}.unfinished"

    def write(self, arrays: Mapping[str, Values], lines: NDArray[np.int64]) -> None:
        """Add rows: one array for each of the types, in their order, and the line of each row."""
        table = pa.Table.from_arrays(list(arrays.values()), schema=self._schema)
        self._pending.append(table)
        self._pending_bytes += table.nbytes
        self._lines.append(lines)
        self.rows += len(lines)

    def flush_if_full(self) -> None:
        """Write a row group once there is enough for one; apart from `write`, so that what was read can go first."""
        if self._pending_bytes >= ROW_GROUP_BYTES or sum(map(len, self._lines)) >= ROW_GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        table, lines = pa.concat_tables(self._pending), pa.table({LINE_COLUMN: pa.array(np.concatenate(self._lines))})
        self._pending, self._lines, self._pending_bytes = [], [], 0
        if self._writer is None or self._lines_writer is None:
            self._writer = pq.ParquetWriter(self._unfinished, self._schema, **encodings(table))
            self._lines_writer = pq.ParquetWriter(
                self._unfinished_lines,
                lines.schema,
                compression="zstd",
                use_dictionary=False,
                column_encoding={LINE_COLUMN: "DELTA_BINARY_PACKED"},
            )
        self._writer.write_table(table, row_group_size=table.num_rows)
        self._lines_writer.write_table(lines, row_group_size=lines.num_rows)

    def commit(self) -> None:
        """Finish both files.

        Raises:
            ValueError: the file does not have the rows that were written to it.
        """
        self._flush()
        if self._writer is None or self._lines_writer is None:
            raise ValueError("a part without rows")
        self._writer.close()
        self._lines_writer.close()
        stored = pq.read_metadata(self._unfinished).num_rows
        if stored != self.rows:
            raise ValueError(f"{self.rows} rows were written to {self.name}, which has {stored}")
        self._unfinished_lines.rename(self._folder / lines_name(self.name))
        self._unfinished.rename(self._folder / self.name)

    def discard(self) -> None:
        """Leave nothing behind."""
        for writer in (self._writer, self._lines_writer):
            if writer is not None:
                writer.close()
        self._pending, self._lines, self._pending_bytes = [], [], 0
        for path in (self._unfinished, self._unfinished_lines):
            path.unlink(missing_ok=True)
