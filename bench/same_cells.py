"""Whether stored values print back to what the file says: whole columns at a time, in Arrow.

`same_texts` is for CSV, where the file says text; `same_values` is for JSON, where it says typed values.
"""

from __future__ import annotations

import json
from typing import Any

from bench.output import family
from bench.text_columns import Texts, pc
from bench.text_columns import arrow as pa

NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
SHORT_INTEGER = r"^-?[0-9]{1,18}$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$"
DIGITS_OF_A_DOUBLE = 17


def same_texts(actual: Texts, texts: Texts) -> Texts:
    """True where a value prints back to its text; a NULL, and the empty string, to the empty field."""
    texts = pc.fill_null(texts, "")
    kind = family(actual.type)
    same = _SAME_TEXT[kind](actual, texts) if kind in _SAME_TEXT else pa.array([False] * len(actual))
    return pc.if_else(pc.is_null(actual), pc.equal(texts, ""), pc.fill_null(same, False))


def _only(texts: Texts, pattern: str) -> Texts:
    return pc.if_else(pc.match_substring_regex(texts, pattern), texts, pa.scalar(None, pa.string()))


def _doubles(actual: Texts, texts: Texts) -> Texts:
    numbers = _only(texts, NUMBER)
    equal = pc.equal(pc.cast(numbers, pa.float64()), pc.cast(actual, pa.float64()))
    digits = pc.replace_substring_regex(pc.replace_substring_regex(numbers, "[eE].*$", ""), "[^0-9]", "")
    short = pc.less_equal(pc.utf8_length(pc.utf8_ltrim(digits, "0")), DIGITS_OF_A_DOUBLE)
    whole = pc.cast(_only(texts, SHORT_INTEGER), pa.int64())
    kept = pc.fill_null(pc.equal(whole, pc.cast(actual, pa.int64(), safe=False)), True)
    return pc.and_(pc.and_(equal, short), kept)


def _decimals(actual: Texts, texts: Texts) -> Texts:
    wide = pa.decimal128(38, actual.type.scale)
    return pc.equal(pc.cast(_only(texts, NUMBER), wide), pc.cast(actual, wide))


def _timestamps(actual: Texts, texts: Texts) -> Texts:
    fine = pa.timestamp("ns")
    days = pc.cast(pc.cast(_only(texts, DAY), pa.date32()), fine)
    instants = pc.cast(_only(texts, INSTANT), fine)
    return pc.equal(pc.coalesce(instants, days), pc.cast(actual, fine))


_SAME_TEXT: dict[str, Any] = {
    "string": lambda actual, texts: pc.equal(pc.cast(actual, pa.string()), texts),
    "bigint": lambda actual, texts: pc.equal(pc.cast(actual, pa.string()), texts),
    "boolean": lambda actual, texts: pc.equal(pc.cast(actual, pa.string()), pc.utf8_lower(texts)),
    "date": lambda actual, texts: pc.equal(pc.cast(actual, pa.string()), texts),
    "double": _doubles,
    "decimal": _decimals,
    "timestamp": _timestamps,
}


def same_values(actual: Texts, expected: Texts) -> Texts:
    """True where a value is the one of the file; a key that a record lacks is NULL."""
    kind, wanted = family(actual.type), family(expected.type)
    if wanted in ("struct", "array") and kind == "string":
        same = _same_json(actual, expected)
    elif wanted == "struct" and kind == "struct":
        return _same_structs(actual, expected)
    elif wanted == "array" and kind == "array":
        same = _same_arrays(actual, expected)
    elif kind == wanted or {kind, wanted} in ({"decimal", "double"}, {"date", "timestamp"}):
        same = pc.equal(pc.cast(actual, expected.type), expected)
    elif kind == "string" and wanted in ("date", "timestamp"):
        same = _timestamps(pc.cast(expected, pa.timestamp("ns")), pc.cast(actual, pa.string()))
    else:
        same = pa.array([False] * len(actual))
    both_null = pc.and_(pc.is_null(actual), pc.is_null(expected))
    return pc.or_(both_null, pc.fill_null(same, False))


def _same_structs(actual: Texts, expected: Texts) -> Texts:
    held = {field.name for field in actual.type}
    same: Texts = pc.equal(pc.is_null(actual), pc.is_null(expected))
    for field in expected.type:
        if field.name not in held:
            return pa.array([False] * len(actual))
        inner = same_values(pc.struct_field(actual, field.name), pc.struct_field(expected, field.name))
        same = pc.and_(same, inner)
    for extra in held - {field.name for field in expected.type}:
        same = pc.and_(same, pc.is_null(pc.struct_field(actual, extra)))
    return same


def _same_arrays(actual: Texts, expected: Texts) -> Texts:
    alike = pc.fill_null(pc.equal(pc.list_value_length(actual), pc.list_value_length(expected)), False)
    inner = same_values(pc.list_flatten(pc.filter(actual, alike)), pc.list_flatten(pc.filter(expected, alike)))
    parents = pc.list_parent_indices(pc.filter(expected, alike))
    wrong = pc.take(pc.indices_nonzero(alike), pc.unique(pc.filter(parents, pc.invert(inner))))
    rows = pa.array(range(len(actual)), pa.uint64())
    return pc.and_(alike, pc.invert(pc.is_in(rows, value_set=pc.cast(wrong, pa.uint64()))))


def _same_json(actual: Texts, expected: Texts) -> Texts:
    pairs = zip(actual.to_pylist(), expected.to_pylist(), strict=True)
    return pa.array([text is not None and json.loads(text) == value for text, value in pairs])
