"""gzip: one compressed text, in one member or, as bgzip and concatenation leave it, in several."""

from __future__ import annotations

import zlib
from pathlib import PurePath
from typing import TYPE_CHECKING

from include.conversion.containers.unpacked import Content, Plain
from include.conversion.containers.unreadable import Unreadable
from include.domain import container_findings
from include.domain.names import TEXT_ENDINGS

if TYPE_CHECKING:
    from collections.abc import Callable

KIND = "a gzip file"
_CHUNK = 1024**2
_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS


def unpack_gzip(read: Callable[[int], bytes], *, filename: str, plain: Plain) -> Content:
    """The bytes of all members, one after another. Zeros after the last are padding, as gzip itself has it.

    Args:
        read: gives so many of the next bytes of the file, or fewer, and none at its end.
        filename: whose ending before `.gz` tells what is inside.
        plain: takes the text.

    Raises:
        Unreadable: there is nothing to be had from the file.
    """
    inner = PurePath(filename).stem
    ending = PurePath(inner).suffix.lower()
    if ending not in TEXT_ENDINGS:
        raise Unreadable(container_findings.unnamed_gzip(ending))
    _Members(read, plain).unpack()
    return Content(inner)


class _Members:
    def __init__(self, read: Callable[[int], bytes], plain: Plain) -> None:
        self._more = read
        self._plain = plain
        self._data = b""  # read, and not yet taken
        self._offset = 0  # of it in the file

    def unpack(self) -> None:
        while True:
            while len(self._data) < len(_MAGIC) and self._read():
                pass
            if not self._data.startswith(_MAGIC):
                break
            self._member()
        if self._offset == 0:
            raise self._damaged("it does not begin like one", 0)
        while self._data or self._read():
            rest = self._data.lstrip(b"\0")
            if rest:
                raise self._damaged(
                    "something else follows its compressed data", self._offset + len(self._data) - len(rest)
                )
            self._take(len(self._data))

    def _member(self) -> None:
        inflate = zlib.decompressobj(_GZIP)
        while not inflate.eof:
            if not self._data and not self._read():
                raise self._damaged("its data ends early", self._offset)
            try:
                text = inflate.decompress(self._data, _CHUNK)
            except zlib.error as error:
                what = "the checksum of what was unpacked is wrong" if "check" in str(error) else "its data is corrupt"
                raise self._damaged(what, self._offset) from error
            rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            self._take(len(self._data) - len(rest))
            self._plain.write(text)

    def _read(self) -> bool:
        block = self._more(_CHUNK)
        self._data += block
        return bool(block)

    def _take(self, count: int) -> None:
        self._data = self._data[count:]
        self._offset += count

    @staticmethod
    def _damaged(reason: str, offset: int) -> Unreadable:
        return Unreadable(container_findings.damaged_file(kind=KIND, reason=reason, offset=offset))
