"""Arrow's buffers from spans of JSON values: texts as they are or with their escapes resolved."""

from __future__ import annotations

import numpy as np

from include.conversion.kernels.compiled import Bytes, Int, Positions, compiled
from include.conversion.kernels.json_shred import ESCAPED, STRING, escaped_unit

_BACKSLASH, _U = 0x5C, 0x75
_SURROGATES, _SURROGATES_END = 0xD800, 0xE000


def _characters() -> Bytes:
    result = np.zeros(256, np.uint8)
    for letter, character in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
        result[letter] = character
    return result


_CHARACTERS = _characters()


@compiled
def texts(
    data: Bytes, starts: Positions, ends: Positions, kinds: Bytes, slots: Positions, offsets: Positions, out: Bytes
) -> Int:
    """The texts of values behind each other: strings themselves, others as they are written.

    Args:
        data: holds the values.
        starts: of each value, of strings at their first quote.
        ends: after each value.
        kinds: of the values, see `json_shred`.
        slots: the row of each value, ascending.
        offsets: to be filled, one more than rows; a row without a value is empty.
        out: to be filled; room for all spans.

    Returns:
        How many bytes there are.
    """
    written = np.int64(0)
    slot = np.int64(0)
    for event in range(len(starts)):
        kind = kinds[event]
        while slot <= slots[event]:
            offsets[slot] = written
            slot += 1
        start, end = np.int64(starts[event]), np.int64(ends[event])
        if kind == ESCAPED:
            written = _resolve(data, start + 1, end - 1, out, written)
            continue
        if kind == STRING:
            start += 1
            end -= 1
        for at in range(start, end):
            out[written] = data[at]
            written += 1
    while slot < len(offsets):
        offsets[slot] = written
        slot += 1
    return written


@compiled
def _resolve(data: Bytes, at: Int, end: Int, out: Bytes, written: Int) -> Int:
    while at < end:
        byte = data[at]
        if byte != _BACKSLASH:
            out[written] = byte
            written += 1
            at += 1
        elif data[at + 1] != _U:
            out[written] = _CHARACTERS[data[at + 1]]
            written += 1
            at += 2
        else:
            unit = escaped_unit(data, at + 2)
            at += 6
            if _SURROGATES <= unit < _SURROGATES_END:
                unit = 0x10000 + ((unit & 0x3FF) << 10) + (escaped_unit(data, at + 2) & 0x3FF)
                at += 6
            written = _encode(unit, out, written)
    return written


@compiled
def _encode(character: Int, out: Bytes, written: Int) -> Int:
    """One character in UTF-8."""
    if character < 0x80:
        out[written] = character
        return written + 1
    if character < 0x800:
        out[written] = 0xC0 | character >> 6
        out[written + 1] = 0x80 | character & 0x3F
        return written + 2
    if character < 0x10000:
        out[written] = 0xE0 | character >> 12
        out[written + 1] = 0x80 | character >> 6 & 0x3F
        out[written + 2] = 0x80 | character & 0x3F
        return written + 3
    out[written] = 0xF0 | character >> 18
    out[written + 1] = 0x80 | character >> 12 & 0x3F
    out[written + 2] = 0x80 | character >> 6 & 0x3F
    out[written + 3] = 0x80 | character & 0x3F
    return written + 4


@compiled
def truths(data: Bytes, starts: Positions, slots: Positions, bits: Bytes) -> None:
    """A bitmap of the rows that are `true`; `bits` is zeros."""
    for event in range(len(starts)):
        if data[starts[event]] == 0x74:
            bits[slots[event] >> 3] |= np.uint8(1 << (slots[event] & 7))


@compiled
def present(slots: Positions, bits: Bytes) -> None:
    """A bitmap of the rows that have a value; `bits` is zeros."""
    for event in range(len(slots)):
        bits[slots[event] >> 3] |= np.uint8(1 << (slots[event] & 7))


@compiled
def list_offsets(slots: Positions, offsets: Positions) -> None:
    """Where the elements of each row begin, given the row of each element; `offsets` is zeros, one more than rows."""
    for event in range(len(slots)):
        offsets[slots[event] + 1] += 1
    for row in range(1, len(offsets)):
        offsets[row] += offsets[row - 1]
