from __future__ import annotations

import io
import json
import tempfile
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.conversion import check
from include.conversion.containers import Limits, parquet_file
from include.domain.findings import Severity
from tests.conversion.files import InMemory, checked, converted


def parquet(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def column(values: list[Any], kind: Any) -> tuple[str, list[Any]]:
    """What a column of a type comes out as: its type and its values."""
    result = converted(parquet(pa.table({"a": pa.array(values, kind)})), filename="a.parquet")
    assert result.schema is not None
    return str(result.schema.field("a").type), [row["a"] for row in result.rows]


def findings(table: pa.Table, *, limits: Limits | None = None) -> list[Any]:
    return list(check(InMemory(parquet(table)), filename="a.parquet", limits=limits or Limits()).findings)


DAY, MOMENT = date(2026, 1, 31), datetime(2026, 1, 31, 10, 0, 0, 123456)  # noqa: DTZ001 - one without a zone


@pytest.mark.parametrize(
    ("values", "kind", "became", "read"),
    [
        ([1, None, -128], pa.int8(), "int64", None),
        ([2**63 - 1, -(2**63)], pa.int64(), "int64", None),
        ([2**32 - 1], pa.uint32(), "int64", None),
        ([2**64 - 1, 0], pa.uint64(), "decimal128(38, 0)", [Decimal(2**64 - 1), Decimal(0)]),
        ([0.1, None, -2.5, 1e22, 5e-324], pa.float64(), "double", None),
        ([1.0, 2.0], pa.float64(), "double", None),
        ([-0.0], pa.float64(), "double", None),
        ([0.1], pa.float32(), "double", [0.10000000149011612]),
        ([0.5], pa.float16(), "double", None),
        ([True, None, False], pa.bool_(), "bool", None),
        ([Decimal("1.50"), Decimal("-0.25")], pa.decimal128(10, 2), "double", [1.5, -0.25]),
        ([Decimal("0.00000001")], pa.decimal128(20, 8), "double", [1e-8]),
        ([Decimal("12345678901234567890.12")], pa.decimal128(38, 2), "decimal128(38, 2)", None),
        ([Decimal(7)], pa.decimal128(10, 0), "int64", [7]),
        ([DAY, None, date(1, 1, 1), date(9999, 12, 31)], pa.date32(), "date32[day]", None),
        ([DAY], pa.date64(), "date32[day]", None),
        ([MOMENT, None], pa.timestamp("us"), "timestamp[us]", None),
        ([datetime(2026, 1, 31)], pa.timestamp("s"), "timestamp[us]", None),  # noqa: DTZ001
        ([datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)], pa.timestamp("ms"), "timestamp[us]", None),  # noqa: DTZ001
        ([MOMENT], pa.timestamp("ns"), "timestamp[us]", None),
        ([datetime(1960, 1, 1, 0, 0, 0, 1)], pa.timestamp("ns"), "timestamp[us]", None),  # noqa: DTZ001
        ([MOMENT.replace(tzinfo=UTC)], pa.timestamp("us", tz="UTC"), "timestamp[us, tz=UTC]", None),
        ([MOMENT.replace(tzinfo=UTC)], pa.timestamp("ns", tz="Europe/London"), "timestamp[us, tz=UTC]", None),
        ([time(10, 30), time(1, 2, 3, 400_000)], pa.time64("us"), "string", ["10:30:00", "01:02:03.4"]),
        ([time(10, 30)], pa.time32("s"), "string", ["10:30:00"]),
        (["x", None, "", 'é"\\\n🙂\x01', "007"], pa.string(), "string", None),
        (["x"], pa.large_string(), "string", None),
        (["x", "y", "x"], pa.dictionary(pa.int8(), pa.string()), "string", None),
        (["2026-01-31"], pa.string(), "date32[day]", [DAY]),
        ([[1, None], [], None], pa.list_(pa.int32()), "list<element: int64>", None),
        ([["x", '"'], None], pa.large_list(pa.string()), "list<element: string>", None),
        ([[1, 2], None, [3, 4]], pa.list_(pa.int8(), 2), "list<element: int64>", None),
        (
            [{"x": 1, "y": {"z": "t"}}, None, {"x": None, "y": None}],
            pa.struct([("x", pa.int64()), ("y", pa.struct([("z", pa.string())]))]),
            "struct<x: int64, y: struct<z: string>>",
            None,
        ),
        (
            [[("k", 1), ("l", None)], None, []],
            pa.map_(pa.string(), pa.int64()),
            "list<element: struct<key: string, value: int64>>",
            [[{"key": "k", "value": 1}, {"key": "l", "value": None}], None, []],
        ),
        (
            [[{"a": [[1.5]]}], None],
            pa.list_(pa.struct([("a", pa.list_(pa.list_(pa.float64())))])),
            "list<element: struct<a: list<element: list<element: double>>>>",
            None,
        ),
    ],
    ids=str,
)
def test_every_type_comes_out_as_the_documents_say(
    values: list[Any], kind: pa.DataType, became: str, read: list[Any] | None
) -> None:
    assert column(values, kind) == (became, values if read is None else read)


