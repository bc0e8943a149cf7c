"""Arrow columns as JSON, whole batches at a time: for every type of Arrow, the text that a JSON file would have."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from include.conversion.arrow_types import compute as pc
from include.conversion.containers.unreadable import Unreadable
from include.domain import parquet_findings
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from include.domain.findings import Finding

Values: TypeAlias = Any
"""An Arrow array, untyped: what can be done with it depends on the type that it holds."""

TEXT = pa.large_string()
_NULL = pa.scalar("null", TEXT)
_QUOTE = pa.scalar('"', TEXT)
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # of the years 1 and 9999, from 1970-01-01
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_NEEDS_ESCAPE = '["\\\\\\x00-\\x1f]'
_REMARKS: dict[str, Callable[..., Finding]] = {
    "nan": parquet_findings.nan_read_as_null,
    "infinite": parquet_findings.infinite_numbers,
    "nanoseconds": parquet_findings.nanoseconds,
    "range": parquet_findings.dates_out_of_range,
}


def is_refused(kind: pa.DataType) -> bool:
    """Whether a type that holds no others has no text."""
    types = pa.types
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_duration(kind)
        or types.is_interval(kind)
        or types.is_union(kind)
        or types.is_binary_view(kind)
        or types.is_run_end_encoded(kind)
    )


class Transcriber:
    """Makes texts, and remembers what was to be remarked of which column."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Lines] = defaultdict(Lines)

    def findings(self) -> tuple[Finding, ...]:
        """What was remarked, by column."""
        return tuple(
            _REMARKS[remark](column=column, total=seen.total, lines=seen.lines)
            for (column, remark), seen in self._seen.items()
        )

    def texts(self, values: Values, rows: NDArray[np.int64], *, path: str) -> Values:
        """A text for each value, `null` for a missing one.

        Args:
            values: of any type that is not refused.
            rows: for each value the row that it is in.
            path: of the column, for findings.
        """
        found = self._present(values, rows, path)
        return pc.if_else(pc.is_null(values), _NULL, pc.fill_null(found, "null"))

    def _present(self, values: Values, rows: NDArray[np.int64], path: str) -> Values:
        types, of = pa.types, values.type
        ways: tuple[tuple[Callable[[Any], bool], Callable[..., Values]], ...] = (
            (lambda kind: isinstance(kind, pa.BaseExtensionType), self._extension),
            (types.is_dictionary, self._dictionary),
            (types.is_struct, self._struct),
            (types.is_nested, self._list),
            (types.is_floating, self._doubles),
            (types.is_temporal, self._temporal),
            (types.is_decimal, _decimals),
            (lambda kind: types.is_integer(kind) or types.is_boolean(kind) or types.is_null(kind), _as_they_are),
        )
        way = next((way for holds, way in ways if holds(of)), _strings)
        return way(values, rows, path)

    def _dictionary(self, values: Any, rows: NDArray[np.int64], path: str) -> Values:
        known = values.dictionary
        if not _is_text(known.type):
            return self._present(values.dictionary_decode(), rows, path)
        texts = self.texts(known, np.full(len(known), rows[0] if len(rows) else 0), path=path)
        return texts.take(values.indices)

    def _extension(self, values: Values, rows: NDArray[np.int64], path: str) -> Values:
        if values.type.extension_name == "arrow.uuid":
            return _strings(pa.array([each and str(each) for each in values.to_pylist()], TEXT), rows, path)
        storage: Any = values
        return self._present(storage.storage, rows, path)

    def _struct(self, values: Any, rows: NDArray[np.int64], path: str) -> Values:
        pieces: list[Any] = ["{"]
        for field, child in zip(values.type, values.flatten(), strict=True):
            before = "," if len(pieces) > 1 else ""
            pieces += [
                f"{before}{json.dumps(field.name)}:",
                self.texts(child, rows, path=f"{path}.{field.name}"),
            ]
        return joined([*pieces, "}"], len(values))

    def _list(self, values: Any, rows: NDArray[np.int64], path: str) -> Values:
        kind = values.type
        if pa.types.is_map(kind):
            entry = pa.struct([pa.field("key", kind.key_type), pa.field("value", kind.item_type)])
            values = values.cast(pa.list_(entry))
        elif not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
            values = values.cast(pa.large_list(kind.value_type))
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
        inner = self.texts(values.flatten(), np.repeat(rows, lengths), path=path)
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]), pa.int64())
        lists = pa.LargeListArray.from_arrays(offsets, inner)
        return joined(["[", pc.binary_join(lists, pa.scalar(",", TEXT)), "]"], len(values))

    def _doubles(self, values: Values, rows: NDArray[np.int64], path: str) -> Values:
        """The shortest text of each double; one of lower precision is a double too, the same number."""
        exact = (values.cast(pa.float32()) if pa.types.is_float16(values.type) else values).cast(pa.float64())
        nan = pc.is_nan(exact)
        self._note("nan", path, nan, rows)
        self._note("infinite", path, pc.is_inf(exact), rows)
        texts = pc.if_else(nan, pa.scalar(None, TEXT), exact.cast(TEXT))
        whole = pc.invert(pc.match_substring_regex(texts, "[.e]"))
        return pc.if_else(whole, joined([texts, ".0"], len(values)), texts)

    def _temporal(self, values: Values, rows: NDArray[np.int64], path: str) -> Values:
        kind: Any = values.type
        if pa.types.is_time(kind):
            texts = _trimmed(values.cast(TEXT))
        elif pa.types.is_date(kind):
            days = values.cast(pa.date32())
            numbers = days.cast(pa.int32())
            wrong = pc.or_(pc.less(numbers, _FIRST_DAY), pc.greater(numbers, _LAST_DAY))
            self._note("range", path, wrong, rows)
            texts = pc.if_else(wrong, pa.scalar(None, pa.date32()), days).cast(TEXT)
        else:
            texts = self._instants(values, rows, path)
        return joined([_QUOTE, texts, _QUOTE], len(values))

    def _instants(self, values: Any, rows: NDArray[np.int64], path: str) -> Values:
        unit, zone = values.type.unit, values.type.tz
        per_second = _PER_SECOND[unit]
        numbers = values.cast(pa.int64())
        wrong = pc.or_(
            pc.less(numbers, _FIRST_DAY * 86_400 * per_second) if unit != "ns" else pc.is_null(numbers),
            pc.greater_equal(numbers, (_LAST_DAY + 1) * 86_400 * per_second) if unit != "ns" else pc.is_null(numbers),
        )
        if unit == "ns":
            finer = pc.not_equal(numbers, pc.multiply(pc.divide(numbers, 1000), 1000))
            self._note("nanoseconds", path, finer, rows)
            numbers, unit = pc.divide(numbers, 1000), "us"
        else:
            self._note("range", path, wrong, rows)
            numbers = pc.if_else(wrong, pa.scalar(None, pa.int64()), numbers)
        texts = _trimmed(numbers.cast(pa.timestamp(unit)).cast(TEXT))
        return joined([texts, "Z"], len(values)) if zone else texts

    def _note(self, remark: str, path: str, mask: Values, rows: NDArray[np.int64]) -> None:
        at = np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))
        if len(at):
            self._seen[path, remark].add(rows[at[:100]].tolist(), total=len(at))


