"""Whatever a JSON file holds and wherever it is split, its values come out as they went in."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.conversion.json_scan import scan_elements
from include.conversion.json_text import Number
from include.domain.column_types import Struct
from tests.conversion.files import Split, checked, converted, converted_in_groups
from tests.conversion.splits import json_values, splits

keys = st.sampled_from(["a", "B", "c", "d_1"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-100, 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        ["2026-01-31", "2026-01-31T10:00", "2026-01-31T10:00Z", "NA", "", '"[{', "\\", "é\n", "\U0001f600"]
    ),
)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)
objects = st.lists(st.dictionaries(keys, documents, max_size=4), min_size=1, max_size=8)
alike = st.one_of(
    st.lists(
        st.fixed_dictionaries({}, optional={"a": st.integers(), "b": st.lists(st.floats(-1e9, 1e9)), "C": st.text()}),
        min_size=1,
        max_size=8,
    ),
    objects,
)


def array(rows: list[Any], indent: int | None) -> bytes:
    return json.dumps(rows, indent=indent).encode()


def lines(rows: list[Any], _: int | None) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


@settings(max_examples=60, deadline=None)
@given(alike, st.sampled_from([None, 1]), st.integers(4, 100), st.sampled_from(["json", "jsonl"]))
def test_every_value_of_an_accepted_file_is_kept_wherever_the_file_is_split(
    rows: list[dict[str, Any]], indent: int | None, block_bytes: int, ending: str
) -> None:
    data = (array if ending == "json" else lines)(rows, indent)
    name = f"data.{ending}"
    whole = checked(data, filename=name, block_bytes=len(data) + 4)
    small = checked(data, filename=name, block_bytes=block_bytes)
    assert (small.rows, small.columns, small.findings) == (whole.rows, whole.columns, whole.findings)
    assert not whole.refused
    result = converted(data, filename=name, block_bytes=block_bytes, part_bytes=100)
    again = converted(data, filename=name, block_bytes=len(data) + 4)
    assert (result.conversion.schema, result.conversion.written) == (again.conversion.schema, again.conversion.written)
    assert (result.rows, result.lines) == (again.rows, again.lines)
    if not result.conversion.written:
        return
    for row, stored in zip(rows, result.rows, strict=True):
        for key, value in row.items():
            assert_same(value, stored.get(key.lower()))


@settings(max_examples=60, deadline=None)
@given(
    alike, st.integers(4, 100), st.sampled_from(["json", "jsonl"]), splits(["a", "b", "c", "d_1"], evidence=json_values)
)
def test_groups_parts_threads_and_hints_never_change_what_comes_out(
    rows: list[dict[str, Any]], block_bytes: int, ending: str, split: Split
) -> None:
    data = (array if ending == "json" else lines)(rows, None)
    name = f"data.{ending}"
    result = converted_in_groups(data, split, filename=name, block_bytes=block_bytes)
    whole = converted(data, filename=name, block_bytes=len(data) + 4)
    assert result.conversion.schema == whole.conversion.schema
    assert list(result.conversion.written.items()) == list(whole.conversion.written.items())
    assert result.conversion.findings == whole.conversion.findings
    assert (result.rows, result.lines, result.schema) == (whole.rows, whole.lines, whole.schema)


def assert_same(value: Any, stored: Any) -> None:
    if isinstance(stored, dict):
        assert isinstance(value, dict)
        for key, inner in value.items():
            assert_same(inner, stored.get(key.lower()))
    elif isinstance(stored, list):
        assert isinstance(value, list)
        assert len(value) == len(stored)
        for one, other in zip(value, stored, strict=True):
            assert_same(one, other)
    elif stored is None:
        assert is_untyped(value)
    elif isinstance(stored, str):
        assert value == stored if isinstance(value, str) else json.loads(stored) == value
    elif isinstance(stored, datetime | date):
        assert isinstance(value, str)
        written = datetime.fromisoformat(value)
        if isinstance(stored, datetime):
            assert (written.astimezone(UTC) if stored.tzinfo else written) == stored
        else:
            assert value == stored.isoformat()
    elif isinstance(stored, Decimal):
        assert Decimal(repr(value)) == stored
    else:
        assert value == stored
        assert isinstance(value, bool) == isinstance(stored, bool)


def is_untyped(value: Any) -> bool:
    """Null, `[]`, `{}`, and what is made of nothing else."""
    inner = value.values() if isinstance(value, dict) else value
    return value is None or (isinstance(value, dict | list) and all(map(is_untyped, inner)))


def test_numbers_are_kept_as_written_in_a_column_of_mixed_kinds() -> None:
    text = '[{"m": 1.50}, {"m": "x"}, {"m": {"k":  [1, 2.0]}}, {"m": true}, {"m": null}, {"m": "é"}, {"m": -0}]'
    result = converted(text, filename="a.json")
    assert [row["m"] for row in result.rows] == ["1.50", "x", '{"k":  [1, 2.0]}', "true", None, "é", "-0"]


def test_mixed_kinds_within_structs_and_arrays_are_kept_as_written() -> None:
    text = '{"o": {"X": 1, "l": [1, {"a" : 2}, "s"]}}\n{"o": {"x": [ 1 ], "l": [true, null]}}\n'
    result = converted(text, filename="a.jsonl")
    assert result.rows == [
        {"o": {"x": "1", "l": ["1", '{"a" : 2}', "s"]}},
        {"o": {"x": "[ 1 ]", "l": ["true", None]}},
    ]


def test_struct_fields_keep_the_order_first_seen_and_names_are_stored_in_lower_case() -> None:
    result = converted('{"o": {"Zip": 1}}\n{"o": {"Area": 2, "zip": 3}}\n', filename="a.jsonl", block_bytes=4)
    (column,) = result.conversion.written.values()
    assert isinstance(column, Struct)
    assert [name for name, _ in column.fields] == ["zip", "area"]
    assert result.rows == [{"o": {"zip": 1, "area": None}}, {"o": {"zip": 3, "area": 2}}]


@pytest.mark.parametrize("number", ["1e400", "-0", "123456789012345678901234567890123456789"])
def test_json_numbers_that_no_numeric_column_holds_are_kept_as_text(number: str) -> None:
    result = converted(f'[{{"a": {number}}}, {{"a": 1}}]', filename="a.json")
    assert [row["a"] for row in result.rows] == [number, "1"]
    assert math.isinf(float("1e400"))
    assert isinstance(Number("1"), str)


def test_lines_of_array_elements_are_where_they_start() -> None:
    text = '[\n {"a": 1},\n\n {"a":\n 2}, {"a": 3}\n]\n'
    for block_bytes in (4, 1000):
        assert converted(text, filename="a.json", block_bytes=block_bytes).lines == [2, 4, 5]


def test_elements_are_split_at_commas_outside_strings_and_brackets() -> None:
    data = rb' {"a": "},{\"\\"} , [1, 2] ,"x,y" ] rest'
    found = scan_elements(data)
    pieces = [data[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert pieces == [rb'{"a": "},{\"\\"}', b"[1, 2]", b'"x,y"']
    assert found.end == data.index(b"] rest")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='[]{},:"\\ 1a\n', max_size=25), st.integers(4, 12), st.sampled_from(["json", "jsonl"]))
def test_what_is_no_json_is_refused_alike_wherever_it_is_split(text: str, block_bytes: int, ending: str) -> None:
    name = f"a.{ending}"
    small = checked(text, filename=name, block_bytes=block_bytes)
    large = checked(text, filename=name, block_bytes=1000)
    assert small.findings == large.findings
    try:
        good = ending == "json" and isinstance(json.loads(text), dict)
    except ValueError:
        good = False
    assert not (good and any(finding.code == "invalid_json" for finding in large.findings))