def test_a_column_of_uuids_is_text() -> None:
    one = UUID("12345678-1234-5678-1234-567812345678")
    storage = pa.array([one.bytes, None], pa.binary(16))
    table = pa.table({"a": pa.ExtensionArray.from_storage(pa.uuid(), storage), "b": [1, 2]})
    assert [row["a"] for row in converted(parquet(table), filename="a.parquet").rows] == [str(one), None]


def test_a_column_of_nothing_but_nulls_has_no_type() -> None:
    result = converted(parquet(pa.table({"a": pa.nulls(2), "b": [1, 2]})), filename="a.parquet")
    assert result.rows == [{"b": 1}, {"b": 2}]
    assert result.report.columns == ("a", "b")


def test_nan_is_null_and_told_with_its_rows_at_any_depth() -> None:
    nan = float("nan")
    table = pa.table(
        {
            "a": [1.0, nan, None, nan],
            "l": [[1.0], [], None, [2.0, nan]],
            "s": [{"d": nan}, None, {"d": 1.0}, {"d": 2.0}],
        }
    )
    result = converted(parquet(table), filename="a.parquet")
    assert [row["a"] for row in result.rows] == [1.0, None, None, None]
    assert [row["l"] for row in result.rows] == [[1.0], [], None, [2.0, None]]
    told = {finding.column: (finding.code, finding.severity, finding.lines) for finding in result.report.findings}
    assert told == {
        "a": ("nan_read_as_null", Severity.INFO, (2, 4)),
        "l": ("nan_read_as_null", Severity.INFO, (4,)),
        "s.d": ("nan_read_as_null", Severity.INFO, (1,)),
    }


@pytest.mark.parametrize(
    ("values", "code", "lines"),
    [
        (pa.array([1.0, float("inf"), -float("inf")]), "infinite_numbers", (2, 3)),
        (pa.array([1000, 1001, None, -1], pa.timestamp("ns")), "nanoseconds", (2, 4)),
        (pa.array([0, 2_932_897, -719_163], pa.date32()), "dates_out_of_range", (2, 3)),
        (pa.array([0, 253_402_300_800, -62_135_596_801], pa.timestamp("s")), "dates_out_of_range", (2, 3)),
        (pa.array([0, 2**62], pa.timestamp("us")), "dates_out_of_range", (2,)),
    ],
)
def test_values_that_a_table_cannot_hold_are_refused_with_their_rows(values: Any, code: str, lines: Any) -> None:
    (finding,) = findings(pa.table({"a": values}))
    assert (finding.code, finding.severity, finding.lines, finding.column) == (code, Severity.ERROR, lines, "a")