def joined(pieces: list[Any], length: int) -> Values:
    """Pieces one after another, each a text or an array of them; missing where any is."""
    arrays: list[Any] = [
        piece if isinstance(piece, pa.Array | pa.Scalar) else pa.scalar(piece, TEXT) for piece in pieces
    ]
    if not any(isinstance(piece, pa.Array) for piece in arrays):
        arrays[0] = pa.repeat(arrays[0], length)
    return pc.binary_join_element_wise(*arrays, pa.scalar("", TEXT))


def _trimmed(texts: Values) -> Values:
    """Clock times without zeros at the end of their fraction."""
    texts = pc.replace_substring_regex(texts, r"\.0+$", "")
    return pc.replace_substring_regex(texts, r"(\.[0-9]*[1-9])0+$", r"\1")


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _as_they_are(values: Values, _: NDArray[np.int64], __: str) -> Values:
    return values.cast(TEXT)


def _decimals(values: Values, _: NDArray[np.int64], __: str) -> Values:
    texts = values.cast(pa.string()).cast(TEXT)
    if not pc.any(pc.match_substring(texts, "E")).as_py():
        return texts
    return pa.array([None if each is None else f"{each:f}" for each in values.to_pylist()], TEXT)


def _strings(values: Values, rows: NDArray[np.int64], path: str) -> Values:
    texts = values.cast(TEXT)
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        raise Unreadable(parquet_findings.invalid_text(column=path, line=int(rows[0]) if len(rows) else 1)) from error
    special = pc.fill_null(pc.match_substring_regex(texts, _NEEDS_ESCAPE), False)
    plain = joined([_QUOTE, texts, _QUOTE], len(texts))
    if not pc.any(special).as_py():
        return plain
    escaped = pa.array([json.dumps(each, ensure_ascii=False) for each in texts.filter(special).to_pylist()], TEXT)
    whole: Values = pc.replace_with_mask(plain, special, escaped)
    return whole
