"""What the page says of a CSV file before it is sent is what the service says of it afterwards."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.domain.evidence import merge_all, of_text
from include.domain.reading_options import ReadingOptions, choose
from include.domain.table_schema import Column, TableSchema
from tests.conversion.test_csv_properties import tables, written
from tests.conversion.texts import BORDERS, fields
from tests.preview.both_sides import EIGHT_MIB, Page, assert_same

if TYPE_CHECKING:
    from collections.abc import Sequence

CASES = sorted((Path(__file__).parent.parent / "cases").glob("*/input.csv"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_a_case_is_seen_alike(browser: Page, case: Path) -> None:
    described = yaml.safe_load((case.parent / "findings.yaml").read_text(encoding="utf-8"))
    data = case.read_bytes()
    assert_same(
        browser,
        data,
        options=choose(**described.get("options", {})),
        blocks=(EIGHT_MIB, 64, 7) if len(data) < 4096 else (EIGHT_MIB,),
    )


SPLIT_EVERYWHERE = (
    '\ufeffid,name,note\r\n1,"é, ""quoted""",€\r\n2,"two\r\nlines",𝄞\r\n3,,""\r\n\r\n'.encode(),
    b'a,b\r1,"x\ry"\r2,NA\r3',
    b"d,n\n31/01/2026,1.50\n2026-02-30,-0.0\n",
    b'a,b\n1,"x" y\n2\n\n3,4,5\n"open\n',
    b"a;b\n1;2\n",
    "naïve,b\n1,2\n".encode(),
    "a,b\n1,café\n".encode("latin-1"),
    b"a,b\n1,\x00\n2,\x00\x00\n",
    "a,b\n1,2\n".encode("utf-16"),
    b"a\n\n1\n\n",
    "a,b\n1,caf\u00e9".encode()[:-1],
)


@pytest.mark.parametrize("data", SPLIT_EVERYWHERE, ids=range(len(SPLIT_EVERYWHERE)))
def test_a_file_is_seen_alike_wherever_a_block_ends(browser: Page, data: bytes) -> None:
    assert_same(browser, data, blocks=tuple(range(1, len(data) + 1)))


HARD = (
    *BORDERS,
    *("562949953421312.12", "562949953421312.13", "562949953421312.125", "1234567890123456.7", "0.30000000000000004"),
    *(
        "5.960464477539063e-08",
        "9007199254740993.0",
        "9007199254740993e0",
        "123456789012345678",
        "1e22",
        "1e23",
        "2e-23",
    ),
    *("9" * 37, "1" * 19, "1" * 18, "0." + "0" * 30 + "1", "-1.5E+10", "1.10", "00.5", "1.e5", "1e+", "-"),
    *("31/12/2026", "31-12-2026 10:00", "31.12.2026T10:00Z", "30/02/2026", "01/13/2026", "31/12-2026", "", "NA", "nan"),
    *("2026-01-31 10:00:00.123", "2026-01-31 10:00:00.123400", "2026-01-31 10:00:00.120000Z", "2026-01-31 10:00:00."),
    *("9999-12-31T23:59:59Z", "9999-12-31T23:59+00:00", "9999-12-31T23:58-00:01", "0001-01-01T00:00+00:00", "True"),
)
PAIRS = [pair for pair in product(HARD, HARD) if "\r" not in "".join(pair)]
WIDTH = 2500  # columns of a file


def pairs_file(pairs: Sequence[tuple[str, str]]) -> bytes:
    """A file with a column of two rows for each pair, and a first column that has always a value."""
    rows = ([(text, bool(text)) for text in texts] for texts in zip(*pairs, strict=True))
    return written([[("x", False), *row] for row in rows], "\n")


@pytest.mark.parametrize("first", range(0, len(PAIRS), WIDTH))
def test_any_two_hard_values_in_a_column_are_seen_alike(browser: Page, first: int) -> None:
    assert_same(browser, pairs_file(PAIRS[first : first + WIDTH]))