def test_types_that_have_no_text_are_refused_by_their_place() -> None:
    table = pa.table(
        {
            "b": pa.array([b"x"]),
            "f": pa.array([b"xx"], pa.binary(2)),
            "d": pa.array([1], pa.duration("s")),
            "s": pa.array([{"inner": [b"x"]}], pa.struct([("inner", pa.list_(pa.large_binary()))])),
        }
    )
    (finding,) = findings(table)
    assert finding.code == "parquet_types"
    assert [each["path"] for each in finding.details["columns"]] == ["b", "f", "d", "s.inner"]


def test_names_obey_the_rules_at_every_depth() -> None:
    assert [each.code for each in findings(pa.table({"Sample Number": [1]}))] == ["special_characters"]
    assert [each.code for each in findings(pa.table({"a": [1], "A": [2]}))] == ["duplicate_column_names"]
    assert [each.code for each in findings(pa.table({"a": [{"x y": 1}]}))] == ["special_characters"]
    assert [each.code for each in findings(pa.table({"a": [{"x": 1, "X": 1}]}))] == ["duplicate_column_names"]
    assert [each.code for each in findings(pa.table({"extraction_timestamp": [1]}))] == ["reserved_column_name"]


def test_a_file_without_rows_or_with_bad_text_is_refused() -> None:
    assert [each.code for each in findings(pa.table({"a": pa.array([], pa.int64())}))] == ["no_rows"]
    table = pa.table({"a": pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers())})
    assert [each.code for each in findings(table)] == ["invalid_text"]


def test_rows_keep_their_order_and_number_over_row_groups_and_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_file, "_BATCH_ROWS", 7)
    table = pa.table({"a": range(100), "b": ["x" * 10] * 100})
    result = converted(parquet(table, row_group_size=30), filename="a.parquet")
    assert [row["a"] for row in result.rows] == list(range(100))
    assert result.lines == list(range(1, 101))
    monkeypatch.setattr(parquet_file, "_MOST_BYTES", 25)
    assert converted(parquet(table, row_group_size=30), filename="a.parquet").rows == result.rows


def test_what_is_no_parquet_file_is_named() -> None:
    data = parquet(pa.table({"a": list(range(1000))}))
    for broken in (
        b"a,b\n1,2\n",
        data[:-1],
        data[: len(data) // 2],
        b"PAR1PAR1",
        data[:4] + bytes(len(data) - 8) + data[-4:],
    ):
        report = check(InMemory(broken), filename="a.parquet")
        assert [finding.code for finding in report.findings] == ["damaged_file"]
    (finding,) = check(InMemory(b"PARE" + data[4:-4] + b"PARE"), filename="a.parquet").findings
    assert finding.code == "encrypted_file"


def test_any_changed_byte_is_a_finding_or_changes_no_value() -> None:
    """The data of pages has checksums. Their headers and the footer have none in the format.

    So a byte of a page's statistics may change unseen, which nobody reads, and a letter of a column's name.
    """
    data = parquet(pa.table({"a": list(range(50)), "b": ["x", "y"] * 25}), write_page_checksum=True)
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    rows = converted(data, filename="a.parquet").rows
    renamed, refused = set(), set()
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 0x55
        if checked(bytes(broken), filename="a.parquet").refused:
            refused.add(at)
            continue
        read = converted(bytes(broken), filename="a.parquet").rows
        assert [list(row.values()) for row in read] == [list(row.values()) for row in rows], at
        if read != rows:
            renamed.add(at)
    assert renamed <= {at for at in range(footer, len(data)) if data[at - 1 : at + 1] in {b"\x01a", b"\x01b"}}
    facts = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0)
    for chunk in map(facts.column, range(2)):  # the last bytes of a column are the data of its last page
        end = (chunk.dictionary_page_offset or chunk.data_page_offset) + chunk.total_compressed_size
        assert refused >= set(range(end - 4, end))


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_a_changed_value_is_told_by_the_checksum_of_its_page(compression: str) -> None:
    table = pa.table({"a": pa.array(range(1000), pa.int64()), "b": [f"text {at}" for at in range(1000)]})
    data = parquet(table, write_page_checksum=True, compression=compression, use_dictionary=False)
    facts = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0)
    for column_at in range(2):
        chunk = facts.column(column_at)
        broken = bytearray(data)
        broken[chunk.data_page_offset + chunk.total_compressed_size - 100] ^= 1
        (finding,) = checked(bytes(broken), filename="a.parquet").findings
        assert (finding.code, "checksum" in finding.message) == ("damaged_file", True)


