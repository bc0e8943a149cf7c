"""The two checks of an output agree, find nothing wrong with a faithful one, and name what was done to any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest

from bench.cases import named
from bench.check_blocks import check_blocks
from bench.check_cells import check_cells
from bench.csv_data import Wide
from bench.data import Case, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.verdict import Verdict

ROWS = 400
ARROW: dict[str, Any] = {
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
    "string": pa.string(),
}
pc: Any = pyarrow.compute
Doctor = "Callable[[pa.Table], pa.Table]"


def case(name: str) -> Case:
    return Case("wide", "Forty columns", Wide(width=40)) if name == "wide" else named(name)[0]


def faithful(of: Case) -> pa.Table:
    """The table that the rules ask for."""
    expected = of.block(0, rows=ROWS).expected
    if of.source.format != "csv":
        return expected
    return pa.table({name: pc.cast(expected[name], ARROW[family]) for name, family in of.source.types.items()})


def put(table: pa.Table, column: str, values: Any) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, pa.chunked_array([values]))


def with_row(table: pa.Table, column: str, row: int, value: Any) -> pa.Table:
    """The table with one cell changed."""
    values = table[column].to_pylist()
    values[row] = value
    return put(table, column, pa.array(values, table.schema.field(column).type))


def verdicts(folder: Path, of: Case, *tables: pa.Table) -> tuple[Verdict, Verdict]:
    """What both checks say of these files."""
    out = folder / "out"
    out.mkdir()
    for number, table in enumerate(tables):
        pq.write_table(table, out / f"part-{number}.parquet", row_group_size=150, compression="zstd")
    file = folder / of.filename
    write(of, rows=ROWS, path=file)
    return check_blocks(out, of, rows=ROWS), check_cells(out, file, types=of.source.types)


@pytest.mark.parametrize("name", ["clean", "late-zeros", "worst-double", "quoted", "wide", "jsonl", "json-array"])
def test_a_faithful_table_is_exact(name: str, tmp_path: Path) -> None:
    of = case(name)
    table = faithful(of)
    for verdict in verdicts(tmp_path, of, table.slice(0, 170), table.slice(170)):
        assert verdict.words() == "exact"


DOCTORED: dict[str, tuple[str, Callable[[pa.Table], pa.Table], str]] = {
    "a number": ("clean", lambda table: with_row(table, "account", 7, 5), "`account`: 1 changed from row 7"),
    "the last bit of a double": (
        "clean",
        lambda table: with_row(table, "score", 9, table["score"][9].as_py() * (1 + 2**-52)),
        "`score`: 1 changed from row 9",
    ),
    "a value made NULL": ("clean", lambda table: with_row(table, "city", 399, None), "`city`: 1 lost from row 399"),
    "a truth value": (
        "clean",
        lambda table: with_row(table, "active", 0, not table["active"][0].as_py()),
        "`active`: 1 changed from row 0",
    ),
    "rounded decimals": (
        "late-decimals",
        lambda table: put(table, "account", pc.cast(pc.round(table["account"]), pa.int64()).combine_chunks()),
        "`account`: 3 changed from row 397; `account` as bigint",
    ),
    "leading zeros": (
        "late-zeros",
        lambda table: put(table, "account", pc.cast(table["account"], pa.int64()).combine_chunks()),
        "`account`: 3 without their leading zeros from row 397; `account` as bigint",
    ),
    "a line break": (
        "quoted",
        lambda table: put(table, "body", pc.replace_substring(table["body"], "\r\n", "\n").combine_chunks()),
        "changed from row",
    ),
    "a zone that nobody wrote": (
        "clean",
        lambda table: put(table, "seen", pc.cast(table["seen"], pa.timestamp("us", "UTC")).combine_chunks()),
        "`seen`: 400 given a zone from row 0; `seen` as timestamp_utc",
    ),
    "a column left out": ("clean", lambda table: table.drop_columns(["city"]), "no column `city`"),
    "the last rows": ("clean", lambda table: table.slice(0, 390), "390 of 400 rows"),
    "a row twice": ("clean", lambda table: pa.concat_tables([table, table.slice(399)]), "401 of 400 rows"),
    "a string as a number": (
        "jsonl",
        lambda table: with_row(table, "customer", 3, {**table["customer"][3].as_py(), "visits": -1}),
        "`customer`: 1 changed from row 3",
    ),
    "an element of an array": (
        "jsonl",
        lambda table: with_row(table, "items", 5, [{"sku": "x", "price": 1.0, "count": 1}]),
        "`items`: 1 changed from row 5",
    ),
    "an empty array": (
        "jsonl",
        lambda table: with_row(table, "tags", table["tags"].to_pylist().index([]), None),
        "`tags`: 1 lost from row",
    ),
    "a key that was not there": (
        "jsonl",
        lambda table: with_row(table, "remark", table["remark"].to_pylist().index(None), "made up"),
        "`remark`: 1 changed from row",
    ),
}


@pytest.mark.parametrize("what", DOCTORED)
def test_a_doctored_table_is_found_out(what: str, tmp_path: Path) -> None:
    name, doctor, words = DOCTORED[what]
    by_blocks, by_cells = verdicts(tmp_path, case(name), doctor(faithful(case(name))))
    assert words in by_blocks.words()
    assert not by_blocks.right
    assert not by_cells.right
    assert set(by_cells.table) <= set(by_blocks.table)
    assert {column for column, _ in by_blocks.columns} <= {column for column, _ in by_cells.columns}


def test_columns_left_as_text_keep_their_values_and_are_remarked(tmp_path: Path) -> None:
    of = case("clean")
    table = faithful(of)
    texts = put(table, "born", pc.cast(table["born"], pa.string()).combine_chunks())
    for verdict in verdicts(tmp_path, of, texts):
        assert verdict.right
        assert verdict.words() == "values exact; `born` left as text"


def test_files_of_different_types_are_one_fault_even_if_each_holds_its_values(tmp_path: Path) -> None:
    of = case("clean")
    table = faithful(of)
    texts = put(table, "account", pc.cast(table["account"], pa.string()).combine_chunks()).slice(200)
    by_blocks, _ = verdicts(tmp_path, of, table.slice(0, 200), texts)
    assert by_blocks.table == ["files of different types for `account`"]


def test_rows_in_another_order_are_the_same_table(tmp_path: Path) -> None:
    of = case("clean")
    for verdict in verdicts(tmp_path, of, faithful(of).sort_by([("code", "ascending")])):
        assert verdict.words() == "exact"


def test_no_output_is_a_fault(tmp_path: Path) -> None:
    for verdict in verdicts(tmp_path, case("clean")):
        assert verdict.words() == "no Parquet"


def test_another_compression_than_was_asked_of_all_is_remarked(tmp_path: Path) -> None:
    of = case("clean")
    pq.write_table(faithful(of), tmp_path / "data.parquet", compression="snappy")
    assert check_blocks(tmp_path, of, rows=ROWS).words() == "values exact; compressed as SNAPPY"
