"""The first rows of a Parquet file, and how little of it is read for them."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.adapters.parquet_rows import CUT_AT, READ_AT_ONCE, TOO_LARGE, ParquetRows

if TYPE_CHECKING:
    from typing import BinaryIO


@dataclass
class CountedFile:
    """A stored file that counts what is read of it."""

    content: bytes
    reads: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.content)

    def open(self) -> BinaryIO:
        raise AssertionError("the whole file is read")

    def open_range(self, start: int, end: int) -> BinaryIO:
        self.reads.append(end - start)
        return io.BytesIO(self.content[start:end])


def numbers(rows: int, *, columns: int) -> pa.Table:
    made = np.random.default_rng(1)
    return pa.table({f"c{at}": pa.array(made.integers(0, 2**62, rows)) for at in range(columns)})


def written(table: pa.Table, *, row_group_size: int | None = None) -> CountedFile:
    stream = io.BytesIO()
    pq.write_table(table, stream, row_group_size=row_group_size, compression="zstd", use_dictionary=False)
    return CountedFile(stream.getvalue())


def test_the_first_rows_come_in_their_order_from_as_many_row_groups_as_it_takes() -> None:
    file = written(pa.table({"n": range(25), "t": [str(n) for n in range(25)]}), row_group_size=10)

    sampled = ParquetRows().first(file, rows=12, columns=5)

    assert sampled.names == ("n", "t")
    assert sampled.rows == tuple((n, str(n)) for n in range(12))


def test_a_file_with_fewer_rows_gives_them_all_with_nulls_and_nested_values() -> None:
    file = written(pa.table({"a": [1, None], "s": [{"x": [1, 2]}, None]}))

    assert ParquetRows().first(file, rows=100, columns=5).rows == ((1, {"x": [1, 2]}), (None, None))


def test_only_the_first_columns_are_read_and_all_are_named() -> None:
    file = written(numbers(20_000, columns=30))
    sampled = ParquetRows().first(file, rows=3, columns=2)

    assert len(sampled.names) == 30
    assert len(sampled.rows[0]) == 2
    assert sum(file.reads) < file.size / 5


@pytest.mark.parametrize("columns", [1, 8])
def test_of_a_large_file_a_few_pages_are_read(columns: int) -> None:
    file = written(numbers(3_000_000 // columns, columns=columns))
    assert file.size > 3 * READ_AT_ONCE

    sampled = ParquetRows().first(file, rows=100, columns=100)

    assert len(sampled.rows) == 100
    assert sum(file.reads) < file.size / 2
    assert len(file.reads) < 40 * columns


MEGABYTE = 1024**2


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.list_(pa.string())])
def test_long_values_are_cut_before_they_are_kept(kind: pa.DataType) -> None:
    large: Any = ["x" * 6_000_000] if pa.types.is_list(kind) else "x" * 6_000_000
    file = written(pa.table({"n": range(100), "t": pa.array([large] * 100, kind)}), row_group_size=8)
    program = (
        "import io, resource, sys, pyarrow.parquet as pq\n"
        "from tests.adapters.test_parquet_rows import CountedFile\n"
        "from include.adapters.parquet_rows import ParquetRows\n"
        "file = CountedFile(sys.stdin.buffer.read())\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "sampled = ParquetRows().first(file, rows=100, columns=100)\n"
        "grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before\n"
        "print(grown, len(sampled.rows), max(len(row[1]) for row in sampled.rows), sampled.rows[99])\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], input=file.content, capture_output=True, check=True)
    kilobytes, rows, longest, last = ended.stdout.decode().split(" ", 3)

    assert file.size < MEGABYTE
    assert int(kilobytes) < 150 * 1024
    assert (int(rows), int(longest) <= CUT_AT) == (100, True)
    assert TOO_LARGE in last  # so many of them are not looked at


def test_texts_of_a_usual_length_are_all_there() -> None:
    texts = [f"{number:05d}é" * 50 for number in range(300_000)]
    file = written(pa.table({f"t{at}": texts for at in range(2)}))

    assert ParquetRows().first(file, rows=100, columns=2).rows == tuple((text, text) for text in texts[:100])


def test_a_list_or_struct_that_is_too_large_is_said_to_be_so() -> None:
    file = written(pa.table({"l": [[1], [*range(100_000)], None]}))

    assert ParquetRows().first(file, rows=3, columns=1).rows == (([1],), (TOO_LARGE,), (None,))
