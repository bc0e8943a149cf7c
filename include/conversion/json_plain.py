"""A range of a JSON file read by Python's own JSON decoder: slow, for what the compiled reading leaves alone.

It is the reference as well: properties hold the two equal.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from include.conversion.arrow_types import Values, arrow_type
from include.conversion.arrow_types import compute as pc
from include.conversion.columns import Batch, Observed
from include.conversion.json_scan import BLANK, line_starts, scan_elements
from include.conversion.json_text import Number, decode_as, decoder
from include.conversion.text_evidence import json_numbers_evidence, json_strings_evidence
from include.domain import column_types as ct
from include.domain.evidence import NOTHING, TEXT, Evidence
from include.domain.file_findings import MAX_LISTED
from include.domain.header import stored_name
from include.domain.remarks import Remark, Seen, first_distinct
from include.domain.text_rules import FINE_TIMESTAMP_PATTERN, Kind

if TYPE_CHECKING:
    import json
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from include.conversion.report import Range, Reading

_NONE = type(None)


class _ContainerAsText(Exception):
    """A string column holds objects or arrays, whose text must be taken from the file."""


# A key that is not stored as it is written: it has a capital, or an escape that may stand for one.
_MAY_HAVE_CAPITALS = re.compile(rb'[A-Z][A-Za-z0-9_]*"[ \t\r\n]*:|\\u00')


def _stored_names() -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    stored: dict[str, str] = {}

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, _ in pairs:
            if key not in stored:
                stored[key] = stored_name(key)
        return {stored[key]: value for key, value in pairs}

    return members


def read_plainly(data: bytes, part: Range, *, columns: Sequence[str], file_format: str, reading: Reading) -> Batch:
    """The records of one range, which the check has found to be good.

    Args:
        data: the bytes of the range.
        part: what the check said of it.
        columns: stored names.
        file_format: `jsonl`, or `json` for elements of an array or one object.
        reading: as the check found it.

    Raises:
        ValueError: there are not as many records as the check counted, or they are no JSON.
    """
    terminator = reading.terminator.encode()
    spans = _lines(data, terminator) if file_format == "jsonl" else _elements(data)
    if len(spans) != part.rows:
        raise ValueError(f"{part.rows} records were counted and {len(spans)} read from byte {part.start}")
    lines = line_starts(data, [start for start, _ in spans], terminator=terminator) + part.first_line
    texts = [data[start:end].strip(BLANK).decode() for start, end in spans]
    reader = decoder(_stored_names() if _MAY_HAVE_CAPITALS.search(data) else None)
    scan: Any = reader  # its stub does not know scan_once
    records = [scan.scan_once(text, 0)[0] for text in texts]
    return Batch(
        rows=part.rows,
        lines=lines,
        columns={
            name: PlainColumn(
                name,
                [each.get(name) for each in records],
                texts,
                lines,
                reader,
                as_text=name in reading.options.text_columns,
            )
            for name in columns
        },
    )


def _lines(data: bytes, terminator: bytes) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(data):
        end = data.find(terminator, at)
        end = len(data) if end < 0 else end
        if data[at:end].strip(BLANK):
            spans.append((at, end))
        at = end + 1
    return spans


def _elements(data: bytes) -> list[tuple[int, int]]:
    found = scan_elements(data + b"]")
    return list(zip(found.starts, found.ends, strict=True))


class PlainColumn:
    """The values of one key in one range; None where it is null or missing."""

    def __init__(
        self,
        name: str,
        values: list[Any],
        texts: list[str],
        lines: NDArray[np.int64],
        reader: json.JSONDecoder,
        *,
        as_text: bool = False,
    ) -> None:
        self._name = name
        self._values = values
        self._texts = texts
        self._lines = lines
        self._reader = reader
        self._as_text = as_text

    def rows(self, start: int, end: int) -> PlainColumn:
        """The same column in some of the rows."""
        at = slice(start, end)
        values, texts, lines = self._values[at], self._texts[at], self._lines[at]
        return PlainColumn(self._name, values, texts, lines, self._reader, as_text=self._as_text)

    @property
    def is_text(self) -> bool:
        """Whether every value is text, objects and arrays too, as was chosen."""
        return self._as_text

    def value(self, row: int) -> Any:
        """A value as it was decoded, its numbers as written."""
        return self._values[row]

    def text(self) -> str:
        """The first value as text: a string itself, any other value as written; nothing for null."""
        return self.array(ct.String())[0].as_py() or ""

    def observe(self) -> Observed:
        """Evidence of the values at every depth; remarks on those at the top."""
        if self._as_text:
            return Observed(NOTHING if all(value is None for value in self._values) else TEXT)
        evidence = values_evidence(self._values)
        if not evidence.kinds & {Kind.TIMESTAMP, Kind.TIMESTAMP_ZONED}:
            return Observed(evidence)
        texts = pa.array(self._values, pa.string())
        fine = np.flatnonzero(pc.match_substring_regex(texts, FINE_TIMESTAMP_PATTERN).fill_null(False).to_pylist())
        if not len(fine):
            return Observed(evidence)
        lines = tuple(self._lines[fine[:MAX_LISTED]].tolist())
        examples = first_distinct(self._values[row] for row in fine[:MAX_LISTED])
        return Observed(evidence, {Remark.FINE_TIMESTAMP: Seen(len(fine), lines, examples)})

    def array(self, column_type: ct.ColumnType) -> Values:
        """The values as this type."""
        try:
            return _array(self._values, column_type)
        except _ContainerAsText:
            whole = ct.Struct(((self._name, column_type),))
            return _array([decode_as(text, whole, self._reader).get(self._name) for text in self._texts], column_type)


def values_evidence(values: list[Any]) -> Evidence:
    """What decoded values show, None among them."""
    kinds = set(map(type, values)) - {_NONE}
    if not kinds:
        return NOTHING
    if len(kinds) > 1:
        return Evidence(frozenset({Kind.TEXT}))
    return _EVIDENCE_OF[kinds.pop()]([value for value in values if value is not None])


def _arrays_evidence(values: list[list[Any]]) -> Evidence:
    return Evidence(frozenset({Kind.ARRAY}), element=values_evidence(list(chain.from_iterable(values))))


def _objects_evidence(values: list[dict[str, Any]]) -> Evidence:
    names = dict.fromkeys(chain.from_iterable(values))
    return Evidence(
        frozenset({Kind.OBJECT}), fields={name: values_evidence([each.get(name) for each in values]) for name in names}
    )


_EVIDENCE_OF: dict[type, Callable[[list[Any]], Evidence]] = {
    bool: lambda _: Evidence(frozenset({Kind.BOOLEAN})),
    Number: lambda values: json_numbers_evidence(pa.array(values, pa.string())),
    str: lambda values: json_strings_evidence(pa.array(values, pa.string())),
    list: _arrays_evidence,
    dict: _objects_evidence,
}


def _array(values: list[Any], column_type: ct.ColumnType) -> Values:
    array: Values
    match column_type:
        case ct.String():
            array = pa.array(_texts(values), pa.string())
        case ct.Boolean():
            array = pa.array(values, pa.bool_())
        case ct.Array(element):
            array = _lists(values, element)
        case ct.Struct(fields):
            array = _structs(values, fields)
        case _:
            array = pc.cast(pa.array(values, pa.string()), arrow_type(column_type))
    return array


def _texts(values: list[Any]) -> list[Any]:
    kinds = set(map(type, values))
    if kinds & {dict, list}:
        raise _ContainerAsText
    if bool in kinds:
        return [str(value).lower() if isinstance(value, bool) else value for value in values]
    return values


def _lists(values: list[Any], element: ct.ColumnType) -> Values:
    ends = np.cumsum([len(value) if value is not None else 0 for value in values], dtype=np.int64)
    offsets = np.concatenate((np.zeros(1, np.int64), ends)).astype(np.int32)
    inner = _array([item for value in values if value is not None for item in value], element)
    build: Any = pa.ListArray.from_arrays  # its stub does not know the mask
    array: Values = build(pa.array(offsets), inner, mask=pa.array([value is None for value in values], pa.bool_()))
    return array


def _structs(values: list[Any], fields: tuple[tuple[str, ct.ColumnType], ...]) -> Values:
    columns = [
        _array([None if value is None else value.get(name) for value in values], inner) for name, inner in fields
    ]
    described = [pa.field(name, arrow_type(inner)) for name, inner in fields]
    return pa.StructArray.from_arrays(
        columns, fields=described, mask=pa.array([value is None for value in values], pa.bool_())
    )
