"""The first value that makes a column of a table wider: found by reading little again, the same as by reading all."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from include.conversion import PartResult, Wanted, convert_group, first_misfits, plain_text, plan_groups
from include.conversion.json_plain import values_evidence
from include.conversion.json_text import decoder
from include.domain.append_findings import Misfit, changes_of
from include.domain.evidence import Evidence, merge_all, of_text
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions, choose
from include.domain.table_schema import Column, TableSchema
from include.domain.text_rules import Kind
from tests.conversion.files import InMemory, checked
from tests.conversion.texts import columns, fields

if TYPE_CHECKING:
    from include.conversion import CheckReport


@dataclass(frozen=True)
class Counting(InMemory):
    """Bytes that remember what was read of them."""

    reads: list[tuple[int, int]] = field(default_factory=list)

    def open_range(self, start: int, end: int) -> BinaryIO:
        self.reads.append((start, end))
        return super().open_range(start, end)


@dataclass(frozen=True)
class Shown:
    """A file, and what its parts have shown."""

    source: Counting
    report: CheckReport
    parts: tuple[PartResult, ...]

    @property
    def schema(self) -> TableSchema:
        schema = TableSchema()
        for part in self.parts:
            schema = schema.union(part.shown)
        return schema

    def misfits(self, table: TableSchema, **limits: int) -> dict[str, Misfit]:
        self.source.reads.clear()
        widened = changes_of(table, self.schema).widened
        return first_misfits(self.source, self.report, self.parts, table=table, columns=widened, **limits)


def shown(
    text: str | bytes,
    *,
    filename: str = "f.csv",
    options: ReadingOptions = DEFAULT_OPTIONS,
    block_bytes: int = 1024,
    part_bytes: int = 4096,
) -> Shown:
    data = text.encode() if isinstance(text, str) else text
    with tempfile.TemporaryDirectory() as folder:
        report = checked(data, filename=filename, options=options, block_bytes=block_bytes, into=Path(folder))
        source = plain_text(InMemory(data), report, into=Path(folder))
        plain = Counting(source.open_range(0, source.size).read())
        (group,) = plan_groups(report, group_bytes=sys.maxsize, part_bytes=part_bytes)
        result = convert_group(plain, report, group, wanted=Wanted(), hint=TableSchema(), out=Path(folder), threads=1)
    return Shown(plain, report, result.parts)


def table_of(**texts: list[str]) -> TableSchema:
    return TableSchema(tuple(Column(name, merge_all(map(of_text, each))) for name, each in texts.items()))


@settings(max_examples=60, deadline=None)
@given(columns(fields), columns(fields), st.integers(4, 60), st.integers(1, 120))
def test_it_is_the_first_value_with_which_the_type_is_another_wherever_the_file_is_split(
    before: list[str], texts: list[str], block_bytes: int, part_bytes: int
) -> None:
    texts = [text for text in texts if "\x00" not in text and "\r" not in text]
    assume(texts)
    table = table_of(a=before)
    known, expected = table.evidence()["a"], dict[str, Misfit]()
    line = 2
    for text in texts:
        known = known.merge(of_text(text))
        if known.type != table.types()["a"] and not expected:
            expected["a"] = Misfit(line, text)
        line += 1 + text.count("\n")
    quoted = ['"{}"'.format(text.replace('"', '""')) if text else "" for text in texts]
    data = "a,b\n" + "".join(f"{text},1\n" for text in quoted)
    file = shown(data, block_bytes=block_bytes, part_bytes=part_bytes)
    assert file.misfits(table, parts_read=1) == expected


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.floats(allow_nan=False, allow_infinity=False, width=16),
        st.sampled_from(["", "x", "2026-01-31", "2026-01-31T10:00", "2026-01-31T10:00Z", "NA", "é"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(json_values, min_size=1, max_size=6),
    st.lists(json_values, min_size=1, max_size=12),
    st.integers(4, 60),
    st.sampled_from(["jsonl", "json"]),
)
def test_a_value_of_json_is_found_at_every_depth(
    before: list[Any], values: list[Any], block_bytes: int, ending: str
) -> None:
    assume(any(value is not None for value in values))
    records = [json.dumps({"v": value, "w": 1}) for value in values]
    text = "\n".join(records) if ending == "jsonl" else "[\n" + ",\n".join(records) + "\n]"
    table = TableSchema((Column("v", evidence_of(before)), Column("w", of_text("1"))))
    file = shown(text, filename=f"f.{ending}", block_bytes=block_bytes, part_bytes=block_bytes)
    found = file.misfits(table, parts_read=100)
    known = table.evidence()["v"]
    first = next(
        (at for at in range(len(values)) if known.merge(evidence_of(values[: at + 1])).type != known.type), None
    )
    lines = {name: misfit.line for name, misfit in found.items()}
    assert lines == ({} if first is None else {"v": first + (1 if ending == "jsonl" else 2)})


def evidence_of(values: list[Any]) -> Evidence:
    return values_evidence(decoder(None).decode(json.dumps(values)))


@pytest.mark.parametrize(
    ("before", "after", "path", "text"),
    [
        ('{"v": 1}', '{"v": 1.50}', "", "1.50"),
        ('{"v": 1}', '{"v": "1"}', "", "1"),
        ('{"v": 1}', '{"v": {"a": [1, "x"], "b": null}}', "", '{"a": [1, "x"], "b": null}'),
        ('{"v": true}', '{"v": false}\n{"v": 0}', "", "0"),
        ('{"v": {"a": 1}}', '{"v": {"a": 2, "b": "new"}}', ".b", "new"),
        ('{"v": {"a": {"b": [1]}}}', '{"v": {"a": {"b": [1, 2.5, 3.5]}}}', ".a.b[]", "2.5"),
        ('{"v": [{"a": 1}]}', '{"v": [{"a": 1}, {"a": true}]}', "[].a", "true"),
        ('{"v": []}', '{"v": [[2]]}', "[]", "[2]"),
        ('{"v": []}', '{"v": {}}', "", "{}"),
        ('{"v": [1]}', '{"v": [{"c": [2.50, null, "x"]}]}', "[]", '{"c": [2.50, null, "x"]}'),
        ('{"v": null, "w": 1}', '{"v": "2026-01-31"}', "", "2026-01-31"),
    ],
)
def test_the_value_is_named_with_its_place_in_nested_ones(before: str, after: str, path: str, text: str) -> None:
    table = shown(before, filename="t.jsonl").schema
    found = shown('{"v": null}\n' + after, filename="f.jsonl").misfits(table)["v"]
    assert (found.path, found.text) == (path, text)


def test_lines_are_physical_ones() -> None:
    text = 'n,t\n1,"two\nlines"\n\n2,x\n'.replace("\n\n", "\n") + "007,y\n"
    assert shown(text).misfits(table_of(n=["1"], t=["x"])) == {"n": Misfit(5, "007")}


def test_reading_options_count() -> None:
    options = choose(delimiter="semicolon", day_first_columns=["d"], null_words=["-"], text_columns=["c"])
    text = "d;n;c\n31/01/2026;-;1\n2026-02-01;1;2\n31/02/2026;1,5;3\n"
    table = table_of(d=["2026-01-31"], n=["1"], c=["4"])
    assert shown(text, options=options).misfits(table) == {
        "d": Misfit(4, "31/02/2026"),
        "n": Misfit(4, "1,5"),
        "c": Misfit(2, "1"),
    }


def test_a_value_that_was_chosen_to_be_text_is_new_as_a_whole() -> None:
    table = shown('{"v": [1]}', filename="t.jsonl").schema
    found = shown('{"v": [2.5]}', filename="f.jsonl", options=choose(text_columns=["v"])).misfits(table)["v"]
    assert (found.path, found.text) == ("", "[2.5]")


def test_lines_of_a_workbook_are_rows_of_its_sheet_and_those_of_parquet_rows() -> None:
    book, sheet = io.BytesIO(), io.BytesIO()
    workbook = openpyxl.Workbook(write_only=True)
    rows = workbook.create_sheet()
    for row in (["n", "d"], [1, datetime(2026, 1, 31, tzinfo=UTC).replace(tzinfo=None)], [], [2.5, "unknown"]):
        rows.append(row)
    workbook.save(book)
    pq.write_table(pa.table({"n": [1, 2, None, 2.5], "d": ["2026-01-31", None, "unknown", ""]}), sheet)
    table = table_of(n=["1"], d=["2026-01-31"])
    assert shown(book.getvalue(), filename="f.xlsx").misfits(table) == {
        "n": Misfit(4, "2.5"),
        "d": Misfit(4, "unknown"),
    }
    assert shown(sheet.getvalue(), filename="f.parquet").misfits(table) == {
        "n": Misfit(1, "1.0"),
        "d": Misfit(3, "unknown"),
    }


def test_each_column_has_its_own_value() -> None:
    text = "a,b,c\n" + "1,1,1\n" * 500 + "1.5,1,1\n" + "1,1,1\n" * 500 + "1,x,1\n"
    table = table_of(a=["1"], b=["1"], c=["1"])
    assert shown(text).misfits(table) == {"a": Misfit(502, "1.5"), "b": Misfit(1003, "x")}


def test_one_part_is_read_again_and_of_it_nothing_behind_the_value() -> None:
    rows = ["1,x\n"] * 4000
    rows[2500] = "1.5,x\n"
    file = shown("a,b\n" + "".join(rows), block_bytes=500, part_bytes=4000)
    assert len(file.parts) > 3
    assert file.misfits(table_of(a=["1"], b=["x"])) == {"a": Misfit(2502, "1.5")}
    read = sum(end - start for start, end in file.source.reads)
    assert 0 < read < 4000 + 2 * 500
    assert max(end for _, end in file.source.reads) < len("a,b\n") + 4 * 2501 + 2 * 500


def test_what_comes_after_as_many_parts_as_are_read_again_is_left_out() -> None:
    text = "a,b\n" + "1,1\n" * 2000 + "x,1\n" + "1,1\n" * 2000 + "1,x\n"
    file = shown(text, block_bytes=500, part_bytes=4000)
    table = table_of(a=["1"], b=["1"])
    assert set(file.misfits(table)) == {"a", "b"}
    assert file.misfits(table, parts_read=1) == {"a": Misfit(2002, "x")}


def test_a_type_that_no_single_value_of_the_file_asks_for_is_found_too() -> None:
    table = TableSchema((Column("v", Evidence(frozenset({Kind.ARRAY}))), Column("k", of_text("1"))))
    found = shown('{"v": null, "k": 1}\n{"v": {}, "k": 1}', filename="f.jsonl").misfits(table)
    assert found == {"v": Misfit(2, "{}")}
