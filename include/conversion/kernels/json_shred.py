"""The values of whole JSON records as spans of their bytes, each under the path it stands at: one walk over a buffer.

Only plain records are read here: valid JSON objects whose keys are allowed names, without escapes and each once. At the
first other record the walk stops, and whoever called reads it in the slow, exact way that knows what is wrong with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from include.conversion.kernels.compiled import Bytes, Int, Integers, Positions, compiled, inlined

NULL, BOOLEAN, NUMBER, STRING, ESCAPED, OBJECT, ARRAY = range(7)
"""Kinds of values; ESCAPED is a string with a backslash. A null under a key is no value, and left out."""

GOOD, ROWS, LINES, EVENTS, NODES, KEY_BYTES, BLANKS, STATUS, FACTS = range(9)
"""Places in the facts of a walk: the offset, records and lines before the first record that was not read, and so on."""

FINISHED, ODD, FULL = range(3)
"""How a walk ended: at the end of the buffer, before a record that is not plain, or for lack of room for paths."""

ROOT = 0
_NO = -1
_NO_ROOM = -2
_MAX_KEY = 255
_HASH_MASK = 0x3FFFFFFF
_QUOTE, _BACKSLASH, _COMMA, _COLON, _MINUS, _PLUS, _POINT = 0x22, 0x5C, 0x2C, 0x3A, 0x2D, 0x2B, 0x2E
_OPEN_OBJECT, _CLOSE_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY = 0x7B, 0x7D, 0x5B, 0x5D
_ZERO, _NINE, _E, _SMALL_E, _F, _N, _T, _U = 0x30, 0x39, 0x45, 0x65, 0x66, 0x6E, 0x74, 0x75
_SPACE, _TAB, _FEED, _RETURN = 0x20, 0x09, 0x0A, 0x0D


class Tape(NamedTuple):
    """Values in the order of the buffer.

    Attributes:
        node: the path.
        parent: which value of the path above holds it; for a record, the lines before it.
        start: offset.
        end: offset after it.
        kind: see above.
    """

    node: Positions
    parent: Positions
    start: Positions
    end: Positions
    kind: Bytes


class Paths(NamedTuple):
    """A tree of the paths seen, from `ROOT`, which is the records.

    Attributes:
        owner: the path above.
        first: its first key, in the order seen, or -1.
        last: its last key.
        following: the next key beside it.
        element: the path of the elements of its arrays, or -1.
        events: how many values there are.
        row: the record in which it was first seen.
        key_start: where its key begins in `keys`, as first spelled.
        key_end: where it ends.
        seen: the last object that had it.
        room: bytes that its strings, numbers and truths take, at most.
        keys: bytes.
        table: paths by the hash of owner and key, -1 where there is none; its size is a power of two.
    """

    owner: Positions
    first: Positions
    last: Positions
    following: Positions
    element: Positions
    events: Positions
    row: Positions
    key_start: Positions
    key_end: Positions
    seen: Integers
    room: Integers
    keys: Bytes
    table: Positions


class Open(NamedTuple):
    """Objects and arrays that are open, the outermost first: room for as many as there may be."""

    node: Positions
    event: Positions
    tape: Positions
    is_object: Positions
    expected: Positions
    serial: Integers


def _table(values: dict[int, int]) -> Bytes:
    result = np.zeros(256, np.uint8)
    for byte, value in values.items():
        result[byte] = value
    return result


_ENDS_TEXT = _table(dict.fromkeys([*range(32), _QUOTE, _BACKSLASH], 1))
_SIMPLE_ESCAPE = _table(dict.fromkeys(b'"\\/bfnrt', 1))
_HEX = _table({byte: int(chr(byte), 16) + 1 for byte in b"0123456789abcdefABCDEF"})
_NAME = _table(
    {byte: ord(chr(byte).lower()) for byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"}
)
"""Bytes of names in lower case; 0 for all others."""


@inlined
def _skip(data: Bytes, at: Int, separator: Int) -> Int:
    """Past blanks that are no separator."""
    while data[at] <= _SPACE:
        byte = data[at]
        if byte == separator or byte not in (_SPACE, _FEED, _RETURN, _TAB):
            break
        at += 1
    return at


@compiled
def escaped_unit(data: Bytes, at: Int) -> Int:
    """The number that four hexadecimal digits make, or -1."""
    result: Int = 0
    for offset in range(4):
        digit = np.int64(_HEX[data[at + offset]])
        if digit == 0:
            return -1
        result = result * 16 + digit - 1
    return result


@compiled
def _escape_end(data: Bytes, at: Int) -> Int:
    """Offset after an escape, given that of its backslash; -1 if it is none, or half of a surrogate pair."""
    if _SIMPLE_ESCAPE[data[at + 1]]:
        return at + 2
    if data[at + 1] != _U:
        return _NO
    unit = escaped_unit(data, at + 2)
    if unit < 0 or 0xDC00 <= unit <= 0xDFFF:
        return _NO
    if 0xD800 <= unit <= 0xDBFF:
        if data[at + 6] != _BACKSLASH or data[at + 7] != _U:
            return _NO
        unit = escaped_unit(data, at + 8)
        return at + 12 if 0xDC00 <= unit <= 0xDFFF else _NO
    return at + 6


@compiled
def _escaped_end(data: Bytes, at: Int) -> Int:
    """Offset after the quote that ends a string, given that of its first backslash; -1 if it is no string."""
    while True:
        while _ENDS_TEXT[data[at]] == 0:
            at += 1
        if data[at] == _QUOTE:
            return at + 1
        if data[at] != _BACKSLASH:
            return _NO
        at = _escape_end(data, at)
        if at < 0:
            return _NO


@inlined
def _digits_end(data: Bytes, at: Int) -> Int:
    while _ZERO <= data[at] <= _NINE:
        at += 1
    return at


@inlined
def _number_end(data: Bytes, at: Int) -> Int:
    """Offset after a number, or -1."""
    if data[at] == _MINUS:
        at += 1
    first = at
    at = _digits_end(data, at)
    good = at > first and (data[first] != _ZERO or at == first + 1)
    if data[at] == _POINT:
        first = at + 1
        at = _digits_end(data, first)
        good = good and at > first
    if data[at] == _E or data[at] == _SMALL_E:
        at += 1
        if data[at] == _PLUS or data[at] == _MINUS:
            at += 1
        first = at
        at = _digits_end(data, at)
        good = good and at > first
    return at if good else _NO


@inlined
def _word_end(data: Bytes, at: Int) -> Int:
    """Offset after `true`, `false` or `null`, or -1."""
    first = data[at]
    end = _NO
    if first == _T:
        if data[at + 1] == 0x72 and data[at + 2] == _U and data[at + 3] == _SMALL_E:
            end = at + 4
    elif first == _N:
        if data[at + 1] == _U and data[at + 2] == 0x6C and data[at + 3] == 0x6C:
            end = at + 4
    elif data[at + 1] == 0x61 and data[at + 2] == 0x6C and data[at + 3] == 0x73 and data[at + 4] == _SMALL_E:
        end = at + 5
    return end


@compiled
def _find_key(data: Bytes, at: Int, owner: Int, row: Int, paths: Paths, facts: Integers) -> tuple[Int, Int]:
    """The path of a key, made if need be, and the offset of the quote that ends it.

    The path is -1 if the key is no allowed name, -2 if there is no room for it.
    """
    end = at
    mix = np.int64(owner) * 1000003 & _HASH_MASK
    while _NAME[data[end]]:
        mix = (mix * 31 + np.int64(_NAME[data[end]])) & _HASH_MASK
        end += 1
    length = end - at
    if data[end] != _QUOTE or length == 0 or length > _MAX_KEY:
        return _NO, end
    mask = len(paths.table) - 1
    slot = (mix ^ (mix >> 15)) & mask
    while paths.table[slot] >= 0:
        node = np.int64(paths.table[slot])
        key = np.int64(paths.key_start[node])
        if paths.owner[node] == owner and paths.key_end[node] - key == length:
            same = True
            for offset in range(length):
                if _NAME[paths.keys[key + offset]] != _NAME[data[at + offset]]:
                    same = False
                    break
            if same:
                return node, end
        slot = (slot + 1) & mask
    node = facts[NODES]
    key = facts[KEY_BYTES]
    if node >= len(paths.owner) or key + length > len(paths.keys):
        return _NO_ROOM, end
    for offset in range(length):
        paths.keys[key + offset] = data[at + offset]
    _add_path(node, owner, row, paths, facts)
    paths.key_start[node] = key
    paths.key_end[node] = key + length
    facts[KEY_BYTES] = key + length
    paths.table[slot] = node
    if paths.first[owner] < 0:
        paths.first[owner] = node
    else:
        paths.following[paths.last[owner]] = node
    paths.last[owner] = node
    return node, end


@compiled
def _add_path(node: Int, owner: Int, row: Int, paths: Paths, facts: Integers) -> None:
    paths.owner[node] = owner
    paths.first[node] = _NO
    paths.last[node] = _NO
    paths.following[node] = _NO
    paths.element[node] = _NO
    paths.events[node] = 0
    paths.row[node] = row
    paths.key_start[node] = 0
    paths.key_end[node] = 0
    paths.seen[node] = 0
    paths.room[node] = 0
    facts[NODES] = node + 1


@inlined
def _emit(tape: Tape, event: Int, node: Int, parent: Int, start: Int, end: Int, kind: Int) -> None:
    tape.node[event] = node
    tape.parent[event] = parent
    tape.start[event] = start
    tape.end[event] = end
    tape.kind[event] = kind


@compiled
def shred(
    data: Bytes,
    separator: Int,
    by_line: Int,
    tape: Tape,
    keep: Int,
    paths: Paths,
    open_: Open,
    blank_lines: Integers,
    facts: Integers,
) -> None:
    """Read plain records, each followed by a separator, as far as there are any.

    Args:
        data: begins where a record may begin, and ends with a separator that ends a line, or else with a 0.
        separator: the line break of JSON Lines, the comma of an array.
        by_line: 1 if every separator ends a line, in which there may be no record at all; 0 if lines end in line feeds.
        tape: to be filled, if `keep` is 1; room for half as many values as there are bytes.
        keep: 0 to read without keeping the values.
        paths: to be filled; `table` is -1 everywhere.
        open_: room to work in.
        blank_lines: to be filled with the first lines without a record.
        facts: to be filled, see the places above.
    """
    size = len(data) - 1 + by_line
    facts[:] = 0
    _add_path(ROOT, _NO, 0, paths, facts)
    at = np.int64(0)
    event = np.int64(0)
    row = np.int64(0)
    line = np.int64(0)
    serial = np.int64(0)
    status = FINISHED
    while True:
        facts[GOOD], facts[ROWS], facts[LINES], facts[EVENTS] = at, row, line, event
        if at == size:
            break
        at = _skip(data, at, separator)
        if by_line and data[at] == separator:
            if facts[BLANKS] < len(blank_lines):
                blank_lines[facts[BLANKS]] = line
            facts[BLANKS] += 1
            line += 1
            at += 1
            continue
        if at == size:  # blanks after the last comma
            break
        if not by_line:
            for each in range(facts[GOOD], at):
                line += data[each] == _FEED
        if data[at] != _OPEN_OBJECT:
            status = ODD
            break
        first_byte = at
        serial += 1
        if keep:
            _emit(tape, event, ROOT, line, at, at, OBJECT)
        open_.node[0] = ROOT
        open_.event[0] = row
        open_.tape[0] = event
        open_.is_object[0] = 1
        open_.expected[0] = paths.first[ROOT]
        open_.serial[0] = serial
        event += 1
        depth = 1
        at = _skip(data, at + 1, separator)
        closing = data[at] == _CLOSE_OBJECT
        while True:  # one value, and what it closes
            top = depth - 1
            if not closing:
                if open_.is_object[top]:
                    if data[at] != _QUOTE:
                        status = ODD
                        break
                    at += 1
                    node = np.int64(open_.expected[top])
                    end = at
                    if node >= 0:
                        key = np.int64(paths.key_start[node])
                        key_end = np.int64(paths.key_end[node])
                        while key < key_end and data[end] == paths.keys[key]:
                            key += 1
                            end += 1
                        if key < key_end or data[end] != _QUOTE:
                            node = np.int64(_NO)
                    if node < 0:
                        node, end = _find_key(data, at, open_.node[top], row, paths, facts)
                        if node < 0:
                            status = ODD if node == _NO else FULL
                            break
                    if paths.seen[node] == open_.serial[top]:
                        status = ODD
                        break
                    paths.seen[node] = open_.serial[top]
                    open_.expected[top] = paths.following[node]
                    at = _skip(data, end + 1, separator)
                    if data[at] != _COLON:
                        status = ODD
                        break
                    at = _skip(data, at + 1, separator)
                else:
                    node = np.int64(paths.element[open_.node[top]])
                    if node < 0:
                        node = facts[NODES]
                        if node >= len(paths.owner):
                            status = FULL
                            break
                        _add_path(node, open_.node[top], row, paths, facts)
                        paths.element[open_.node[top]] = node
                start = at
                first = data[at]
                if first == _QUOTE:
                    kind = STRING
                    at += 1
                    while _ENDS_TEXT[data[at]] == 0:
                        at += 1
                    if data[at] == _QUOTE:
                        at += 1
                    elif data[at] == _BACKSLASH:
                        kind = ESCAPED
                        at = _escaped_end(data, at)
                    else:
                        at = np.int64(_NO)
                elif first in (_OPEN_OBJECT, _OPEN_ARRAY):
                    if depth == len(open_.node):
                        status = ODD
                        break
                    is_object = first == _OPEN_OBJECT
                    open_.node[depth] = node
                    open_.event[depth] = paths.events[node]
                    open_.tape[depth] = event
                    open_.is_object[depth] = is_object
                    if is_object:
                        serial += 1
                        open_.serial[depth] = serial
                        open_.expected[depth] = paths.first[node]
                    paths.events[node] += 1
                    if keep:
                        _emit(tape, event, node, open_.event[top], start, start, OBJECT if is_object else ARRAY)
                    event += 1
                    depth += 1
                    at = _skip(data, at + 1, separator)
                    closing = data[at] == (_CLOSE_OBJECT if is_object else _CLOSE_ARRAY)
                    continue
                elif first in (_T, _F, _N):
                    kind = NULL if first == _N else BOOLEAN
                    at = _word_end(data, at)
                else:
                    kind = NUMBER
                    at = _number_end(data, at)
                if at < 0:
                    status = ODD
                    break
                if kind != NULL or open_.is_object[top] == 0:
                    if keep:
                        _emit(tape, event, node, open_.event[top], start, at, kind)
                        paths.room[node] += at - start
                    paths.events[node] += 1
                    event += 1
                at = _skip(data, at, separator)
            closing = True
            while True:
                top = depth - 1
                if data[at] == _COMMA:
                    at = _skip(data, at + 1, separator)
                    closing = False
                    break
                if data[at] != (_CLOSE_OBJECT if open_.is_object[top] else _CLOSE_ARRAY):
                    status = ODD
                    break
                at += 1
                if keep:
                    tape.end[open_.tape[top]] = at
                depth -= 1
                if depth == 0:
                    break
                at = _skip(data, at, separator)
            if depth == 0 or status != FINISHED:
                break
        if status != FINISHED:
            break
        at = _skip(data, at, separator)
        if data[at] != separator:
            status = ODD
            break
        at += 1
        row += 1
        if by_line:
            line += 1
        else:
            for each in range(first_byte, at):
                line += data[each] == _FEED
    facts[STATUS] = status
    paths.events[ROOT] = row
