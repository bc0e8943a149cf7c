"""The numbers, strings and other values under one path of a range of JSON: what they show, and arrays of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from include.conversion.arrow_types import Values, arrow_type
from include.conversion.arrow_types import compute as pc
from include.conversion.field_texts import FieldTexts, array_of, evidence_of
from include.conversion.kernels import arrow_buffers, json_shred, json_values, text_kinds
from include.domain import column_types as ct
from include.domain.evidence import TEXT, Evidence
from include.domain.text_rules import ColumnOptions, Kind, classify_json_string

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from include.conversion.json_shreds import Shreds

_NO_WORDS = (ColumnOptions(null_words=()),)
_INSTANTS = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_ZONED})
_NULLS = 1 << json_shred.NULL
_NUMBERS = 1 << json_shred.NUMBER
_STRINGS = 1 << json_shred.STRING
_EMPTY_STRINGS = 1 << json_values.EMPTY_STRING
_CONTAINERS = 1 << json_shred.OBJECT | 1 << json_shred.ARRAY


@dataclass(frozen=True, eq=False)
class Leaves:
    """The values of one path that are not null, in order.

    Attributes:
        shreds: of the range.
        starts: of each.
        ends: after each.
        kinds: of `kernels.json_shred`.
        numbers: of each among all values of the path, nulls included.
        seen: a bit for each kind, and for an empty string.
    """

    shreds: Shreds
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    numbers: NDArray[np.int32]
    seen: int

    @classmethod
    def of(cls, shreds: Shreds, node: int) -> Leaves:
        """Those of a path."""
        part = slice(int(shreds.offsets[node]), int(shreds.offsets[node + 1]))
        starts, ends, kinds = shreds.values.start[part], shreds.values.end[part], shreds.values.kind[part]
        seen = int(shreds.kinds[node])
        numbers = np.arange(len(starts), dtype=np.int32)
        if seen & _NULLS:
            numbers = numbers[kinds != json_shred.NULL]
            starts, ends, kinds = starts[numbers], ends[numbers], kinds[numbers]
        return cls(shreds, starts, ends, kinds, numbers, seen & ~_NULLS)

    @property
    def are_numbers(self) -> bool:
        """Whether there is nothing else."""
        return self.seen == _NUMBERS

    @property
    def are_strings(self) -> bool:
        """Whether there is nothing else."""
        return self.seen & ~_EMPTY_STRINGS == _STRINGS

    @cached_property
    def _fields(self) -> FieldTexts:
        """Numbers or strings as the one column of a text."""
        return FieldTexts(self.shreds.texts, self.starts[None, :], self.ends[None, :], _NO_WORDS)

    @cached_property
    def _shown(self) -> Evidence:
        return evidence_of(self._fields, 0)  # fills in the numbers that the kernel leaves over

    @cached_property
    def evidence(self) -> Evidence:
        """What values show that are all numbers, or all strings."""
        if self.are_numbers:
            return self._shown
        if self.seen & _EMPTY_STRINGS or classify_json_string(self._first_string()) is Kind.TEXT:
            return TEXT  # as most columns of strings are
        return self._shown if self._shown.kinds <= _INSTANTS else TEXT

    def _first_string(self) -> str:
        return self.shreds.texts[self.starts[0] : self.ends[0]].tobytes().decode()

    @property
    def has_fine_timestamps(self) -> bool:
        """Whether some are finer than a millisecond, given that all are dates or timestamps."""
        return bool(self._fields.kinds.facts[0, text_kinds.FINE])

    def texts(self, slots: NDArray[np.int32], rows: int) -> Values:
        """Strings themselves and other values as they are written, at their rows; NULL in the others."""
        offsets = arrow_memory(rows + 1, np.int32)
        if self.seen & _CONTAINERS:
            out = arrow_memory(int((self.ends - self.starts).sum(dtype=np.int64)), np.uint8)
            shreds = self.shreds
            json_values.mixed_texts(shreds.data, shreds.texts, self.starts, self.ends, self.kinds, slots, offsets, out)
        else:
            first, end = (int(self.starts[0]), int(self.ends[-1])) if len(self.starts) else (0, 0)
            out = arrow_memory(end - first, np.uint8)
            out[:] = self.shreds.texts[first:end]
            json_values.text_offsets(self.ends, first, slots, offsets)
        return _placed(pa.string(), slots, rows, [offsets, out])

    def array(self, column_type: ct.ColumnType, slots: NDArray[np.int32], rows: int) -> Values:
        """The values as a type that fits their evidence, at their rows; NULL in the others."""
        kind = arrow_type(column_type)
        if isinstance(column_type, ct.Boolean):
            bits = _bits(rows)
            json_values.truths(self.shreds.texts, self.starts, slots, bits)
            return _placed(kind, slots, rows, [bits])
        if isinstance(column_type, ct.Decimal) or not self.seen:
            array: Values = pc.cast(self.texts(slots, rows), kind)
            return array
        return _placed(kind, slots, rows, [_at(slots, rows, self._values(column_type))])

    def _values(self, column_type: ct.ColumnType) -> NDArray[Any]:
        _ = self._shown  # by which no double is missing
        found = self._fields.kinds
        kinds, values = found.kinds[0], found.values[0]
        result: NDArray[Any] = values
        match column_type:
            case ct.Double():
                result = np.empty(len(kinds), np.float64)
                arrow_buffers.to_doubles(kinds, values, found.doubles[0], result)
            case ct.Date():
                result = values.astype(np.int32)
            case ct.Timestamp():
                result = np.empty(len(kinds), np.int64)
                arrow_buffers.to_microseconds(kinds, values, result)
        return result


def _at(slots: NDArray[np.int32], rows: int, values: NDArray[Any]) -> NDArray[Any]:
    result = arrow_memory(rows, values.dtype)
    if len(slots) == rows:
        result[:] = values
    else:
        result[:] = 0
        result[slots] = values
    return result


def _placed(kind: pa.DataType, slots: NDArray[np.int32], rows: int, buffers: list[NDArray[Any]]) -> Values:
    if len(slots) == rows:
        return array_of(kind, rows, buffers, validity=None, nulls=0)
    bits = _bits(rows)
    json_values.present(slots, bits)
    return array_of(kind, rows, buffers, validity=bits, nulls=rows - len(slots))


def _bits(rows: int) -> NDArray[np.uint8]:
    bits = arrow_memory((rows + 7) // 8, np.uint8)
    bits[:] = 0
    return bits


def arrow_memory(count: int, kind: Any) -> NDArray[Any]:
    """Room for values of an array that outlives its range: from Arrow, which gives memory back better than malloc."""
    room: Any = pa.allocate_buffer(count * np.dtype(kind).itemsize)
    return np.frombuffer(room, kind)