def test_a_dictionary_that_stands_for_far_more_is_stopped_in_bounded_memory(tmp_path: Path) -> None:
    one = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array(["x" * 1_000_000]))
    data = parquet(pa.table({"a": one}))
    assert len(data) < 300_000
    pool = pa.default_memory_pool()
    before = pool.max_memory() or 0
    report = check(InMemory(data), filename="a.parquet", into=tmp_path, limits=Limits(200_000_000, ratio=10**6))
    assert [finding.code for finding in report.findings] == ["unpacks_too_large"]
    assert (tmp_path / "plain").stat().st_size <= 200_000_000
    assert (pool.max_memory() or 0) <= max(before, 700_000_000)


# --- the truth -------------------------------------------------------------------------------------------------------

LEAVES: tuple[tuple[pa.DataType, st.SearchStrategy[Any]], ...] = (
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.float64(), st.floats(allow_nan=False, allow_infinity=False)),
    (pa.string(), st.text(max_size=8)),
    (pa.bool_(), st.booleans()),
    (pa.date32(), st.dates()),
    (pa.timestamp("us"), st.datetimes()),
    (pa.timestamp("ms", tz="UTC"), st.datetimes().map(lambda each: each.replace(microsecond=0, tzinfo=UTC))),
    (pa.decimal128(20, 3), st.decimals(-(10**15), 10**15, places=3)),
)


@st.composite
def arrays(draw: st.DrawFn, *, depth: int = 2) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    kind: Any
    values: Any
    kind, values = draw(st.sampled_from(LEAVES))
    for _ in range(draw(st.integers(0, depth))):
        if draw(st.booleans()):
            kind, values = pa.list_(kind), st.lists(st.none() | values, max_size=3)
        else:
            kind, values = pa.struct([("x", kind)]), st.fixed_dictionaries({"x": st.none() | values})
    return kind, values


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_the_transcript_has_every_value_exactly(data: st.DataObject) -> None:
    kind, values = data.draw(arrays())
    rows = data.draw(st.lists(st.none() | values, min_size=1, max_size=8))
    table = pa.table({"a": pa.array(rows, kind)})
    stream = io.BytesIO()
    pq.write_table(table, stream)
    with tempfile.TemporaryDirectory() as folder:
        report = check(InMemory(stream.getvalue()), filename="a.parquet", into=Path(folder))
        lines = (Path(folder) / "plain").read_text(encoding="utf-8").split("\n")[:-1]
    assert report.rows == len(rows)
    there = [json.loads(line, parse_float=Decimal)["a"] for line in lines]
    assert all(map(same, there, rows))
    assert len(there) == len(rows)


def same(text: Any, value: Any) -> bool:
    match value:
        case list():
            equal = len(text) == len(value) and all(map(same, text, value))
        case dict():
            equal = list(text) == list(value) and all(map(same, text.values(), value.values()))
        case datetime():
            equal = datetime.fromisoformat(text) == value and text.endswith("Z") == bool(value.tzinfo)
        case date():
            equal = text == value.isoformat()
        case float():
            equal = isinstance(text, Decimal) and float(text) == value
        case _:
            equal = text == value and (text is None) == (value is None)
    return equal
