"""The first rows of a Parquet file in a store: its footer and a few pages are read, never the whole file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from include.ports import SampledRows

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from include.ports import StoredFile

READ_AT_ONCE = 4 * 1024**2  # bytes of a row group's columns up to which they come in few large reads
_PAGE_BUFFER = 64 * 1024


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
            wanted = names[:columns]
            small = _first_bytes(footer, set(wanted)) <= READ_AT_ONCE
            parquet = pq.ParquetFile(
                reader, metadata=footer, pre_buffer=small, buffer_size=0 if small else _PAGE_BUFFER
            )
            found: list[tuple[object, ...]] = []
            for batch in parquet.iter_batches(batch_size=rows, columns=wanted, use_threads=False):
                found += zip(*(column.to_pylist() for column in batch.columns), strict=True)
                if len(found) >= rows:
                    break
        return SampledRows(names=tuple(names), rows=tuple(found[:rows]))


def _first_bytes(footer: Any, wanted: set[str]) -> int:
    """Bytes of the wanted columns in the first row group, as they lie in the file."""
    group = footer.row_group(0)
    chunks = [group.column(at) for at in range(group.num_columns)]
    return sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in wanted)
