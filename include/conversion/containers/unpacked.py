"""What an unpacker is given, what it writes to, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from include.conversion.containers.unreadable import Unreadable
from include.domain import container_findings

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from include.conversion.containers.limits import Limits, Meter
    from include.domain.findings import Finding
    from include.domain.reading_options import ReadingOptions

_NESTED = (b"\x1f\x8b\x08", b"PK\x03\x04", b"PAR1\x15", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0")
"""How other containers begin, in bytes that no header of a CSV file has: it may well be called PAR1."""


@dataclass(frozen=True)
class Content:
    """What an unpacker found.

    Attributes:
        name: whose ending tells the format of the plain text.
        findings: of the container; an error among them refuses the file.
        member: name of the file in a ZIP, or of the sheet of a workbook.
        first_line: the number that the first line of the plain text has in the file: 2 below a sheet's header row.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    member: str | None = None
    first_line: int = 1


@dataclass(frozen=True)
class Unpacked:
    """A file and the plain text that came out of it.

    Attributes:
        sha256: hexadecimal, of the file as it was sent.
        size: bytes of it.
        path: the plain text; what is there is nothing to rely on when the findings refuse the file.
        content: what it is.
    """

    sha256: str
    size: int
    path: Path
    content: Content


class Plain:
    """The plain text while it is written: counted, and looked at for archives in archives."""

    def __init__(self, stream: BinaryIO, meter: Meter, *, name: str) -> None:
        self._stream = stream
        self._meter = meter
        self._name = name
        self._head = b""
        self._known = False

    @property
    def size(self) -> int:
        """Bytes written."""
        return self._meter.total

    def write(self, data: bytes) -> None:
        """Add text.

        Raises:
            Unreadable: it is too much, or no text but another container.
        """
        self._meter.take(len(data))
        if not self._known:
            self._head += data[:8]
            self._known = len(self._head) >= 8  # noqa: PLR2004 - as long as the longest mark
            if self._head.startswith(_NESTED):
                raise Unreadable(container_findings.nested_archive(self._name))
        self._stream.write(data)


class Unpacker(Protocol):
    """Reads one kind of container. One module each."""

    def __call__(
        self, packed: Path, *, filename: str, plain: Plain, options: ReadingOptions, limits: Limits
    ) -> Content:
        """Write the plain text of the file `packed`, which the uploader called `filename`.

        Raises:
            Unreadable: there is nothing to be had from the file.
        """
        ...
