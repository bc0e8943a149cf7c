"""Chosen options read a file as the reference does, wherever it is split, and never change what is written as text."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.domain.column_types import BigInt, Date, Double, String, Timestamp, TimestampUtc
from include.domain.evidence import merge_all, of_text
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions
from include.domain.text_rules import NULL_WORDS, ColumnOptions, year_first
from tests.conversion.files import converted, is_same
from tests.conversion.test_json_properties import documents
from tests.conversion.texts import columns, instants, values

Cell = tuple[str, bool]
"""The text of a field, and whether it is written in quotes."""

MARKS = {",": ",", None: ",", ";": ";", "\t": "\t", "|": "|"}
days = st.builds(
    "{1}{0}{2}{0}{3}{4}".format,
    st.sampled_from("/-."),
    st.integers(0, 32).map("{:02}".format),
    st.integers(0, 13).map("{:02}".format),
    st.integers(0, 9999).map("{:04}".format),
    st.sampled_from(["", "", "", " 10:00", "T23:59:59.1234", "T10:00Z", " 10:00+01:00", "5", " ", "\n"]),
)
good_days = st.builds("{:%d}/{:%m}/{}".format, st.dates(), st.dates(), st.integers(1000, 9999))
odd_days = st.sampled_from(
    ["1/2/2026", "31/01/26", "31/01-2026", "2026/01/31", "01/01/202601/01/2026", "x31/01/2026", "\n31/01/2026", "31/01"]
)
null_words = st.sampled_from([None, (), ("-",), ("NA", "9999", "31/01/2026", "unknown"), ("true", "é")])


@st.composite
def files(draw: st.DrawFn) -> tuple[list[list[Cell]], ReadingOptions]:
    words = draw(null_words)
    texts = st.one_of(
        *(values, good_days, days, odd_days, st.just(""), st.sampled_from(["NA", "-", "9999", "unknown", "true"]))
    )
    column = st.one_of(
        columns(texts),
        st.lists(st.one_of(good_days, instants), min_size=1, max_size=9),
        st.lists(st.one_of(st.sampled_from(["", *(words or NULL_WORDS)]), st.integers().map(str)), min_size=1),
    )
    width, height = draw(st.integers(2, 4)), draw(st.integers(1, 20))
    drawn = [[text for text in draw(column) if "\r" not in text and "\x00" not in text] or ["1"] for _ in range(width)]
    mark = draw(st.sampled_from(list(MARKS)))
    rows = [
        [(text, any(each in text for each in ',;\t|\n"') or draw(st.booleans())) for text in row]
        for row in zip(*((each * height)[:height] for each in drawn), strict=True)
    ]
    names = st.lists(st.sampled_from([f"c{at}" for at in range(width)]), max_size=2).map(tuple)
    return rows, ReadingOptions(
        delimiter=mark, text_columns=draw(names), day_first_columns=draw(names), null_words=words
    )


def written(rows: list[list[Cell]], mark: str) -> bytes:
    records = [
        mark.join(f'"{text.replace(chr(34), chr(34) * 2)}"' if quoted else text for text, quoted in row) for row in rows
    ]
    return "\n".join([mark.join(f"C{at}" for at in range(len(rows[0]))), *records, ""]).encode()


@settings(max_examples=120, deadline=None)
@given(files(), st.integers(4, 200), st.integers(1, 400))
def test_a_file_is_read_with_options_as_the_reference_reads_it_wherever_it_is_split(
    file: tuple[list[list[Cell]], ReadingOptions], block_bytes: int, part_bytes: int
) -> None:
    rows, options = file
    data = written(rows, MARKS[options.delimiter])
    result = converted(data, options=options, block_bytes=block_bytes, part_bytes=part_bytes)
    whole = converted(data, options=options, block_bytes=len(data), part_bytes=len(data))
    assert (result.rows, result.conversion.findings) == (whole.rows, whole.conversion.findings)
    for at, column in enumerate(result.conversion.schema.columns):
        chosen = options.of_column(column.name)
        cells = [row[at] for row in rows]
        assert column.evidence == merge_all(of_text(text, quoted=quoted, options=chosen) for text, quoted in cells)
        stored = result.conversion.written.get(column.name)
        for (text, quoted), row in zip(cells, result.rows, strict=bool(result.conversion.written)):
            value = row.get(column.name)
            if stored == String():
                assert value == (text if text or quoted else None)
            else:
                shown = year_first(text) if chosen.day_first and value is not None else text
                assert is_same(shown, value, null_words=chosen.null_words), (text, value)
        if chosen.as_text and any(text or quoted for text, quoted in cells):
            assert stored == String()


@settings(max_examples=200, deadline=None)
@given(st.one_of(days, odd_days, values))
@example("31/01/2026")
def test_the_day_comes_first_in_dates_that_exist_and_in_nothing_else(text: str) -> None:
    shown = of_text(text, options=ColumnOptions(day_first=True)).type
    try:
        day = datetime.strptime(text[:10].replace(text[2], "/"), "%d/%m/%Y").replace(tzinfo=None)  # noqa: DTZ007
        plain = text[2] == text[5] and text[2] in "/-." and text[:2].isdecimal() and text[:10].isascii()
    except (ValueError, IndexError):
        assert shown in (String(), of_text(text).type)
        return
    if plain and len(text) == len("31/01/2026"):
        assert shown == Date()
        assert date.fromisoformat(year_first(text)) == day.date()


def rows_of(text: str, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    result = converted(text, options=ReadingOptions(**options))
    return dict(result.conversion.written), result.rows


def test_a_text_column_keeps_every_value_as_it_is_written() -> None:
    types, rows = rows_of('code,n\n7,1\nNA,2\n"",3\n,4\n1.50,5\n', text_columns=("code",))
    assert types == {"code": String(), "n": BigInt()}
    assert [row["code"] for row in rows] == ["7", "NA", "", None, "1.50"]


def test_a_text_column_of_quoted_empty_fields_is_in_the_file() -> None:
    types, rows = rows_of('code,n\n"",1\n,2\n', text_columns=("code",))
    assert types["code"] == String()
    assert [row["code"] for row in rows] == ["", None]


def test_a_text_column_without_a_field_has_no_type() -> None:
    types, _ = rows_of("code,n\n,1\n", text_columns=("code",))
    assert types == {"n": BigInt()}


@pytest.mark.parametrize(
    ("texts", "column_type", "expected"),
    [
        (["31/01/2026", "01.02.2026", "2026-03-04", "NA"], Date(), [date(2026, 1, 31), date(2026, 2, 1)]),
        (["31/01/2026 10:00", "01-02-2026"], Timestamp(), [datetime(2026, 1, 31, 10, 0), datetime(2026, 2, 1)]),  # noqa: DTZ001
        (["31/01/2026T10:00Z", "31/01/2026 10:00+01:00"], TimestampUtc(), None),
        (["31/01/2026", "02/30/2026"], String(), ["31/01/2026", "02/30/2026"]),
        (["31/01/2026", "1/2/2026"], String(), ["31/01/2026", "1/2/2026"]),
        (["31/01/2026", "5"], String(), ["31/01/2026", "5"]),
        (["5", "6"], String(), ["5", "6"]),
    ],
)
def test_day_first_dates_are_dates_if_every_value_of_the_column_is_one(
    texts: list[str], column_type: Any, expected: list[Any] | None
) -> None:
    types, rows = rows_of("\n".join(["d,n", *(f"{text},1" for text in texts), ""]), day_first_columns=("d",))
    assert types["d"] == column_type
    if expected is not None:
        assert [row["d"] for row in rows][: len(expected)] == expected


def test_nothing_is_a_day_first_date_where_that_was_not_chosen() -> None:
    types, _ = rows_of("d,e\n31/01/2026,31/01/2026\n", day_first_columns=("e",))
    assert types == {"d": String(), "e": Date()}


def test_chosen_null_words_replace_the_list_of_the_rules() -> None:
    text = "a,b\n1,1.5\n-,NA\n9999,2\n"
    types, rows = rows_of(text, null_words=("-", "9999"))
    assert types == {"a": BigInt(), "b": String()}
    assert [row["a"] for row in rows] == [1, None, None]
    assert rows_of(text)[0] == {"a": String(), "b": Double()}
    assert rows_of(text, null_words=())[0] == {"a": String(), "b": String()}


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_a_text_column_of_json_holds_strings_as_they_are_and_other_values_as_their_text(ending: str) -> None:
    records = ['{"a": 1.50, "b": 1}', '{"a": "2026-01-31"}', '{"a": true}', '{"a": [1,  2]}', '{"a": null}']
    text = "\n".join(records) if ending == "jsonl" else f"[{','.join(records)}]"
    result = converted(text, filename=f"x.{ending}", options=ReadingOptions(text_columns=("a",)), block_bytes=8)
    assert result.conversion.written["a"] == String()
    assert [row["a"] for row in result.rows] == ["1.50", "2026-01-31", "true", "[1,  2]", None]


def test_default_options_say_nothing_of_a_column() -> None:
    assert DEFAULT_OPTIONS.of_column("a") == ColumnOptions()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.fixed_dictionaries({"n": st.just(1)}, optional={"A": documents}), min_size=1, max_size=6))
@example([{"n": 1, "A": [1.5, {"a": None}]}, {"n": 1, "A": "é"}, {"n": 1}])
def test_a_text_column_of_json_prints_every_value_wherever_the_file_is_split(rows: list[dict[str, Any]]) -> None:
    texts = [row.get("A") for row in rows]
    expected = [text if text is None or isinstance(text, str) else json.dumps(text) for text in texts]
    data = "\n".join(json.dumps(row) for row in rows)
    for block_bytes in (7, len(data)):
        result = converted(
            data, filename="x.jsonl", options=ReadingOptions(text_columns=("a",)), block_bytes=block_bytes, part_bytes=9
        )
        assert [row.get("a") for row in result.rows] == expected
        assert result.conversion.written.get("a") == (String() if any(each is not None for each in expected) else None)
