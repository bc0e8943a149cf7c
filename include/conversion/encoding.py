"""Whether bytes are UTF-8 text, and what else they look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from include.domain import file_findings
from include.domain.file_findings import MAX_LISTED
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from include.domain.findings import Finding

BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32 (little endian)"),
    (b"\x00\x00\xfe\xff", "UTF-32 (big endian)"),
    (b"\xff\xfe", "UTF-16 (little endian)"),
    (b"\xfe\xff", "UTF-16 (big endian)"),
)
_NO_TEXT = (
    (b"\xd0\xcf\x11\xe0", file_findings.OLD_OFFICE),
    (b"PK\x03\x04", file_findings.ARCHIVE),
    (b"\x1f\x8b\x08", file_findings.GZIP),
    (b"PAR1\x15", file_findings.PARQUET),
)
"""How other files begin, in bytes that no header has."""
_SAMPLE = 4096
_MANY = 0.3  # of the bytes are NUL: characters of two or four bytes
_UNDEFINED_1252 = b"\x81\x8d\x8f\x90\x9d"


def wide_encoding(head: bytes) -> Finding | None:
    """The finding for a file of two- or four-byte characters, or of no characters at all, judged by its first bytes."""
    for mark, name in (*_WIDE_BOMS, *_NO_TEXT):
        if head.startswith(mark):
            return file_findings.not_utf8(encoding=name, offset=0, line=1, byte=head[0])
    sample = head[:_SAMPLE]
    if len(sample) > 1 and sample.count(0) >= _MANY * len(sample):
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        order = "little" if odd > even else "big"
        first = sample.index(0)
        return file_findings.not_utf8(encoding=f"UTF-16 ({order} endian)", offset=first, line=1, byte=0)
    return None


def invalid_utf8(data: bytes, *, offset: int, line: int, terminator: str) -> Finding | None:
    """The finding for the first byte of `data` that is not UTF-8, or None.

    Args:
        data: whole characters, if they are any.
        offset: of `data` in the file.
        line: physical line at the start of `data`.
        terminator: of the records; see `line_breaks`.
    """
    if is_utf8(data):
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
        return file_findings.not_utf8(
            encoding=_eight_bit_encoding(data, at),
            offset=offset + at,
            line=line + line_breaks(data[:at], terminator=terminator),
            byte=data[at],
        )
    return None


def is_utf8(data: bytes | memoryview) -> bool:
    """Whether bytes are UTF-8. Arrow looks at many at once, and makes no text of them."""
    whole = pa.py_buffer(np.array([0, len(data)], np.int64).data)
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, whole, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


_FOLLOWERS = ((0xC2, 0xDF, 1), (0xE0, 0xEF, 2), (0xF0, 0xF4, 3))  # by the first and last lead byte with so many


def _is_cut_off(rest: bytes) -> bool:
    """Whether all there is is a lead byte with fewer followers than it asks for."""
    wanted = next((count for first, last, count in _FOLLOWERS if first <= rest[0] <= last), 0)
    return len(rest) <= wanted and all(0x80 <= byte <= 0xBF for byte in rest[1:])  # noqa: PLR2004 - followers


def _eight_bit_encoding(data: bytes, at: int) -> str:
    if _is_cut_off(data[at:]):
        return "UTF-8 whose last character is cut off"
    high = set(data[at:].translate(None, bytes(range(0x80))))
    if high & set(_UNDEFINED_1252):
        return "no encoding we know"
    if any(byte < 0xA0 for byte in high):  # noqa: PLR2004 - control characters in Latin-1
        return "Windows-1252"
    return "Latin-1 (ISO-8859-1) or Windows-1252"


def line_breaks(data: bytes, *, terminator: str) -> int:
    """How many physical lines end: at line feeds or, where carriage returns end the records, at these as well."""
    feeds = data.count(b"\n")
    return feeds if terminator == "\n" else feeds + data.count(b"\r") - data.count(b"\r\n")


class NulCounter:
    """Counts NUL characters and remembers the lines of the first."""

    def __init__(self) -> None:
        self.seen = Lines()

    def feed(self, data: bytes, *, line: int, terminator: str) -> None:
        """Count in `data`, which starts in physical line `line`; `terminator` ends the records."""
        if b"\0" not in data:  # looking is several times as fast as counting
            return
        at, lines = -1, self.seen.lines
        while len(lines) < MAX_LISTED and (at := data.find(0, at + 1)) >= 0:
            here = line + line_breaks(data[:at], terminator=terminator)
            self.seen.add([here], total=0)
        self.seen.total += data.count(0)
