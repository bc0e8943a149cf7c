"""The first look at a file: its columns, read as far as is cheap."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from include.conversion import columns_of, look
from include.domain.csv_findings import MAX_COLUMNS
from include.domain.reading_options import DEFAULT_OPTIONS, choose
from tests.conversion.test_parquet_files import parquet
from tests.conversion.test_workbooks import workbook

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.reading_options import ReadingOptions


def seen(
    folder: Path, content: bytes, filename: str = "f.csv", options: ReadingOptions = DEFAULT_OPTIONS
) -> tuple[str, ...]:
    (folder / "held").write_bytes(content)
    return columns_of(folder / "held", filename=filename, options=options)


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"Id,name\n1,x\n", "F.CSV"),
        (b"\xef\xbb\xbfId,name\r\n1,x\r\n", "f.csv"),
        (b'{"Id": 1}\n{"Id": 2, "name": "x"}\n', "f.jsonl"),
        (b'[{"Id": 1, "name": "x"}]', "f.json"),
        (gzip.compress(b"Id,name\n1,x\n"), "f.csv.gz"),
        (workbook(("Id", "name"), (1, "x")), "f.xlsx"),
        (parquet(pa.table({"Id": [1], "name": ["x"]})), "f.parquet"),
    ],
    ids=["F.CSV", "f.csv", "f.jsonl", "f.json", "f.csv.gz", "f.xlsx", "f.parquet"],
)
def test_the_columns_of_each_format_are_seen_in_their_order(tmp_path: Path, content: bytes, filename: str) -> None:
    assert seen(tmp_path, content, filename) == ("id", "name")


def test_columns_are_read_by_the_chosen_delimiter(tmp_path: Path) -> None:
    assert seen(tmp_path, b"id;name\n1;x\n", options=choose(delimiter="semicolon")) == ("id", "name")


@pytest.mark.parametrize(
    "content",
    [b"", b"id;name\n1;x\n", b"id,id\n1,2\n", b"1,2\n3,4\n", b"Sample Number,id\n1,2\n", b"id,\n1,2\n", b"\xff\xfei\0"],
)
def test_what_are_no_names_are_not_taken_for_columns(tmp_path: Path, content: bytes) -> None:
    assert seen(tmp_path, content) == ()


def test_columns_are_told_only_as_far_as_a_file_may_have_them(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(MAX_COLUMNS + 1)]
    assert seen(tmp_path, ",".join(names[:-1]).encode() + b"\n") == tuple(names[:-1])
    assert seen(tmp_path, ",".join(names).encode() + b"\n") == ()


def test_faults_in_the_rows_do_not_hide_the_columns(tmp_path: Path) -> None:
    assert seen(tmp_path, b'id,name\n1\n2,"x\n') == ("id", "name")


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"id,name\n" + b'1,"a long text"\n' * 20, "f.csv"),
        (b'[{"id": 1, "name": "x"}' + b', {"id": 1, "late": 2}' * 20 + b"]", "f.json"),
    ],
)
def test_no_more_than_the_beginning_of_a_text_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, filename: str
) -> None:
    monkeypatch.setattr(look, "LOOK_BYTES", 30)
    assert seen(tmp_path, content, filename) == ("id", "name")


def test_a_large_container_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "LOOK_BYTES", 20)
    assert seen(tmp_path, gzip.compress(b"id,name\n1,x\n"), "f.csv.gz") == ()
