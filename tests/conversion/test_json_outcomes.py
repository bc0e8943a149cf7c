"""What becomes of the odd things in JSON files, as docs/types.md states it."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from include.conversion import check, json_check
from tests.conversion.files import InMemory, checked, converted


@pytest.mark.parametrize("file_name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    ("record", "code", "key"),
    [
        ('{"a": 2, "b": {"x": 1, "x": 1}}', "duplicate_keys", "x"),
        ('{"a": 2, "A": 2}', "duplicate_keys", "A"),
        ("7", "not_objects", None),
        ('"text"', "not_objects", None),
        ("null", "not_objects", None),
        ("[1]", "not_objects", None),
    ],
)
def test_a_record_that_cannot_be_a_row_refuses_the_file_and_names_its_line(
    record: str, code: str, key: str | None, file_name: str
) -> None:
    lines = ['{"a": 1}', record, '{"a": 3}']
    text = "\n".join(lines) + "\n" if file_name == "a.jsonl" else "[" + ",\n".join(lines) + "]"
    report = checked(text, filename=file_name)
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.lines) == (code, "error", (2,))
    assert finding.column == key
    assert report.rows == 3


@pytest.mark.parametrize("file_name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    ("record", "character"),
    [
        ('{"a": NaN}', 7),
        ('{"a": [1, Infinity]}', 11),
        ('{"é": "é", "a": -Infinity}', 17),
        ('{"a": "\\ud83d"}', 8),
        ('{"a": "x\\ude00"}', 9),
        ('{"a": 01}', 8),
    ],
)
def test_the_place_of_the_first_fault_is_in_the_finding(record: str, character: int, file_name: str) -> None:
    start = '{"a": 1}\n' if file_name == "a.jsonl" else '[{"a": 1},\n'
    end = "\n" if file_name == "a.jsonl" else "]"
    for block_bytes in (8, 1000):
        (finding,) = checked(start + record + end, filename=file_name, block_bytes=block_bytes).findings
        assert (finding.code, finding.lines) == ("invalid_json", (2,))
        assert finding.details["character"] == character
        assert finding.details["byte_offset"] == len((start + record[: character - 1]).encode())


def test_whole_numbers_beyond_64_bits_are_decimals_and_beyond_38_digits_text() -> None:
    big, huge = "18446744073709551616", "1" * 39
    result = converted(f'{{"a": {big}, "b": {huge}}}\n{{"a": 1, "b": 1}}\n', filename="a.jsonl")
    assert [str(row["a"]) for row in result.rows] == [big, "1"]
    assert [row["b"] for row in result.rows] == [huge, "1"]


def test_a_key_that_appears_late_is_a_column_with_null_before_it() -> None:
    text = "".join(f'{{"a": {at}}}\n' for at in range(500)) + '{"a": 500, "late": {"x": [true]}}\n'
    result = converted(text, filename="a.jsonl", block_bytes=256)
    assert list(result.conversion.written) == ["a", "late"]
    assert [row["late"] for row in result.rows[-2:]] == [None, {"x": [True]}]
    assert all(row["late"] is None for row in result.rows[:-1])


def test_a_pretty_printed_array_has_the_rows_of_one_on_a_line() -> None:
    rows = [{"a": at, "o": {"l": [at, None], "s": "é\n"}, "e": []} for at in range(50)]
    one = converted(json.dumps(rows), filename="a.json", block_bytes=64)
    for indent, ascii_only in ((2, True), (0, False)):
        text = json.dumps(rows, indent=indent, ensure_ascii=ascii_only)
        pretty = converted(text, filename="a.json", block_bytes=64)
        assert pretty.rows == one.rows
        assert pretty.conversion.schema == one.conversion.schema
        breaks = [at for at, line in enumerate(text.split("\n"), start=1) if line.strip() == "{"]
        assert pretty.lines == breaks


def test_a_huge_array_is_checked_in_little_memory() -> None:
    data = b"[" + b", ".join(b'{"a": %d, "b": ["%s"]}' % (at, b"x" * 200) for at in range(40_000)) + b"]"
    check(InMemory(data[:1000] + b"]"), filename="a.json")
    tracemalloc.start()
    try:
        report = check(InMemory(data), filename="a.json", block_bytes=1 << 17)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.rows == 40_000
    assert not report.refused
    assert peak < len(data) / 4
    assert max(part.end - part.start for part in report.ranges) < 1 << 18


def test_a_large_block_of_json_is_divided_into_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_check, "RANGE_BYTES", 1000)
    rows = [json.dumps({"a": at}) for at in range(1000)]
    for name, text in (("a.jsonl", "\n".join(rows)), ("a.json", "[" + ", ".join(rows) + "]")):
        report = checked(text, filename=name, block_bytes=1 << 20)
        assert max(part.end - part.start for part in report.ranges) <= 1000 + len(rows[-1])
        assert sum(part.rows for part in report.ranges) == report.rows == 1000
        assert [row["a"] for row in converted(text, filename=name, block_bytes=1 << 20).rows] == list(range(1000))
