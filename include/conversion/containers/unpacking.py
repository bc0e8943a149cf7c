"""Which container a file is by its name, and how its plain text is made."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from include.conversion.containers.gzip_file import unpack_gzip
from include.conversion.containers.limits import Limits, Meter
from include.conversion.containers.parquet_file import unpack_parquet
from include.conversion.containers.unpacked import Content, Plain, Unpacked, Unpacker
from include.conversion.containers.unreadable import Unreadable
from include.conversion.containers.workbook import unpack_workbook
from include.conversion.containers.zip_file import unpack_zip
from include.conversion.source import ByteSource, LocalFile
from include.domain import container_findings, file_findings

if TYPE_CHECKING:
    from typing import BinaryIO

    from include.domain.reading_options import ReadingOptions

_GZIP = "gz"  # read from its start to its end; the others have their directory at the end
UNPACKERS: dict[str, Unpacker] = {
    "zip": unpack_zip,
    "xlsx": unpack_workbook,
    "parquet": unpack_parquet,
}

_BLOCK = 8 * 1024**2


def container_of(filename: str) -> str | None:
    """gz, zip, xlsx or parquet by the name's ending; None for text."""
    ending = PurePath(filename).suffix.lower().removeprefix(".")
    return ending if ending in {_GZIP, *UNPACKERS} else None


def unpack(
    source: ByteSource, *, filename: str, options: ReadingOptions, into: Path, plain: str, limits: Limits
) -> Unpacked:
    """Make the plain text of a container in the folder `into`, in bounded memory.

    Args:
        source: the bytes as they were sent.
        filename: for which `container_of` is not None.
        options: which sheet of a workbook.
        into: an existing folder with room for the plain text; and for a file that is no gzip and not on this machine.
        plain: the name that the plain text takes there.
        limits: where to stop.

    Raises:
        OSError: the source cannot be read, or the folder not written.
    """
    copy, path = into / f"{plain}.packed", into / plain
    with source.open() as stream:
        sent = _Sent(stream)
        try:
            if not source.size:
                raise Unreadable(file_findings.empty_file())
            with path.open("wb") as out:
                text = Plain(out, Meter(limits, packed=source.size), name=filename)
                if container_of(filename) == _GZIP:
                    content = unpack_gzip(sent.read, filename=filename, plain=text)
                else:
                    unpacker = UNPACKERS[container_of(filename) or ""]
                    packed = _local(source, sent, copy, limits=limits)
                    content = unpacker(packed, filename=filename, plain=text, options=options, limits=limits)
        except Unreadable as stop:
            content = Content(filename, stop.findings)
        finally:
            copy.unlink(missing_ok=True)
        sent.read_on()
    return Unpacked(sent.sha256, sent.size, path, content)


class _Sent:
    """The file from its start to its end, once: its SHA-256 and its size come of it on the way."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def read(self, most: int) -> bytes:
        """The next bytes; none at the end."""
        data = self._stream.read(most)
        self._digest.update(data)
        self.size += len(data)
        return data

    def read_on(self) -> None:
        """Go on to the end: a report names a file by all of its bytes, whatever was found in the first of them."""
        while self.read(_BLOCK):
            pass

    @property
    def sha256(self) -> str:
        """Of what was read, hexadecimal."""
        return self._digest.hexdigest()


def _local(source: ByteSource, sent: _Sent, copy: Path, *, limits: Limits) -> Path:
    """The file on this machine.

    Raises:
        Unreadable: it is larger than what may come out of it, and there may be no room for it.
    """
    if source.size > limits.unpacked_bytes:
        raise Unreadable(container_findings.packed_too_large(limit=limits.unpacked_bytes, packed=source.size))
    if isinstance(source, LocalFile):
        return source.path
    with copy.open("wb") as stream:
        while block := sent.read(_BLOCK):
            stream.write(block)
    return copy
