from __future__ import annotations

import hashlib
import json

import pytest

from include.conversion import csv_check, json_check
from tests.conversion.files import InMemory, checked, converted


@pytest.fixture
def small_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_check, "MAX_RECORD_BYTES", 100)
    monkeypatch.setattr(json_check, "MAX_RECORD_BYTES", 100)


@pytest.mark.usefixtures("small_records")
def test_a_record_beyond_the_limit_is_refused_and_the_file_still_hashed() -> None:
    for name, text in (("a.csv", "a\nb\n" + "x" * 500 + "\n"), ("a.jsonl", '{"a":1}\n\n{"a":"' + "x" * 500 + '"}\n')):
        report = checked(text, filename=name, block_bytes=16)
        assert [finding.code for finding in report.findings if finding.severity == "error"] == ["record_too_long"]
        assert report.findings[0].lines == (3,)
        assert report.sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert report.size == len(text)


@pytest.mark.usefixtures("small_records")
def test_a_quote_that_nothing_closes_within_the_limit_is_named_as_such() -> None:
    report = checked('a,b\n1,2\n3,"' + "x\n" * 500, block_bytes=16)
    (finding,) = report.findings
    assert (finding.code, finding.lines) == ("record_too_long", (3,))
    assert "The quote that opens in line 3 is not closed" in finding.message


def test_a_header_of_more_columns_than_a_table_has_is_refused_at_once() -> None:
    for name, text in (
        ("a.csv", ",".join(f"c{at}" for at in range(10_001)) + "\n1\n"),
        ("a.jsonl", "{" + ",".join(f'"c{at}": 1' for at in range(10_001)) + "}\n"),
    ):
        (finding,) = checked(text, filename=name, block_bytes=len(text)).findings
        assert (finding.code, finding.details["columns"]) == ("too_many_columns", 10_001)


def test_a_thousand_names_that_clean_to_the_same_are_told_apart_and_not_all_listed() -> None:
    names = ["a b"] * 3000
    special, repeated = checked(",".join(names) + "\n" + ",".join("1" * 3000) + "\n", block_bytes=20_000).findings
    assert special.details["names"][2999]["clean"] == "a_b_3000"
    assert all("and 2,980 more" in finding.message and len(finding.message) < 2000 for finding in (special, repeated))


@pytest.mark.parametrize("text", ["x,caf\xe9\n", "Jos\xe9", "\xff"])
def test_a_last_character_that_no_utf_8_begins_with_or_that_a_line_break_follows_is_not_cut_off(text: str) -> None:
    (finding,) = [each for each in checked(b"a,b\n1," + text.encode("latin-1")).findings if each.code == "not_utf8"]
    assert "cut off" not in finding.message or text == "Jos\xe9"


def test_the_deepest_nesting_that_is_taken_is_read_back() -> None:
    value = "[" * 39 + "1" + "]" * 39
    result = converted('{"a": ' + value + "}\n", filename="a.jsonl")
    assert result.rows == [{"a": json.loads(value)}]
    assert checked('{"a": [' + value + "]}\n", filename="a.jsonl").findings[0].code == "invalid_json"


def test_ranges_are_about_a_block_long_and_hold_all_rows() -> None:
    text = "a,b\n" + "".join(f"{at},x\n" for at in range(5000))
    report = checked(text, block_bytes=1000)
    assert sum(part.rows for part in report.ranges) == report.rows == 5000
    assert max(part.end - part.start for part in report.ranges) <= 1000 + len("4999,x\n")
    assert [part.start for part in report.ranges[1:]] == [part.end for part in report.ranges[:-1]]


def test_a_refused_file_is_hashed_to_its_end() -> None:
    for name, data in (("a.csv", "id,name\n1,x\n".encode("utf-16")), ("a.json", b"x" * 100), ("a.exe", b"MZ" * 50)):
        report = checked(data, filename=name, block_bytes=8)
        assert report.refused
        assert report.sha256 == hashlib.sha256(data).hexdigest()
        assert report.size == InMemory(data).size


def test_a_thousand_columns_convert() -> None:
    header = ",".join(f"c{at}" for at in range(1000))
    row = ",".join(str(at) for at in range(1000))
    result = converted(f"{header}\n{row}\n{row}\n", block_bytes=1 << 20)
    assert list(result.rows[1].values()) == list(range(1000))
