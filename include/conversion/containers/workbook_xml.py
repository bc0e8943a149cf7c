"""The XML in a workbook, parsed as it is unpacked: in bounded memory, without document types or entities."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from include.conversion.containers.unreadable import Unreadable
from include.conversion.containers.zip_file import member_chunks
from include.domain import container_findings

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator

    from include.conversion.containers.limits import Meter

KIND = "an Excel workbook"
_MAX_TOKEN = 16 * 1024**2  # a cell has at most 32,767 characters


def damaged(reason: str) -> Unreadable:
    """What to raise of a workbook that is none."""
    return Unreadable(container_findings.damaged_file(kind=KIND, reason=reason))


def local(name: str) -> str:
    """An element's or attribute's name without its prefix."""
    return name.rpartition(":")[2]


def parse(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    meter: Meter,
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Feed an XML file of a workbook to handlers, and pause after each piece of it.

    Raises:
        Unreadable: it is no XML, or too much of it.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    fed = 0
    try:
        for chunk in member_chunks(archive, member, kind=KIND):
            meter.take(len(chunk))
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                raise damaged(f"{member.filename} has a piece without end")
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(f"{member.filename} is no XML in line {error.lineno:,}") from error
    yield


def _no_doctype(*_: object) -> None:
    raise damaged("it has a document type, which no workbook has")
