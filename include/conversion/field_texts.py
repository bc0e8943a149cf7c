"""The texts of the fields of one range, as spans of its bytes, with the kind and value of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from include.conversion.arrow_types import Values
from include.conversion.arrow_types import compute as pc
from include.conversion.kernels import arrow_buffers, text_kinds
from include.domain.evidence import Evidence
from include.domain.text_rules import NULL_WORDS, ColumnOptions, Kind, number_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from include.conversion.kernels.compiled import Bytes, Positions

KIND_OF = {
    text_kinds.BOOLEAN: Kind.BOOLEAN,
    text_kinds.INTEGER: Kind.INTEGER,
    text_kinds.BIG_INTEGER: Kind.BIG_INTEGER,
    text_kinds.POINT: Kind.POINT,
    text_kinds.SCIENTIFIC: Kind.SCIENTIFIC,
    text_kinds.DATE: Kind.DATE,
    text_kinds.TIMESTAMP: Kind.TIMESTAMP,
    text_kinds.TIMESTAMP_ZONED: Kind.TIMESTAMP_ZONED,
    text_kinds.TEXT: Kind.TEXT,
}
_POWERS: Any = text_kinds.POWERS
_MODES = {
    (False, False): text_kinds.BY_RULES,
    (False, True): text_kinds.DAY_FIRST,
    (True, False): text_kinds.AS_TEXT,
    (True, True): text_kinds.AS_TEXT,
}


@dataclass(frozen=True, eq=False)
class FieldTexts:
    """The texts of a range.

    Attributes:
        buffer: holds them; a quoted one has its quote before it.
        starts: columns by records.
        ends: after the last byte of each.
        options: what was chosen for each column.
    """

    buffer: Bytes
    starts: Positions
    ends: Positions
    options: tuple[ColumnOptions, ...]

    @cached_property
    def kinds(self) -> Kinds:
        """What all of them are."""
        columns, rows = self.starts.shape
        words = self.options[0].null_words  # one list for the whole file
        values = np.empty((columns, rows), np.int64)
        found = Kinds(
            kinds=np.empty((columns, rows), np.uint8),
            values=values,
            doubles=values.view(np.float64),
            facts=np.zeros((columns, text_kinds.FACTS), np.int64),
            slow=np.empty((columns, rows), np.int32),
        )
        text_kinds.all_kinds(
            self.buffer,
            self.starts,
            self.ends,
            np.array([_MODES[each.as_text, each.day_first] for each in self.options], np.uint8),
            _POWERS,
            _packed(words),
            int(words != NULL_WORDS),
            found.kinds,
            found.values,
            found.doubles,
            found.facts,
            found.slow,
        )
        return found

    def strings(self, column: int, *, rows: NDArray[Any] | None = None) -> Values:
        """The texts of a column as they are, NULL where a field was empty and not quoted.

        Args:
            column: its number.
            rows: which; all if None.
        """
        starts, ends = self.starts[column], self.ends[column]
        return strings_of(self.buffer, *((starts, ends) if rows is None else (starts[rows], ends[rows])))


@dataclass(frozen=True, eq=False)
class Kinds:
    """What the texts of a range are: arrays of columns by records, as `kernels.text_kinds` describes them."""

    kinds: Bytes
    values: NDArray[np.int64]
    doubles: NDArray[Any]
    facts: NDArray[np.int64]
    slow: Positions


@lru_cache
def _packed(words: tuple[str, ...]) -> Bytes:
    encoded = [word.encode() for word in words]
    return np.frombuffer(b"".join(len(word).to_bytes(2, "little") + word for word in encoded), np.uint8)


def strings_of(buffer: Bytes, starts: Positions, ends: Positions) -> Values:
    """Spans as an array of strings, NULL where one is empty and not quoted."""
    rows = len(starts)
    offsets, validity = np.empty(rows + 1, np.int32), np.zeros((rows + 7) // 8, np.uint8)
    nulls = arrow_buffers.string_offsets(buffer, starts, ends, offsets, validity)
    out = np.empty(int(offsets[rows]) + arrow_buffers.STRIDE, np.uint8)
    arrow_buffers.copy_texts(buffer, starts, ends, out)
    return array_of(pa.string(), rows, [offsets, out], validity=validity if nulls else None, nulls=nulls)


def array_of(
    kind: pa.DataType, rows: int, buffers: Sequence[NDArray[Any]], *, validity: Bytes | None, nulls: int
) -> Values:
    """An Arrow array over buffers that stay as they are."""
    hold: Any = pa.py_buffer  # its stub does not know arrays
    held = [None if validity is None else hold(validity), *map(hold, buffers)]
    result: Values = pa.Array.from_buffers(kind, rows, held, nulls)
    return result


def evidence_of(texts: FieldTexts, column: int) -> Evidence:
    """What the texts of a column show. Fills in the doubles that the kernel left over."""
    found = texts.kinds
    facts = found.facts[column]
    left = int(facts[text_kinds.SLOW])
    seen = int(facts[text_kinds.SEEN])
    dies = bool(facts[text_kinds.DIES])
    if left and not seen >> text_kinds.TEXT:
        rows = found.slow[column, :left]
        doubles, survive, finite = _long_numbers(texts.strings(column, rows=rows))
        found.doubles[column, rows] = doubles
        dies = dies or not survive
        if not finite:
            seen |= 1 << text_kinds.TEXT
    return _evidence(
        seen,
        dies,
        int(facts[text_kinds.INTEGER_DIGITS]),
        int(facts[text_kinds.DECIMAL_PLACES]),
        bool(facts[text_kinds.NEGATIVE_ZERO]),
    )


@lru_cache(maxsize=4096)
def _evidence(seen: int, dies: bool, integer_digits: int, decimal_places: int, negative_zero: bool) -> Evidence:  # noqa: FBT001
    return Evidence(
        kinds=frozenset(kind for number, kind in KIND_OF.items() if seen >> number & 1),
        survives=not dies,
        integer_digits=integer_digits,
        decimal_places=decimal_places,
        negative_zero=negative_zero,
        null_words=bool(seen >> text_kinds.NULL_WORD & 1),
        quoted_empties=bool(seen >> text_kinds.QUOTED_EMPTY & 1),
    )


def _long_numbers(texts: Values) -> tuple[NDArray[np.float64], bool, bool]:
    """Doubles of numbers of many digits or a far exponent, whether all survive in them, and whether all are finite."""
    doubles = pc.cast(texts, pa.float64())
    values = doubles.to_numpy(zero_copy_only=False)
    if not np.isfinite(values).all():
        return values, False, False
    # What a double prints as its shortest text has no trailing zero, at most 17 digits, and is nearest to it.
    others = pc.unique(texts.filter(pc.not_equal(pc.cast(doubles, pa.string()), texts)))
    survive = all(number_facts(text).survives for text in others.to_pylist())
    return values, survive, True
