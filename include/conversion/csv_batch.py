"""A range of a CSV file as columns of text, and their values as whatever type was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from include.conversion.arrow_types import Values, arrow_type
from include.conversion.arrow_types import compute as pc
from include.conversion.columns import Batch, Observed
from include.conversion.csv_scan import marks_of
from include.conversion.field_texts import FieldTexts, array_of, evidence_of
from include.conversion.kernels import arrow_buffers, csv_fields, text_kinds
from include.domain import column_types as ct
from include.domain.evidence import fits
from include.domain.file_findings import MAX_LISTED
from include.domain.remarks import Remark, Seen, first_distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from include.conversion.kernels.compiled import Bytes
    from include.conversion.report import Range, Reading
    from include.domain.evidence import Evidence

_MICROSECONDS_PER_MILLISECOND = 1000


def read_csv_range(data: bytes, part: Range, *, columns: Sequence[str], reading: Reading) -> Batch:
    """The records of one range.

    Args:
        data: the bytes of the range.
        part: what the check said of it.
        columns: stored names, as many as each record has fields.
        reading: as the check found it.

    Raises:
        ValueError: there are not as many records as the check counted, or not as many fields in each.
    """
    buffer, classes, marks = marks_of(data, delimiter=reading.delimiter, terminator=reading.terminator)
    starts, ends = (np.empty((len(columns), part.rows), np.int32) for _ in range(2))
    lines = np.empty(part.rows, np.int32)
    doubled = np.empty(2 * len(marks) + 2, np.int32)  # never half of it written to
    records, pairs = csv_fields.field_spans(buffer, classes, marks, len(marks), starts, ends, lines, doubled)
    if records != part.rows:
        raise ValueError(f"{part.rows} records were counted, others read from byte {part.start}")
    if pairs:
        at = doubled[0 : 2 * pairs : 2], doubled[1 : 2 * pairs : 2]
        single = np.empty(int((ends[at] - starts[at]).sum()) + 1, np.uint8)
        written = csv_fields.undouble(buffer, doubled, pairs, starts, ends, single, len(buffer))
        buffer = np.concatenate((buffer, single[:written]))
        buffer.flags.writeable = False  # as the bytes of a file are, so that the loops are compiled once
    texts = FieldTexts(buffer, starts, ends, tuple(map(reading.options.of_column, columns)))
    numbers = lines.astype(np.int64) + part.first_line
    return Batch(
        rows=part.rows,
        lines=numbers,
        columns={name: TextColumn(texts, at, numbers) for at, name in enumerate(columns)},
    )


class TextColumn:
    """The fields of one column in one range: NULL where a field was empty and not quoted."""

    def __init__(self, texts: FieldTexts, column: int, lines: NDArray[np.int64]) -> None:
        self._texts = texts
        self._column = column
        self._lines = lines
        self._known: Evidence | None = None

    @property
    def _kinds(self) -> Bytes:
        kinds: Bytes = self._texts.kinds.kinds[self._column]
        return kinds

    @property
    def _evidence(self) -> Evidence:
        if self._known is None:
            self._known = evidence_of(self._texts, self._column)
        return self._known

    def rows(self, start: int, end: int) -> TextColumn:
        """The same column in some of the rows, apart from the other columns."""
        texts, at = self._texts, slice(self._column, self._column + 1)
        starts, ends = (np.ascontiguousarray(each[at, start:end]) for each in (texts.starts, texts.ends))
        cut = FieldTexts(texts.buffer, starts, ends, (texts.options[self._column],))
        return TextColumn(cut, 0, self._lines[start:end])

    def text(self) -> str:
        """The first field as written; nothing for an empty one."""
        return self._texts.strings(self._column)[0].as_py() or ""

    def observe(self) -> Observed:
        """Evidence of the fields, and what is worth a remark if the column keeps a type."""
        evidence = self._evidence
        if isinstance(evidence.type, ct.String):
            return Observed(evidence)
        facts = self._texts.kinds.facts[self._column]
        seen: dict[Remark, Seen] = {}
        for remark, kind in ((Remark.NULL_WORD, text_kinds.NULL_WORD), (Remark.SCIENTIFIC, text_kinds.SCIENTIFIC)):
            if facts[text_kinds.SEEN] >> kind & 1:
                seen[remark] = self._where(np.flatnonzero(self._kinds == kind))
        if facts[text_kinds.FINE]:
            finer = self._texts.kinds.values[self._column] % _MICROSECONDS_PER_MILLISECOND != 0
            seen[Remark.FINE_TIMESTAMP] = self._where(np.flatnonzero(finer & (self._kinds > text_kinds.DATE)))
        return Observed(evidence, seen)

    def _where(self, rows: NDArray[np.int64]) -> Seen:
        texts = pc.unique(self._texts.strings(self._column, rows=rows[: MAX_LISTED * MAX_LISTED]))
        if len(texts) < MAX_LISTED:
            texts = pc.unique(self._texts.strings(self._column, rows=rows))
        lines = tuple(self._lines[rows[:MAX_LISTED]].tolist())
        return Seen(total=len(rows), lines=lines, texts=first_distinct(texts[:MAX_LISTED].to_pylist()))

    def array(self, column_type: ct.ColumnType) -> Values:
        """The fields as this type.

        Raises:
            ValueError: some field is of a kind that the type does not hold.
        """
        if isinstance(column_type, ct.String):
            return self._texts.strings(self._column)
        if not fits(self._evidence, column_type):
            raise ValueError(f"a column of other values was to be written as {ct.display(column_type)}")
        return self._typed(column_type)

    def _typed(self, column_type: ct.ColumnType) -> Values:
        found = self._texts.kinds
        kinds, values = self._kinds, found.values[self._column]
        rows = len(kinds)
        validity = np.zeros((rows + 7) // 8, np.uint8)
        nulls = arrow_buffers.value_bits(kinds, validity)
        data: Any
        match column_type:
            case ct.Boolean():
                data = np.zeros((rows + 7) // 8, np.uint8)
                arrow_buffers.boolean_bits(values, data)
            case ct.BigInt():
                data = values.copy()
            case ct.Double():
                data = np.empty(rows, np.float64)
                arrow_buffers.to_doubles(kinds, values, found.doubles[self._column], data)
            case ct.Date():
                data = values.astype(np.int32)
            case ct.Timestamp() | ct.TimestampUtc():
                data = np.empty(rows, np.int64)
                arrow_buffers.to_microseconds(kinds, values, data)
            case _:
                texts = self._texts.strings(self._column)
                if nulls:
                    valid = array_of(pa.bool_(), rows, [validity], validity=None, nulls=0)
                    texts = pc.if_else(valid, texts, pa.scalar(None, pa.string()))
                decimals: Values = pc.cast(texts, arrow_type(column_type))
                return decimals
        return array_of(arrow_type(column_type), rows, [data], validity=validity if nulls else None, nulls=nulls)
