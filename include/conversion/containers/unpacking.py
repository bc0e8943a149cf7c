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
from include.conversion.source import ByteSource, LocalFile, blocks
from include.domain import file_findings

if TYPE_CHECKING:
    from include.domain.reading_options import ReadingOptions

UNPACKERS: dict[str, Unpacker] = {
    "gz": unpack_gzip,
    "zip": unpack_zip,
    "xlsx": unpack_workbook,
    "parquet": unpack_parquet,
}

_BLOCK = 8 * 1024**2


def container_of(filename: str) -> str | None:
    """gz, zip, xlsx or parquet by the name's ending; None for text."""
    ending = PurePath(filename).suffix.lower().removeprefix(".")
    return ending if ending in UNPACKERS else None


def unpack(
    source: ByteSource, *, filename: str, options: ReadingOptions, into: Path, plain: str, limits: Limits
) -> Unpacked:
    """Make the plain text of a container in the folder `into`, in bounded memory.

    Args:
        source: the bytes as they were sent.
        filename: for which `container_of` is not None.
        options: which sheet of a workbook.
        into: an existing folder with room for the plain text, and for the file if it is not on this machine.
        plain: the name that the plain text takes there.
        limits: where to stop.

    Raises:
        OSError: the source cannot be read, or the folder not written.
    """
    unpacker = UNPACKERS[container_of(filename) or ""]
    copy, path = into / f"{plain}.packed", into / plain
    packed, sha256, size = _local(source, copy)
    try:
        if not size:
            raise Unreadable(file_findings.empty_file())
        with path.open("wb") as stream:
            text = Plain(stream, Meter(limits, packed=size), name=filename)
            content = unpacker(packed, filename=filename, plain=text, options=options, limits=limits)
    except Unreadable as stop:
        content = Content(filename, stop.findings)
    finally:
        copy.unlink(missing_ok=True)
    return Unpacked(sha256, size, path, content)


def _local(source: ByteSource, copy: Path) -> tuple[Path, str, int]:
    """The file on this machine, its SHA-256 and its size."""
    digest, size = hashlib.sha256(), 0
    if isinstance(source, LocalFile):
        for block in blocks(source, size=_BLOCK):
            digest.update(block)
            size += len(block)
        return source.path, digest.hexdigest(), size
    with copy.open("wb") as stream:
        for block in blocks(source, size=_BLOCK):
            digest.update(block)
            size += stream.write(block)
    return copy, digest.hexdigest(), size
