"""Whatever a CSV file holds and wherever it is split, its cells come out as they went in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.conversion.csv_check import record_terminator
from include.conversion.csv_scan import scan, split_fields
from include.domain.column_types import String
from include.domain.table_schema import TableSchema
from tests.conversion.files import Converted, Split, checked, converted, converted_in_groups, is_same
from tests.conversion.splits import splits
from tests.conversion.texts import columns, fields, null_words, values

Cell = tuple[str, bool]
"""The text of a field, and whether it is written in quotes."""

texts = st.one_of(
    values,
    values,
    fields,
    null_words,
    st.sampled_from(['5" pipe', 'a"b"c', "x,y", 'say "hi"', "two\nlines", "\ufeffx"]),
)


def must_quote(text: str) -> bool:
    return any(mark in text for mark in ",\r\n") or text.startswith('"')


@st.composite
def tables(draw: st.DrawFn) -> list[list[Cell]]:
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 30))
    columns_of_texts = []
    for _ in range(width):
        column = [text for text in draw(columns(texts)) if "\x00" not in text and "\r" not in text] or ["1"]
        columns_of_texts.append((column * height)[:height])
    return [
        [(text, must_quote(text) or draw(st.booleans())) for text in row] for row in zip(*columns_of_texts, strict=True)
    ]


def written(table: list[list[Cell]], line_break: str) -> bytes:
    header = ",".join(f"c{at}" for at in range(len(table[0])))
    records = [
        ",".join(f'"{text.replace(chr(34), chr(34) * 2)}"' if quoted else text for text, quoted in row) for row in table
    ]
    return line_break.join([header, *records, ""]).encode()


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(["\n", "\r\n"]), st.integers(4, 200), st.integers(1, 400))
def test_every_cell_of_an_accepted_file_prints_back_wherever_the_file_is_split(
    table: list[list[Cell]], line_break: str, block_bytes: int, part_bytes: int
) -> None:
    data = written(table, line_break)
    whole = checked(data, block_bytes=len(data))
    if whole.refused:
        return
    result = converted(data, block_bytes=block_bytes, part_bytes=part_bytes)
    assert result.report.rows == whole.rows == len(table)
    assert_same_result(result, converted(data, block_bytes=len(data), part_bytes=len(data)))
    for row, stored in zip(table, result.rows, strict=bool(result.conversion.written)):
        for at, (text, quoted) in enumerate(row):
            value = stored.get(f"c{at}")
            assert is_same(text, value), (text, value)
            if result.conversion.written.get(f"c{at}") == String():
                assert (value is None) == (text == "" and not quoted)


def assert_same_result(result: Converted, other: Converted) -> None:
    """All but how it is divided into parts; columns in the same order too."""
    assert result.conversion.schema == other.conversion.schema
    assert list(result.conversion.written.items()) == list(other.conversion.written.items())
    assert result.conversion.findings == other.conversion.findings
    assert result.schema == other.schema
    assert result.rows == other.rows
    assert result.lines == other.lines


@settings(max_examples=60, deadline=None)
@given(tables(), tables(), st.integers(4, 200), splits(["c0", "c1", "c2", "c3"]))
def test_groups_parts_threads_and_hints_never_change_what_comes_out(
    table: list[list[Cell]], other: list[list[Cell]], block_bytes: int, split: Split
) -> None:
    data, earlier = written(table, "\n"), written(other, "\n")
    if checked(data).refused:
        return
    known = TableSchema() if checked(earlier).refused else converted(earlier).conversion.schema
    result = converted_in_groups(data, split, block_bytes=block_bytes, evidence=known)
    assert_same_result(result, converted(data, block_bytes=len(data), part_bytes=len(data), evidence=known))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab,"\n\r', max_size=40), st.integers(1, 12))
def test_a_check_in_small_blocks_finds_what_a_check_in_one_block_finds(text: str, block_bytes: int) -> None:
    data = ("h,i\n" + text).encode()
    small, large = checked(data, block_bytes=block_bytes), checked(data, block_bytes=1024)
    assert (small.rows, small.findings) == (large.rows, large.findings)
    if not small.refused:
        assert sum(part.rows for part in small.ranges) == small.rows


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='a,"\n\r', max_size=30), st.sampled_from("\n\r"))
def test_scanning_whole_buffers_equals_reading_character_by_character(text: str, terminator: str) -> None:
    found = scan(text.encode(), delimiter=",", terminator=terminator, final=True)
    records, faults, open_quote = read_one_by_one(text, terminator)
    assert [(int(start), int(end)) for start, end in zip(found.starts, found.ends, strict=True)] == [
        (start, end) for start, end, _ in records
    ]
    assert found.faults.tolist() == faults
    assert found.open_quote == open_quote
    assert found.fields.tolist() == [len(fields) for _, _, fields in records]
    if not faults and open_quote is None:
        for start, end, expected in records:
            content = text[start:end]
            for ending in ("\r\n", "\n") if terminator == "\n" else ("\r",):
                if content.endswith(ending):
                    content = content.removesuffix(ending)
                    break
            assert (
                not expected or [field.decode() for field in split_fields(content.encode(), delimiter=",")] == expected
            )


def read_one_by_one(text: str, terminator: str) -> tuple[list[tuple[int, int, list[str]]], list[int], int | None]:
    """Records with their fields, closing quotes that text follows, and the quote that stays open."""
    records: list[tuple[int, int, list[str]]] = []
    faults: list[int] = []
    fields: list[str] = []
    start, at, field = 0, 0, ""
    opened: int | None = None
    at_start = True
    while at < len(text):
        character = text[at]
        if opened is not None:
            if character != '"':
                field += character
            elif text[at + 1 : at + 2] == '"':
                field += '"'
                at += 1
            else:
                opened = None
                rest = text[at + 1 :]
                endings = (",", "\n", "\r\n") if terminator == "\n" else (",", "\r")
                if rest and not rest.startswith(endings):
                    faults.append(at)
        elif character == '"' and at_start:
            opened, at_start = at, False
        elif character == ",":
            fields, field, at_start = [*fields, field], "", True
        elif character == terminator or (terminator == "\n" and text[at : at + 2] == "\r\n"):
            at += len("\r\n") - 1 if character == "\r" and terminator == "\n" else 0
            content = text[start:at].removesuffix("\r") if terminator == "\n" else text[start:at]
            records.append((start, at + 1, [*fields, field] if content else []))
            start, fields, field, at_start = at + 1, [], "", True
        else:
            field += character
            at_start = False
        at += 1
    if start < len(text):
        records.append((start, len(text), [*fields, field]))
    return records, faults, opened


@pytest.mark.parametrize(
    ("data", "terminator"),
    [
        (b"a\nb\n", "\n"),
        (b"a\r\nb\r\n", "\n"),
        (b"a\rb\r", "\r"),
        (b'a\r"x\ny"\r', "\r"),
        (b'5" x\nb\r\n', "\n"),
        (b'a\r5" x\n6" y\rz\r', "\n"),
        (b'a\r"say ""x\ny"""\rz\r', "\r"),
        (b"a", "\n"),
        (b"", "\n"),
    ],
)
def test_records_end_at_line_feeds_or_in_a_file_without_at_carriage_returns(data: bytes, terminator: str) -> None:
    assert record_terminator([data]) == terminator
    assert record_terminator([data[at : at + 1] for at in range(len(data))]) == terminator


@pytest.mark.parametrize("block_bytes", [4, 9, 1000])
def test_lines_are_physical_ones_in_a_file_whose_records_end_in_returns(block_bytes: int) -> None:
    data = 'a,b\r"1\n2",3\r"x"y,4\r'
    (finding,) = checked(data, block_bytes=block_bytes).findings
    assert (finding.code, finding.lines) == ("text_after_quote", (4,))
    (finding,) = checked(data.replace('"x"y', '"z').removesuffix("\r"), block_bytes=block_bytes).findings
    assert (finding.code, finding.lines) == ("unclosed_quote", (4,))
    assert checked(data.replace('"x"y', "\0"), block_bytes=block_bytes).findings[0].lines == (4,)
    broken = data.replace('"x"y', "z").encode().replace(b"z", b"\xff")
    assert checked(broken, block_bytes=block_bytes).findings[0].lines == (4,)


def test_a_last_field_that_is_empty_is_null_without_a_line_break_too() -> None:
    result = converted('a,b\n1,x\n"2",')
    assert [row["b"] for row in result.rows] == ["x", None]
