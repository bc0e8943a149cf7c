"""The data of a case are the same every time, and surprise only where they say."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from bench.cases import CASES, named
from bench.data import write
from bench.sizes import size

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_is_about_as_large_as_asked_and_the_same_again(case: object, tmp_path: Path) -> None:
    (one,) = (each for each in CASES if each is case)
    rows = one.rows_for(500_000)
    for name in ("first", "second"):
        write(one, rows=rows, path=tmp_path / name)
    content = (tmp_path / "first").read_bytes()
    assert content == (tmp_path / "second").read_bytes()
    assert len(content) == pytest.approx(500_000 * one.share, rel=0.15 if one.name == "wide" else 0.03)


def test_blocks_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    (wide,) = named("wide")
    rows = 2 * wide.source.block_rows + 7
    write(wide, rows=rows, path=tmp_path / "wide.csv")
    with (tmp_path / "wide.csv").open(encoding="utf-8", newline="") as stream:
        ids = [int(record["id"]) for record in csv.DictReader(stream)]
    assert ids == list(range(rows))


@pytest.mark.parametrize(
    ("name", "column", "first", "affected"),
    [
        ("late-word", "account", 993, 7),
        ("late-zeros", "account", 993, 7),
        ("late-decimals", "account", 993, 7),
        ("worst-integer", "account", 618, 1),
        ("worst-double", "score", 618, 1),
    ],
)
def test_a_surprise_is_where_it_should_be(name: str, column: str, first: int, affected: int) -> None:
    (case,) = named(name)
    texts = [str(text) for text in case.block(0, rows=1000).expected[column].to_pylist()]
    plain = str.isdigit if column == "account" else lambda text: text != "unknown"
    odd = [row for row, text in enumerate(texts) if not plain(text) or text.startswith("00")]
    assert odd == list(range(first, first + affected))


def test_an_unknown_case_is_answered_with_those_there_are() -> None:
    with pytest.raises(SystemExit, match="There are: clean, late-word"):
        named("clean,spotless")


@pytest.mark.parametrize(("text", "number"), [("100MB", 10**8), ("1.5gb", 1_500_000_000), ("7", 7)])
def test_sizes_are_read_as_people_write_them(text: str, number: int) -> None:
    assert size(text) == number


def test_what_is_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="no size"):
        size("much")
