"""What a case's data are: blocks of records that can be made again, any of them, from the case's name and a number."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bench.text_columns import joined, pc

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from bench.text_columns import Random, Texts


@dataclass(frozen=True)
class Block:
    """Consecutive records.

    Attributes:
        records: the text of each record, without what separates records.
        expected: what a faithful table holds of them: for CSV every column as the text of its fields (NULL where the
            field is empty), for JSON typed values.
    """

    records: Texts
    expected: pa.Table


class Source(Protocol):
    """How the data of one case are made."""

    @property
    def format(self) -> str:
        """Of the file: "csv", "jsonl" or "json" (an array)."""
        ...

    @property
    def block_rows(self) -> int:
        """Records in a block, but for the last."""
        ...

    @property
    def types(self) -> dict[str, str]:
        """Column and the family of its type by the rules, in order."""
        ...

    def block(self, random: Random, *, first: int, rows: int, of: int) -> Block:
        """Records `first` to `first + rows` of a file of `of` records."""
        ...


@dataclass(frozen=True)
class Case:
    """One question put to all tools.

    Attributes:
        name: what it is asked for by.
        title: for the report.
        source: its data.
        share: of the asked size that its file has.
    """

    name: str
    title: str
    source: Source
    share: float = 1.0

    @property
    def filename(self) -> str:
        """Name of the file; the ending says the format."""
        return f"{self.name}.{self.source.format}"

    def rows_for(self, size: int) -> int:
        """How many records make about `size` bytes."""
        sample = self.source.block(self._random(0), first=0, rows=self.source.block_rows, of=2**60)
        return max(20, int(size * self.share * len(sample.records) / _bytes_of(sample)))

    def blocks_of(self, rows: int) -> int:
        """How many blocks a file of so many records has."""
        return -(-rows // self.source.block_rows)

    def block(self, number: int, *, rows: int) -> Block:
        """Block `number` of a file of `rows` records."""
        first = number * self.source.block_rows
        length = min(self.source.block_rows, rows - first)
        return self.source.block(self._random(number), first=first, rows=length, of=rows)

    def _random(self, number: int) -> Random:
        return np.random.default_rng([zlib.crc32(self.name.encode()), number])


def write(case: Case, *, rows: int, path: Path) -> None:
    """Write the case's file."""
    opening, separator, closing = _punctuation(case)
    with path.open("wb") as stream:
        stream.write(opening)
        for number in range(case.blocks_of(rows)):
            if number:
                stream.write(separator)
            stream.write(_joined(case.block(number, rows=rows).records, separator.decode()))
        stream.write(closing)


def _punctuation(case: Case) -> tuple[bytes, bytes, bytes]:
    if case.source.format == "csv":
        return (",".join(case.source.types) + "\n").encode(), b"\n", b"\n"
    if case.source.format == "jsonl":
        return b"", b"\n", b"\n"
    return b"[", b",\n", b"]\n"


def _joined(records: Texts, separator: str) -> memoryview:
    whole = joined(records, separator)
    buffer: Any = whole.buffers()[2]
    return memoryview(buffer)[: len(buffer) - len(separator.encode())]


def _bytes_of(block: Block) -> int:
    size: int = pc.sum(pc.binary_length(block.records)).as_py()
    return size + len(block.records)