@pytest.mark.parametrize("first", range(0, len(PAIRS), 4 * WIDTH))
@pytest.mark.parametrize(
    "options",
    [
        choose(null_words=["1", "-", "true", "2026-01-31", "0.5", "é"]),
        choose(day_first_columns=[f"c{at}" for at in range(1, 1000)]),
        choose(text_columns=[f"c{at}" for at in range(1, 1000)]),
    ],
    ids=["null words", "day first", "text"],
)
def test_they_are_with_reading_options(browser: Page, first: int, options: ReadingOptions) -> None:
    assert_same(browser, pairs_file(PAIRS[first : first + WIDTH]), options=options)


def test_the_first_value_that_makes_a_column_wider_is_the_same(browser: Page) -> None:
    triples = [(one, two, HARD[(7 * at) % len(HARD)]) for at, (one, two) in enumerate(PAIRS[::9])]
    known = tuple(Column(f"c{at + 1}", of_text(before)) for at, (_, _, before) in enumerate(triples))
    data = pairs_file([(one, two) for one, two, _ in triples])
    assert_same(browser, data, table=TableSchema((Column("c0", of_text("x")), *known)))


columns_known = st.dictionaries(
    st.sampled_from(["c0", "c1", "c2", "other"]),
    st.lists(fields, max_size=3).map(lambda cells: merge_all(of_text(cell) for cell in cells)),
    max_size=3,
).map(lambda known: TableSchema(tuple(Column(*each) for each in known.items())))

options_chosen = st.builds(
    choose,
    text_columns=st.sampled_from([(), ("c1",), ("C0", "nope")]),
    day_first_columns=st.sampled_from([(), ("c2",), ("gone",)]),
    null_words=st.sampled_from([None, None, (), ("-", "1", "true", "2026-01-31", "é")]),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(written, tables(), st.sampled_from(["\n", "\r\n", "\r"])),
    options_chosen,
    columns_known,
    st.integers(4, 400),
)
def test_values_are_seen_alike(
    browser: Page, data: bytes, options: ReadingOptions, known: TableSchema, block_bytes: int
) -> None:
    assert_same(browser, data, options=options, table=known, blocks=(EIGHT_MIB, block_bytes))


DAYS = st.from_regex(
    r"[0-3][0-9][/.-][0-1][0-9][/.-](19|20)[0-9]{2}([T ][0-2][0-9]:[0-5][0-9](Z|\+01:00)?)?", fullmatch=True
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(DAYS, DAYS, fields), min_size=1, max_size=6))
def test_dates_with_the_day_first_are_seen_alike(browser: Page, days: list[str]) -> None:
    data = written([[(day, True)] for day in days], "\n")
    assert_same(browser, data, options=choose(day_first_columns=["c0"]))


PIECES = st.sampled_from(
    [
        b"a",
        b"b",
        b"1",
        b",",
        b",",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b'"',
        b'"',
        b'""',
        b";",
        b"\t",
        b" ",
        b"NA",
        "é".encode(),
        "𝄞".encode(),
        b"\xe9",
        b"\x81",
        b"\xed\xa0\x80",
        b"\xf0\x9f",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    ]
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=40), st.integers(1, 30))
def test_any_bytes_are_seen_alike(browser: Page, pieces: list[bytes], block_bytes: int) -> None:
    assert_same(browser, b"".join(pieces), blocks=(EIGHT_MIB, block_bytes))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=40), st.integers(1, 30))
def test_any_bytes_below_a_header_are_seen_alike(browser: Page, pieces: list[bytes], block_bytes: int) -> None:
    assert_same(browser, b"x,y\n" + b"".join(pieces), blocks=(EIGHT_MIB, block_bytes))


PLACES = ("7", "-0.0", "0.5", "0.50", "12.125", f"0.{'1' * 37}", f"0.{'1' * 38}", f"0.{'1' * 39}", "1e5", "9" * 36)


def test_the_step_with_which_a_column_becomes_wider_is_the_same_in_any_three_files(browser: Page) -> None:
    triples = list(product(PLACES, repeat=3))
    known = tuple(Column(f"c{at + 1}", of_text(before)) for at, (before, _, _) in enumerate(triples))
    data = pairs_file([(one, two) for _, one, two in triples])
    assert_same(browser, data, table=TableSchema((Column("c0", of_text("x")), *known)))
