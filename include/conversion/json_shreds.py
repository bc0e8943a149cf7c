"""Buffers of JSON records as spans under paths: what `kernels.json_shred` finds, with room for whatever is in them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from include.conversion.json_text import MAX_DEPTH
from include.conversion.kernels import json_shred as kernel
from include.conversion.kernels import json_values
from include.domain.file_findings import MAX_LISTED
from include.domain.header import is_allowed, stored_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_FEW_PATHS = 1024
_MANY_MORE = 8
_KEY_BYTES = 32  # of a path, on average
COMMA = b","


@dataclass(frozen=True, eq=False)
class Walk:
    """How far a walk over a buffer of records came, and the paths it met.

    Attributes:
        paths: as the kernel left them.
        rows: records read.
        end: offset after the separator of the last of them, where a record that is not plain begins, if any.
        lines: before that offset.
        events: values in the records.
        finished: whether all of the buffer was read.
        blanks: how many lines hold no record.
        blank_lines: the first of them, counted from 0.
        nodes: number of paths.
    """

    paths: kernel.Paths
    rows: int
    end: int
    lines: int
    events: int
    finished: bool
    blanks: int
    blank_lines: tuple[int, ...]
    nodes: int

    def name(self, node: int) -> str:
        """The stored name of the key of a path."""
        return stored_name(self._key(node))

    def _key(self, node: int) -> str:
        return self._keys[self.paths.key_start[node] : self.paths.key_end[node]].decode("ascii")

    @cached_property
    def _keys(self) -> bytes:
        return self.paths.keys[: int(self.paths.key_end[: self.nodes].max())].tobytes()

    @cached_property
    def has_refused_keys(self) -> bool:
        """Whether a key cannot be the name of a column, taken alone."""
        starts = self.paths.key_start[: self.nodes]
        ends = self.paths.key_end[: self.nodes]
        return not all(is_allowed(self._key(node)) for node in np.flatnonzero(ends > starts).tolist())

    def children(self, node: int) -> Iterator[int]:
        """The paths of an object's keys, in the order first seen."""
        child = int(self.paths.first[node])
        while child >= 0:
            yield child
            child = int(self.paths.following[child])

    def columns(self) -> list[str]:
        """Stored names of the keys of the records that were read."""
        return [self.name(node) for node in self.children(kernel.ROOT) if self.paths.row[node] < self.rows]


@dataclass(frozen=True, eq=False)
class Shreds:
    """All values of a buffer, by path.

    Attributes:
        data: the buffer.
        walk: the paths.
        offsets: where the values of each path begin in `values`; one more than there are paths.
        values: as `kernels.json_values.group` put them together.
        texts: of the values that are no objects and arrays.
        kinds: of each path, a bit for each kind, and for an empty string.
    """

    data: NDArray[np.uint8]
    walk: Walk
    offsets: NDArray[np.int64]
    values: kernel.Tape
    texts: NDArray[np.uint8]
    kinds: NDArray[np.uint8]


def walk(data: bytes | memoryview, *, separator: bytes) -> Walk:
    """Look at the plain records at the start of a buffer.

    Args:
        data: records, each followed by a separator: lines to the last, or elements of an array as far as there are any.
        separator: the line break of JSON Lines, or a comma.
    """
    return _walk(_closed(data, separator), separator, tape_of(1), keep=False)


def shred(data: bytes, *, separator: bytes) -> Shreds | None:
    """All values of a buffer of plain records, or None if it holds any other.

    Args:
        data: records, separated; a line break may follow the last, a comma may not.
        separator: the line break of JSON Lines, or a comma.
    """
    buffer = _closed(data, separator, last=separator)
    tape = _scratch(len(buffer) // 2 + 1)
    found = _walk(buffer, separator, tape, keep=True)
    if not found.finished or found.has_refused_keys:
        return None
    offsets, places = _sums(found.paths.events[: found.nodes]), _sums(found.paths.room[: found.nodes])
    values, texts = tape_of(found.events), np.empty(int(places[-1]), np.uint8)
    kinds = np.zeros(found.nodes, np.uint8)
    begins = offsets[:-1].astype(np.int32)
    json_values.group(buffer, tape, found.events, begins, places[:-1].copy(), values, texts, kinds)
    return Shreds(buffer, found, offsets, values, texts, kinds)


def _sums(counts: NDArray[Any]) -> NDArray[np.int64]:
    """How much there is before each, and in all."""
    result = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=result[1:])
    return result


def _closed(data: bytes | memoryview, separator: bytes, *, last: bytes = b"") -> NDArray[np.uint8]:
    """The buffer with an end that the kernel does not run over, behind a last comma if it is given."""
    if separator == COMMA:
        return np.frombuffer(b"".join((data, last, b"\0")), np.uint8)
    return np.frombuffer(data if bytes(data[-1:]) == separator else bytes(data) + separator, np.uint8)


def tape_of(room: int) -> kernel.Tape:
    """Room for so many values."""
    node, parent, start, end = (np.empty(room, np.int32) for _ in range(4))
    return kernel.Tape(node, parent, start, end, np.empty(room, np.uint8))


_THREAD = threading.local()
_KEPT = 8 * 1024**2  # values; more is for the record of a hundred megabytes, once


def _scratch(room: int) -> kernel.Tape:
    """Room that the next range of this thread has too: memory that was touched is twice as fast as new."""
    tape: kernel.Tape | None = getattr(_THREAD, "tape", None)
    if tape is None or len(tape.node) < room:
        tape = tape_of(room)
        if room <= _KEPT:
            _THREAD.tape = tape
    return tape


def _paths(room: int) -> kernel.Paths:
    slots = 1 << (2 * room).bit_length()
    whole: list[Any] = [np.empty(room, np.int32) for _ in range(9)]
    large: list[Any] = [np.empty(room, np.int64) for _ in range(2)]
    keys = np.empty(room * _KEY_BYTES, np.uint8)
    parts: list[Any] = [*whole, *large, keys, np.full(slots, -1, np.int32)]
    return kernel.Paths(*parts)


def _open() -> kernel.Open:
    node, event, tape, is_object, expected = (np.empty(MAX_DEPTH, np.int32) for _ in range(5))
    return kernel.Open(node, event, tape, is_object, expected, np.empty(MAX_DEPTH, np.int64))


def _walk(data: NDArray[np.uint8], separator: bytes, tape: kernel.Tape, *, keep: bool) -> Walk:
    room = _FEW_PATHS
    facts, blank_lines = np.zeros(kernel.FACTS, np.int64), np.zeros(MAX_LISTED, np.int64)
    while True:
        paths = _paths(room)
        by_line = int(separator != COMMA)
        kernel.shred(data, separator[0], by_line, tape, int(keep), paths, _open(), blank_lines, facts)
        if facts[kernel.STATUS] != kernel.FULL:
            break
        room *= _MANY_MORE
    blanks = int(facts[kernel.BLANKS])
    return Walk(
        paths=paths,
        rows=int(facts[kernel.ROWS]),
        end=int(facts[kernel.GOOD]),
        lines=int(facts[kernel.LINES]),
        events=int(facts[kernel.EVENTS]),
        finished=bool(facts[kernel.STATUS] == kernel.FINISHED),
        blanks=blanks,
        blank_lines=tuple(blank_lines[:blanks].tolist()),
        nodes=int(facts[kernel.NODES]),
    )
