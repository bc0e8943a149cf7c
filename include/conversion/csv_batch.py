"""A range of a CSV file as columns of text, and their values as whatever type was decided."""

from __future__ import annotations

import io
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from include.conversion.arrow_types import Mask, Values, arrow_type
from include.conversion.arrow_types import compute as pc
from include.conversion.columns import Batch, Observed, Remark, Seen, first_distinct
from include.conversion.csv_scan import scan
from include.conversion.encoding import BOM
from include.conversion.text_evidence import json_strings_evidence, texts_evidence
from include.domain import column_types as ct
from include.domain import text_rules as rules
from include.domain.evidence import NOTHING, TEXT, Evidence
from include.domain.file_findings import MAX_LISTED
from include.domain.text_rules import DEFAULT_COLUMN, ColumnOptions, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from include.conversion.report import Range, Reading

_STAND_IN = "\x00"  # for a carriage return that ends no record; a checked file has no NUL
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_MASK_OF = {Remark.SCIENTIFIC: "[eE]", Remark.FINE_TIMESTAMP: rules.FINE_TIMESTAMP_PATTERN}


def read_csv_range(data: bytes, part: Range, *, columns: Sequence[str], reading: Reading) -> Batch:
    """The records of one range.

    Args:
        data: the bytes of the range.
        part: what the check said of it.
        columns: stored names, as many as each record has fields.
        reading: as the check found it.

    Raises:
        ValueError: there are not as many records as the check counted.
    """
    lines = _lines(data, part, reading)
    text, stands_in = _lf_records(data, reading)
    table = csv.read_csv(
        # The reader drops a byte-order mark at the start of what it is given, also where it is part of a value.
        io.BytesIO(BOM + text if text.startswith(BOM) else text),
        read_options=csv.ReadOptions(column_names=list(columns), block_size=len(text) + 1024, use_threads=False),
        parse_options=csv.ParseOptions(
            delimiter=reading.delimiter, newlines_in_values=b'"' in text, ignore_empty_lines=False
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    if table.num_rows != part.rows:
        raise ValueError(f"{part.rows} records were counted and {table.num_rows} read from byte {part.start}")
    texts = [_one_array(column) for column in table.columns]
    if stands_in:
        texts = [pc.replace_substring(text, _STAND_IN, "\r") for text in texts]
    return Batch(
        rows=part.rows,
        lines=lines,
        columns={
            name: TextColumn(text, lines, reading.options.of_column(name))
            for name, text in zip(columns, texts, strict=True)
        },
    )


def _one_array(column: Any) -> Values:
    whole: Values = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    return whole


def _lines(data: bytes, part: Range, reading: Reading) -> NDArray[np.int64]:
    breaks = data.count(b"\n") + (data.count(b"\r") if reading.terminator == "\r" else 0)
    if breaks == part.rows - (not data.endswith(reading.terminator.encode())):
        return np.arange(part.first_line, part.first_line + part.rows)
    found = scan(data, delimiter=reading.delimiter, terminator=reading.terminator, final=True)
    return found.lines + part.first_line


def _lf_records(data: bytes, reading: Reading) -> tuple[bytes, bool]:
    """The same records ended by line feeds alone or CRLF, and whether some carriage return got a stand-in.

    The reader ends a record at every carriage return outside quotes. Here they end all records or none.
    """
    if b"\r" not in data:
        return data, False
    if reading.terminator == "\n":
        if data.count(b"\r") == data.count(b"\r\n"):
            return data, False
        return _LONE_RETURN.sub(_STAND_IN.encode(), data), True
    found = scan(data, delimiter=reading.delimiter, terminator="\r", final=True)
    text = np.frombuffer(data, np.uint8).copy()
    ends = found.ends - 1
    text[ends[text[ends] == ord("\r")]] = ord("\n")
    return text.tobytes(), False


class TextColumn:
    """The fields of one column in one range: NULL where a field was empty and not quoted."""

    def __init__(self, texts: Values, lines: NDArray[np.int64], options: ColumnOptions = DEFAULT_COLUMN) -> None:
        self._texts = texts
        self._lines = lines
        self._options = options

    @cached_property
    def _null_words(self) -> Mask | None:
        found = pc.is_in(self._texts, value_set=pa.array(self._options.null_words, pa.string()))
        return found if pc.any(found).as_py() else None

    @cached_property
    def _quoted_empties(self) -> Mask | None:
        found = pc.equal(pc.binary_length(self._texts), 0)
        return found if pc.any(found).as_py() else None

    @cached_property
    def _typed(self) -> Values:
        """The texts as a typed column has them: NULL for quoted empties and null words, dates with the year first."""
        texts = self._texts
        for mask in (self._null_words, self._quoted_empties):
            if mask is not None:
                texts = pc.if_else(mask, pa.scalar(None, pa.string()), texts)
        if self._options.day_first:
            for pattern in rules.DAY_FIRST_PATTERNS:
                texts = pc.replace_substring_regex(texts, pattern, r"\3-\2-\1")
        return texts

    def observe(self) -> Observed:
        """Evidence of the fields, and what is worth a remark if the column keeps a type."""
        if self._options.as_text:
            return Observed(NOTHING if self._texts.null_count == len(self._texts) else TEXT)
        evidence = json_strings_evidence if self._options.day_first else texts_evidence  # dates and text alone
        shown = evidence(self._typed.drop_null() if self._typed.null_count else self._typed)
        marks = Evidence(null_words=self._null_words is not None, quoted_empties=self._quoted_empties is not None)
        seen: dict[Remark, Seen] = {}
        if self._null_words is not None:
            seen[Remark.NULL_WORD] = self._where(self._null_words)
        remark = _remark_for(shown)
        if remark is not None:
            mask = pc.match_substring_regex(self._typed, _MASK_OF[remark])
            if pc.any(mask).as_py():
                seen[remark] = self._where(mask)
        return Observed(shown.merge(marks), seen)

    def _where(self, mask: Mask) -> Seen:
        rows = np.flatnonzero(mask.fill_null(False).to_numpy(zero_copy_only=False))
        texts = pc.take(self._texts, rows)
        return Seen(
            total=len(rows),
            lines=tuple(self._lines[rows[:MAX_LISTED]].tolist()),
            texts=first_distinct(pc.unique(texts)[:MAX_LISTED].to_pylist()),
        )

    def array(self, column_type: ct.ColumnType) -> Values:
        """The fields as this type."""
        values: Values
        match column_type:
            case ct.String():
                values = self._texts
            case ct.Boolean():
                true = pc.is_in(self._typed, value_set=pa.array(rules.TRUE_WORDS))
                values = pc.if_else(pc.is_valid(self._typed), true, pa.scalar(None, pa.bool_()))
            case _:
                values = pc.cast(self._typed, arrow_type(column_type))
        return values


def _remark_for(shown: Evidence) -> Remark | None:
    if shown == NOTHING:
        return None
    if Kind.SCIENTIFIC in shown.kinds:
        return Remark.SCIENTIFIC
    if shown.kinds & {Kind.TIMESTAMP, Kind.TIMESTAMP_ZONED}:
        return Remark.FINE_TIMESTAMP
    return None
