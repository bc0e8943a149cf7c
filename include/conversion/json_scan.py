"""Where the elements of a JSON array begin and end, found over whole buffers without reading what is in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Offsets: TypeAlias = "NDArray[np.int64]"

BLANK = b" \t\n\r"
_QUOTE, _BACKSLASH, _COMMA = ord('"'), ord("\\"), ord(",")
_DEPTH = np.zeros(256, np.int8)
_DEPTH[[ord("{"), ord("[")]] = 1
_DEPTH[[ord("}"), ord("]")]] = -1
_MARKS = _DEPTH != 0
_MARKS[_COMMA] = True
_NOT_BLANK = re.compile(rb"[^ \t\n\r]")


@dataclass(frozen=True)
class Elements:
    """The complete elements at the start of a buffer.

    Attributes:
        starts: offset of each element's first byte, blank space skipped; its end when there is nothing but blanks.
        ends: offset after it, blank space left off.
        commas: whether a comma follows.
        end: offset of the bracket that closes the array, or None while it is not in the buffer.
        carry: offset from which bytes belong to an element that is not complete yet.
    """

    starts: list[int]
    ends: list[int]
    end: int | None
    carry: int

    def moved(self, by: int) -> Elements:
        """The same in a buffer with so many more bytes before it."""
        return Elements(
            [start + by for start in self.starts],
            [end + by for end in self.ends],
            None if self.end is None else self.end + by,
            self.carry + by,
        )


def scan_elements(data: bytes) -> Elements:
    """Split a buffer that begins within an array, where an element may begin.

    Nothing is said of the elements themselves: whoever reads them finds out whether they are JSON.
    """
    marks, depth = _structure(data)
    closing = np.flatnonzero(depth < 0)
    last = int(closing[0]) if len(closing) else len(marks)
    end = int(marks[last]) if len(closing) else None
    buffer = np.frombuffer(data, np.uint8)
    commas = marks[:last][(depth[:last] == 0) & (buffer[marks[:last]] == _COMMA)].tolist()
    stops = commas if end is None else [*commas, end]
    begins = [0, *(comma + 1 for comma in commas)][: len(stops)]
    spans = [trimmed(data, begin, stop) for begin, stop in zip(begins, stops, strict=True)]
    starts, ends = [start for start, _ in spans], [after for _, after in spans]
    return Elements(starts, ends, end, (commas[-1] + 1 if commas else 0) if end is None else end + 1)


def document_end(data: bytes) -> int | None:
    """Offset after the first object or array, with which the buffer begins, or None while it is not complete."""
    marks, depth = _structure(data)
    closed = np.flatnonzero(depth <= 0)
    return int(marks[closed[0]]) + 1 if len(closed) else None


def trimmed(data: bytes, start: int, stop: int) -> tuple[int, int]:
    """The span without blank space around it; its end twice when there is nothing else."""
    found = _NOT_BLANK.search(data, start, stop)
    start = found.start() if found else stop
    while stop > start and data[stop - 1] in BLANK:
        stop -= 1
    return start, stop


def _structure(data: bytes) -> tuple[Offsets, Offsets]:
    """Brackets and commas outside strings, and how deep the text is after each."""
    buffer = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero(_MARKS[buffer])
    if _QUOTE in data:
        quotes = buffer == _QUOTE
        if _BACKSLASH in data:
            quotes &= ~_escaped(buffer)
        inside = np.bitwise_xor.accumulate(quotes.view(np.uint8))
        marks = marks[inside[marks] == 0]
    return marks, np.cumsum(_DEPTH[buffer[marks]], dtype=np.int64)


def _escaped(buffer: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Bytes that an odd number of backslashes precedes."""
    slashes = np.flatnonzero(buffer == _BACKSLASH)
    starts = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
    lengths = np.diff(starts, append=len(slashes))
    after = slashes[starts] + lengths
    odd = after[(lengths % 2 == 1) & (after < len(buffer))]
    result = np.zeros(len(buffer), np.bool_)
    result[odd] = True
    return result


def line_starts(data: bytes, starts: list[int], *, terminator: bytes = b"\n") -> Offsets:
    """How many line breaks there are before each of the offsets, which ascend."""
    buffer = np.frombuffer(data, np.uint8)
    return np.searchsorted(np.flatnonzero(buffer == terminator[0]), np.array(starts, np.int64)).astype(np.int64)
