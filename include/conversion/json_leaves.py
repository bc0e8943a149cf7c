"""The numbers, strings and other values under one path of a range of JSON: what they show, and arrays of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from include.conversion.arrow_types import Values, arrow_type
from include.conversion.arrow_types import compute as pc
from include.conversion.field_texts import FieldTexts, array_of, evidence_of
from include.conversion.kernels import arrow_buffers, json_shred, json_values, text_kinds
from include.conversion.text_evidence import json_strings_evidence
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
_ESCAPED = 1 << json_shred.ESCAPED
_STRINGS = 1 << json_shred.STRING | _ESCAPED


@dataclass(frozen=True, eq=False)
class Leaves:
    """The values of one path that are not null, in order.

    Attributes:
        data: the buffer they are in.
        starts: of each; of a string, its first quote.
        ends: after each.
        kinds: of `kernels.json_shred`.
        numbers: of each among all values of the path, nulls included.
        seen: a bit for each kind.
    """

    data: NDArray[np.uint8]
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
        every = cls(shreds.data, starts, ends, kinds, numbers, seen & ~_NULLS)
        return every._only(kinds != json_shred.NULL) if seen & _NULLS else every

    def _only(self, these: NDArray[np.bool_]) -> Leaves:
        return Leaves(
            self.data, self.starts[these], self.ends[these], self.kinds[these], self.numbers[these], self.seen
        )

    @property
    def are_numbers(self) -> bool:
        """Whether there is nothing else."""
        return self.seen == _NUMBERS

    @property
    def are_strings(self) -> bool:
        """Whether there is nothing else."""
        return bool(self.seen) and not self.seen & ~_STRINGS

    @property
    def have_escapes(self) -> bool:
        """Whether some are strings with a backslash."""
        return bool(self.seen & _ESCAPED)

    @cached_property
    def fields(self) -> FieldTexts:
        """Numbers, or strings without their quotes, as the one column of a text."""
        quote = 0 if self.are_numbers else 1
        fields = FieldTexts(
            self.data, (self.starts + np.int32(quote))[None, :], (self.ends - np.int32(quote))[None, :], _NO_WORDS
        )
        evidence_of(fields, 0)  # fills in the numbers that the kernel leaves over
        return fields

    @cached_property
    def evidence(self) -> Evidence:
        """What values show that are all numbers, or all strings."""
        if self.are_strings and classify_json_string(self._first_string()) is Kind.TEXT:
            return TEXT  # as most columns of strings are
        if self.have_escapes:
            plain = self._only(self.kinds == json_shred.STRING)
            if len(plain.starts) and not _is_instants(evidence_of(plain.fields, 0)):
                return TEXT
            return json_strings_evidence(self.texts(np.arange(len(self.starts), dtype=np.int32), len(self.starts)))
        shown = evidence_of(self.fields, 0)
        return shown if self.are_numbers or _is_instants(shown) else TEXT

    def _first_string(self) -> str:
        text: str = json.loads(self.data[self.starts[0] : self.ends[0]].tobytes())
        return text

    @cached_property
    def has_fine_timestamps(self) -> bool:
        """Whether some may be finer than a millisecond, given that all are dates or timestamps."""
        return self.have_escapes or bool(self.fields.kinds.facts[0, text_kinds.FINE])

    def texts(self, slots: NDArray[np.int32], rows: int) -> Values:
        """Strings themselves and other values as they are written, at their rows; NULL in the others."""
        offsets = arrow_memory(rows + 1, np.int32)
        out = arrow_memory(int((self.ends - self.starts).sum(dtype=np.int64)), np.uint8)
        written = json_values.texts(self.data, self.starts, self.ends, self.kinds, slots, offsets, out)
        return _placed(pa.string(), slots, rows, [offsets, out[:written]])

    def array(self, column_type: ct.ColumnType, slots: NDArray[np.int32], rows: int) -> Values:
        """The values as a type that fits their evidence, at their rows; NULL in the others."""
        kind = arrow_type(column_type)
        if isinstance(column_type, ct.Boolean):
            bits = _bits(rows)
            json_values.truths(self.data, self.starts, slots, bits)
            return _placed(kind, slots, rows, [bits])
        if isinstance(column_type, ct.String | ct.Decimal) or self.have_escapes or not self.seen:
            array: Values = pc.cast(self.texts(slots, rows), kind)
            return array
        return _placed(kind, slots, rows, [_at(slots, rows, self._values(column_type))])

    def _values(self, column_type: ct.ColumnType) -> NDArray[Any]:
        found = self.fields.kinds
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


def _is_instants(evidence: Evidence) -> bool:
    return evidence.kinds <= _INSTANTS and not evidence.quoted_empties


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
