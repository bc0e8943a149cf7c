"""The values of JSON records put together by path, their texts behind each other, and Arrow's buffers from them."""

from __future__ import annotations

import numpy as np

from include.conversion.kernels.compiled import Bytes, Int, Integers, Positions, compiled
from include.conversion.kernels.json_shred import ARRAY, ESCAPED, NULL, OBJECT, STRING, Tape, escaped_unit

EMPTY_STRING = 7
"""A bit behind those of the kinds of `json_shred`: there is a string without characters."""

_BACKSLASH, _U = 0x5C, 0x75
_SURROGATES, _SURROGATES_END = 0xD800, 0xE000


def _characters() -> Bytes:
    result = np.zeros(256, np.uint8)
    for letter, character in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
        result[letter] = character
    return result


_CHARACTERS = _characters()


@compiled
def group(
    data: Bytes, tape: Tape, count: Int, offsets: Positions, places: Integers, grouped: Tape, texts: Bytes, kinds: Bytes
) -> None:
    """Put the values of each path together, in their order, and their texts too.

    Strings lose their quotes and have their escapes resolved; they are all of kind STRING then.

    Args:
        data: the buffer.
        tape: as `json_shred.shred` filled it.
        count: values in it.
        offsets: where the values of each path begin in `grouped`; afterwards where they end.
        places: where the texts of each path begin in `texts`; afterwards where they end.
        grouped: to be filled; `start` and `end` of objects and arrays are in `data`, those of others in `texts`. Its
            `node` is left as it is.
        texts: to be filled.
        kinds: zeros; to be filled with a bit for each kind that a path has.
    """
    for event in range(count):
        node = tape.node[event]
        kind: Int = np.int64(tape.kind[event])
        start, end = np.int64(tape.start[event]), np.int64(tape.end[event])
        at = offsets[node]
        offsets[node] = at + 1
        grouped.parent[at] = tape.parent[event]
        if kind not in (NULL, OBJECT, ARRAY):
            place = places[node]
            written: Int = place
            if kind == ESCAPED:
                written = _resolve(data, start + 1, end - 1, texts, written)
                kind = STRING
            else:
                if kind == STRING:
                    start += 1
                    end -= 1
                    if start == end:
                        kinds[node] |= np.uint8(1 << EMPTY_STRING)
                for each in range(start, end):
                    texts[written] = data[each]
                    written += 1
            places[node] = written
            start, end = place, written
        grouped.start[at] = start
        grouped.end[at] = end
        grouped.kind[at] = kind
        kinds[node] |= np.uint8(1 << kind)


@compiled
def text_offsets(ends: Positions, first: Int, slots: Positions, offsets: Positions) -> None:
    """Where the text of each row begins behind those before it.

    Args:
        ends: of the texts, which lie behind each other.
        first: where the first begins.
        slots: the row of each text, ascending.
        offsets: to be filled, one more than rows; a row without a text is empty.
    """
    begin = np.int32(0)
    slot = 0
    for event in range(len(ends)):
        while slot <= slots[event]:
            offsets[slot] = begin
            slot += 1
        begin = np.int32(ends[event] - first)
    while slot < len(offsets):
        offsets[slot] = begin
        slot += 1


@compiled
def mixed_texts(
    data: Bytes,
    texts: Bytes,
    starts: Positions,
    ends: Positions,
    kinds: Bytes,
    slots: Positions,
    offsets: Positions,
    out: Bytes,
) -> None:
    """Texts of values among which are objects or arrays, behind each other.

    Args:
        data: the buffer, which has the objects and arrays.
        texts: has the other values.
        starts: of each value.
        ends: after each value.
        kinds: of the values.
        slots: the row of each value, ascending.
        offsets: to be filled, one more than rows; a row without a value is empty.
        out: to be filled.
    """
    written = np.int64(0)
    slot = 0
    for event in range(len(starts)):
        while slot <= slots[event]:
            offsets[slot] = written
            slot += 1
        in_data = kinds[event] in (OBJECT, ARRAY)
        for at in range(starts[event], ends[event]):
            out[written] = data[at] if in_data else texts[at]
            written += 1
    while slot < len(offsets):
        offsets[slot] = written
        slot += 1


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
def truths(texts: Bytes, starts: Positions, slots: Positions, bits: Bytes) -> None:
    """A bitmap of the rows that are `true`; `bits` is zeros."""
    for event in range(len(starts)):
        if texts[starts[event]] == 0x74:
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
