"""Where bytes come from: any object that can be opened from its start, or from one offset to another."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ByteSource(Protocol):
    """Bytes that do not change while they are read."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def open(self) -> BinaryIO:
        """A fresh stream from the first byte; a context manager."""
        ...

    def open_range(self, start: int, end: int) -> BinaryIO:
        """A fresh stream of the bytes from `start` up to, not including, `end`; a context manager."""
        ...


@dataclass(frozen=True)
class LocalFile:
    """A file on this machine."""

    path: Path

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        """A fresh stream from the first byte."""
        return self.path.open("rb")

    def open_range(self, start: int, end: int) -> BinaryIO:
        """The bytes from `start` up to `end`, read into memory."""
        with self.path.open("rb") as stream:
            stream.seek(start)
            return io.BytesIO(stream.read(end - start))


def read_range(source: ByteSource, start: int, end: int) -> bytes:
    """All bytes of one range.

    Raises:
        EOFError: the source is shorter than it was.
    """
    with source.open_range(start, end) as stream:
        pieces = list(iter(lambda: stream.read(end - start), b""))
    data = b"".join(pieces)
    if len(data) != end - start:
        raise EOFError(f"expected {end - start} bytes from offset {start}, got {len(data)}")
    return data


def blocks(source: ByteSource, *, size: int) -> Iterator[bytes]:
    """The source from its start in blocks of `size` bytes, the last one shorter."""
    with source.open() as stream:
        while True:
            pieces: list[bytes] = []
            missing = size
            while missing and (piece := stream.read(missing)):
                pieces.append(piece)
                missing -= len(piece)
            if pieces:
                yield b"".join(pieces)
            if missing:
                return
