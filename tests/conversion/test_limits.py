from __future__ import annotations

import hashlib

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
    assert [finding.code for finding in report.findings] == ["unclosed_quote"]
    assert report.findings[0].lines == (3,)


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
