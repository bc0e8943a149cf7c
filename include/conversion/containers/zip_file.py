"""ZIP: one text file in it, whatever folders and Apple's leavings lie beside."""

from __future__ import annotations

import struct
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

from include.conversion.containers.unpacked import Content, Plain
from include.conversion.containers.unreadable import Unreadable
from include.domain import container_findings
from include.domain.names import TEXT_ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.conversion.containers.limits import Limits
    from include.domain.reading_options import ReadingOptions

_CHUNK = 1024**2
_ENCRYPTED = 0x1
_MAX_DIRECTORY_BYTES = 16 * 1024**2  # tens of thousands of names; zipfile holds them all in memory
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack into buffers whose size the file chooses
_CONTAINERS = (".gz", ".zip", ".xlsx", ".xls", ".parquet", ".bz2", ".xz", ".zst", ".7z", ".tar", ".tgz", ".rar")


def unpack_zip(
    packed: Path,
    *,
    filename: str,  # noqa: ARG001 - the interface's
    plain: Plain,
    options: ReadingOptions,  # noqa: ARG001
    limits: Limits,  # noqa: ARG001
) -> Content:
    """The bytes of the one file in it. Nothing is ever written under a name that the ZIP gives."""
    with opened(packed, kind="a ZIP") as archive:
        member = _only_file(archive)
        for chunk in member_chunks(archive, member, kind="a ZIP"):
            plain.write(chunk)
    return Content(PurePath(member.filename).name, member=member.filename)


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [each for each in archive.infolist() if not each.is_dir() and not _is_litter(each.filename)]
    if len(files) != 1:
        raise Unreadable(container_findings.not_one_file([each.filename for each in files], total=len(files)))
    (member,) = files
    ending = PurePath(member.filename).suffix.lower()
    if ending in _CONTAINERS:
        raise Unreadable(container_findings.nested_archive(member.filename))
    if ending not in TEXT_ENDINGS:
        raise Unreadable(container_findings.not_text_inside(member.filename))
    if member.flag_bits & _ENCRYPTED:
        raise Unreadable(container_findings.encrypted_file("ZIP"))
    if member.compress_type not in _READ:
        raise Unreadable(container_findings.compression_method(member.compress_type))
    return member


def _is_litter(name: str) -> bool:
    """Whether a name is one of those that macOS leaves in a ZIP."""
    return name.startswith("__MACOSX/") or PurePath(name).name == ".DS_Store"


@contextmanager
def opened(packed: Path, *, kind: str) -> Iterator[zipfile.ZipFile]:
    """A ZIP whose directory is small enough to be read.

    Raises:
        Unreadable: it is none, or is damaged.
    """
    with packed.open("rb") as stream:
        if _directory_bytes(stream) > _MAX_DIRECTORY_BYTES:
            raise Unreadable(
                container_findings.damaged_file(kind=kind, reason="it has more files in it than are looked at")
            )
        try:
            archive = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
            raise Unreadable(
                container_findings.damaged_file(kind=kind, reason="it has no directory of its content at its end")
            ) from error
        with archive:
            yield archive


def member_chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, kind: str) -> Iterator[bytes]:
    """What a file in a ZIP holds, unpacked a piece at a time.

    Raises:
        Unreadable: it is damaged.
    """
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error) as error:
        reason = (
            "the checksum of what was unpacked is wrong" if "CRC" in str(error) else "its compressed data is corrupt"
        )
        raise Unreadable(
            container_findings.damaged_file(kind=kind, reason=reason, offset=member.header_offset)
        ) from error


def _directory_bytes(stream: BinaryIO) -> int:
    """Bytes of the central directory as the end of the file states it; 0 when nothing is stated."""
    size = stream.seek(0, 2)
    tail_size = min(size, 22 + 0xFFFF + 20)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    stream.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    stated = int.from_bytes(tail[at + 12 : at + 16], "little")
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):  # the locator of a 64-bit end record
        stream.seek(min(int.from_bytes(tail[at - 12 : at - 4], "little"), size))
        record = stream.read(56)
        stream.seek(0)
        if record.startswith(b"PK\x06\x06"):
            return int.from_bytes(record[40:48], "little")
    return stated
