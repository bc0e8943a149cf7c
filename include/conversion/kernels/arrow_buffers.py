"""Arrow's buffers from spans of texts and from values with their kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from include.conversion.kernels.compiled import compiled
from include.conversion.kernels.text_kinds import DATE, FIRST_VALUE, INTEGER

if TYPE_CHECKING:
    from include.conversion.kernels.compiled import Bytes, Doubles, Int, Integers, Positions

STRIDE = 16
_QUOTE = 0x22
_DAY = 86_400_000_000


@compiled
def string_offsets(buffer: Bytes, starts: Positions, ends: Positions, offsets: Positions, validity: Bytes) -> Int:
    """Offsets of the texts behind each other, and a bitmap without the empty ones that are not quoted.

    Args:
        buffer: holds the texts; a quoted one has its quote before it.
        starts: of each text.
        ends: after each text.
        offsets: to be filled, one more than texts.
        validity: to be filled; zeros.

    Returns:
        How many are NULL.
    """
    nulls = 0
    total = np.int32(0)
    offsets[0] = 0
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        total += end - start
        offsets[row + 1] = total
        if start == end and (start == 0 or buffer[start - 1] != _QUOTE):
            nulls += 1
        else:
            validity[row >> 3] |= np.uint8(1 << (row & 7))
    return nulls


@compiled
def copy_texts(buffer: Bytes, starts: Positions, ends: Positions, out: Bytes) -> None:
    """The texts behind each other; `out` is STRIDE bytes longer than they are.

    Most texts are short: a stride is copied whole, as one instruction, and the next text written over what is too much.
    """
    written: Int = 0
    safe = len(buffer) - STRIDE
    for row in range(len(starts)):
        start, end = np.int64(starts[row]), np.int64(ends[row])
        if start > safe:
            for at in range(start, end):
                out[written + at - start] = buffer[at]
            written += end - start
            continue
        for at in range(STRIDE):
            out[written + at] = buffer[start + at]
        for at in range(start + STRIDE, end):
            out[written + at - start] = buffer[at]
        written += end - start


@compiled
def value_bits(kinds: Bytes, validity: Bytes) -> Int:
    """A bitmap of the rows that have a value; `validity` is zeros. Returns how many have none."""
    nulls = 0
    for row in range(len(kinds)):
        if kinds[row] >= FIRST_VALUE:
            validity[row >> 3] |= np.uint8(1 << (row & 7))
        else:
            nulls += 1
    return nulls


@compiled
def boolean_bits(values: Integers, bits: Bytes) -> None:
    """A bitmap of the rows that are 1; `bits` is zeros."""
    for row in range(len(values)):
        bits[row >> 3] |= np.uint8((values[row] & 1) << (row & 7))


@compiled
def to_doubles(kinds: Bytes, values: Integers, doubles: Doubles, out: Doubles) -> None:
    """Doubles of a column of numbers, integers among them; `doubles` is the memory of `values`."""
    for row in range(len(kinds)):
        out[row] = np.float64(values[row]) if kinds[row] == INTEGER else doubles[row]


@compiled
def to_microseconds(kinds: Bytes, values: Integers, out: Integers) -> None:
    """Microseconds of a column of timestamps, dates among them."""
    for row in range(len(kinds)):
        out[row] = values[row] * _DAY if kinds[row] == DATE else values[row]
