"""The proof can fail: whatever is changed in the Parquet or between the readers is seen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.corpus.compare import CellDiffers, compare_csv, compare_json
from tests.corpus.files import prove
from tests.corpus.readers import ReadersDisagree, _agree_with_csv_module, read_csv, read_json

HEADER = "Word,whole,share,exact,flag,day,at,instant,blank"
ROWS = (
    'x,1,0.50,0.10,true,2026-01-31,2026-01-31T10:00,2026-01-31T10:00+01:00,""',
    '"",-7,1e5,-2.00,FALSE,2024-02-29,2024-02-29 00:00:00.000001,0001-01-02T00:00:00Z,',
    "NA,NA,,,None,,NULL,NaN,NA",
    ",9223372036854775807,10.357019999999999,3,,9999-12-31,9999-12-31T23:59:59,9999-12-31T00:00Z,",
)
DATA = ("\n".join((HEADER, *ROWS)) + "\n").encode()
TYPES: dict[str, pa.DataType] = {
    "word": pa.string(),
    "whole": pa.int64(),
    "share": pa.float64(),
    "exact": pa.decimal128(38, 2),
    "flag": pa.bool_(),
    "day": pa.date32(),
    "at": pa.timestamp("us"),
    "instant": pa.timestamp("us", tz="UTC"),
}
VALUES: dict[str, list[Any]] = {
    "word": ["x", "", "NA", None],
    "whole": [1, -7, None, 2**63 - 1],
    "share": [0.5, 100000.0, None, 10.357019999999999],
    "exact": [Decimal("0.10"), Decimal("-2.00"), None, Decimal(3)],
    "flag": [True, False, None, None],
    "day": [date(2026, 1, 31), date(2024, 2, 29), None, date(9999, 12, 31)],
    "at": [datetime(2026, 1, 31, 10), datetime(2024, 2, 29, 0, 0, 0, 1), None, datetime(9999, 12, 31, 23, 59, 59)],  # noqa: DTZ001
    "instant": [
        datetime(2026, 1, 31, 9, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        None,
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
}


def stored(**changed: list[Any]) -> pa.Table:
    return pa.table({name: pa.array(values, TYPES[name]) for name, values in (VALUES | changed).items()})


def with_value(name: str, row: int, value: Any) -> pa.Table:
    return stored(**{name: [*VALUES[name][:row], value, *VALUES[name][row + 1 :]]})


def test_what_is_stored_as_the_file_says_passes() -> None:
    assert compare_csv(read_csv(DATA), stored()) == 36


@pytest.mark.parametrize(
    ("name", "row", "value"),
    [
        ("word", 0, "X"),
        ("word", 1, None),
        ("word", 2, None),
        ("word", 3, ""),
        ("whole", 0, 2),
        ("whole", 1, None),
        ("whole", 2, 0),
        ("whole", 3, 2**63 - 2),
        ("share", 0, 0.5000000000000001),
        ("share", 0, -0.5),
        ("share", 0, None),
        ("share", 1, 100000.00000000001),
        ("share", 3, 10.35702),
        ("share", 2, float("nan")),
        ("exact", 0, Decimal("0.11")),
        ("exact", 1, Decimal("2.00")),
        ("exact", 2, Decimal(0)),
        ("flag", 0, False),
        ("flag", 1, None),
        ("flag", 2, False),
        ("day", 0, date(2026, 2, 1)),
        ("day", 1, None),
        ("at", 0, datetime(2026, 1, 31, 10, 0, 1)),  # noqa: DTZ001
        ("at", 1, datetime(2024, 2, 29)),  # noqa: DTZ001
        ("instant", 0, datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("instant", 1, datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_one_changed_cell_is_seen(name: str, row: int, value: Any) -> None:
    with pytest.raises(CellDiffers, match=f"column {name}, row {row}"):
        compare_csv(read_csv(DATA), with_value(name, row, value))


def test_a_lost_doubled_or_moved_row_is_seen() -> None:
    table = stored()
    for doctored in (table.slice(1), pa.concat_tables([table, table.slice(3)]), table.take([1, 0, 2, 3])):
        with pytest.raises(CellDiffers):
            compare_csv(read_csv(DATA), doctored)


def test_a_lost_added_or_moved_column_is_seen() -> None:
    table = stored()
    added = table.append_column("blank", pa.array([0, 0, 0, 0]))
    moved = table.select(["whole", "word", *table.column_names[2:]])
    for doctored in (table.drop(["day"]), table.rename_columns([*table.column_names[:-1], "other"]), added, moved):
        with pytest.raises(CellDiffers):
            compare_csv(read_csv(DATA), doctored)


@pytest.mark.parametrize(
    ("text", "values", "kind"),
    [
        ("007", [7], pa.int64()),
        ("+5", [5], pa.int64()),
        ("-0", [0], pa.int64()),
        (" 7", [7.0], pa.float64()),
        ("1_000.5", [1000.5], pa.float64()),
        ("inf", [float("inf")], pa.float64()),
        ("-0.0", [0.0], pa.float64()),
        ("0.1000000000000000055", [0.1], pa.float64()),
        ("9007199254740993", [9007199254740992.0], pa.float64()),
        ("1e2", [Decimal(100)], pa.decimal128(38, 0)),
        ("-0.0", [Decimal("0.0")], pa.decimal128(38, 1)),
        ("yes", [True], pa.bool_()),
        ("1", [True], pa.bool_()),
        ("2026-1-31", [date(2026, 1, 31)], pa.date32()),
        ("20260131T1000", [datetime(2026, 1, 31, 10)], pa.timestamp("us")),  # noqa: DTZ001
        ("2026-01-31T10:00Z", [datetime(2026, 1, 31, 10)], pa.timestamp("us")),  # noqa: DTZ001
        ("2026-01-31T10:00", [datetime(2026, 1, 31, 10, tzinfo=UTC)], pa.timestamp("us", tz="UTC")),
        ("na", [None], pa.int64()),
    ],
)
def test_a_text_that_the_type_does_not_print_back_is_seen(text: str, values: list[Any], kind: pa.DataType) -> None:
    table = pa.table({"a": pa.array(values, kind)})
    with pytest.raises(CellDiffers):
        compare_csv(read_csv(f"a\n{text}\n".encode()), table)


JSON = """[{"A": 1, "m": {"k":  [1.0]}, "o": {"X": "y", "e": []}, "l": [1, 2]},
 {"A": null, "m": true, "o": null, "l": []}]"""


def json_table(**changed: Any) -> pa.Table:
    first: dict[str, Any] = {"a": 1, "m": '{"k":  [1.0]}', "o": {"x": "y"}, "l": [1, 2]}
    kind = pa.struct([("x", pa.string())])
    fields: list[pa.Field[Any]] = [
        pa.field("a", pa.int64()),
        pa.field("m", pa.string()),
        pa.field("o", kind),
        pa.field("l", pa.list_(pa.int64())),
    ]
    schema = pa.schema(fields)
    return pa.Table.from_pylist([first | changed, {"a": None, "m": "true", "o": None, "l": []}], schema=schema)


def test_json_that_is_stored_as_the_file_says_passes() -> None:
    assert compare_json(read_json(JSON.encode(), lines=False), json_table(), source=JSON) == 12


@pytest.mark.parametrize(
    "changed",
    [
        {"a": 2},
        {"a": None},
        {"m": '{"k": [1.0]}'},
        {"m": '{"k":  [1]}'},
        {"m": None},
        {"o": None},
        {"o": {"x": "Y"}},
        {"o": {"x": None}},
        {"l": [1, 2, 3]},
        {"l": [1, None]},
        {"l": []},
        {"l": None},
    ],
)
def test_one_changed_json_value_is_seen(changed: dict[str, Any]) -> None:
    with pytest.raises(CellDiffers):
        compare_json(read_json(JSON.encode(), lines=False), json_table(**changed), source=JSON)


@pytest.mark.parametrize(
    ("text", "texts", "empties", "lines"),
    [
        ('a,b\n"",\n,""\n', (("", ""), ("", "")), ({0}, {1}), (2, 3)),
        ('a\n\n""\n', (("", ""),), ({1},), (2, 3)),
        ('a,b\r\n"x\ny",5" pipe\r\n"q""q",\r\n', (("x\ny", 'q"q'), ('5" pipe', "")), (set(), set()), (2, 4)),
        ('a\r"1\n2"\r3', (("1\n2", "3"),), (set(),), (2, 4)),
        ("\ufeffa,b\n1,2\n\n\n", (("1",), ("2",)), (set(), set()), (2,)),
        ('a,b\n",",\r\n', ((",",), ("",)), (set(), set()), (2,)),
    ],
)
def test_files_are_read_by_their_quotes(
    text: str, texts: tuple[tuple[str, ...], ...], empties: Any, lines: tuple[int, ...]
) -> None:
    table = read_csv(text.encode())
    assert (table.texts, table.quoted_empties, table.lines) == (texts, empties, lines)


def test_the_two_readers_watch_each_other() -> None:
    with pytest.raises(ReadersDisagree):
        _agree_with_csv_module('a,b\n"1,2",3\n', [["a", "b"], ["1", "2", "3"]], ",", "\n")
    with pytest.raises(ReadersDisagree):
        _agree_with_csv_module("a\n1\n2\n", [["a"], ["1"]], ",", "\n")


def test_what_the_engine_writes_of_it_is_the_same() -> None:
    assert prove(DATA, name="a.csv").cells == 36
    assert prove(JSON.encode(), name="a.json").cells == 12
