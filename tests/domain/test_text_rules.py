from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain.text_rules import NULL_WORDS, Kind, classify, classify_json_string, number_facts


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (Kind.EMPTY, [""]),
        (Kind.NULL_WORD, NULL_WORDS),
        (Kind.BOOLEAN, ["true", "True", "TRUE", "false", "False", "FALSE"]),
        (Kind.INTEGER, ["0", "1", "-7", "9223372036854775807", "-9223372036854775808"]),
        (Kind.BIG_INTEGER, ["9223372036854775808", "-9223372036854775809", "9" * 38, "-" + "9" * 38]),
        (Kind.POINT, ["0.0", "-0.0", "1.50", "-0.5", "1" * 40 + ".5"]),
        (Kind.SCIENTIFIC, ["1.5e3", "2E-07", "1e5", "1e+05", "-0e5", "5e-324"]),
        (Kind.DATE, ["2026-01-31", "0001-01-01", "9999-12-31", "2024-02-29"]),
        (
            Kind.TIMESTAMP,
            ["2026-01-31T00:00", "2026-01-31 23:59:59", "2026-01-31 10:00:00.1", "2026-01-31T10:00:00.123456"],
        ),
        (Kind.TIMESTAMP_ZONED, ["2026-01-31T10:00Z", "2026-01-31 10:00:00+05:30", "2026-01-31T10:00-00:00"]),
        (
            Kind.TEXT,
            ["-0", "007", "+5", " 7", "7 ", "0x1F", "1,000", "inf", "na", "-", "31/01/2026", "12:34", "24:00", "yes"],
        ),
        (Kind.TEXT, ["9" * 39, ".5", "5.", "1e", "1e400", "1_000", "tRUE", "NAN", "n/a", "٣", "1\n", "true\n"]),
        (Kind.TEXT, ["2026-02-30", "0000-01-01", "2026-1-1", "2025-02-29", "2026-01-31\n"]),
        (Kind.TEXT, ["2026-01-31T24:00", "2026-01-31T10", "2026-01-31T10:00:60", "2026-01-31T10:00:00.1234567"]),
        (Kind.TEXT, ["2026-01-31t10:00", "2026-01-31T10:00z", "2026-01-31T10:00+0530", "2026-01-31T10:00+24:00"]),
        (Kind.TEXT, ["0001-01-01T00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-02-30T10:00Z"]),
    ],
)
def test_texts_are_of_the_kind_that_the_table_says(kind: Kind, texts: list[str]) -> None:
    assert {text: classify(text) for text in texts} == dict.fromkeys(texts, kind)


@pytest.mark.parametrize(
    ("text", "survives"),
    [
        ("0.1", True),
        ("10.357019999999999", True),
        ("0.10000000000000001", True),
        ("0.10000000000000000", False),  # 17 digits of 0.1 end in 1
        ("0.100000000000000005", False),  # 18 digits
        ("1.500000000000000000", False),  # trailing zeros count
        ("0.000000000000000000", True),  # a zero has no significant digit
        ("9007199254740992", True),
        ("9007199254740993", False),
        ("9007199254740994", True),
        ("9223372036854775808", False),  # beyond 64 bits, though it is a double
        ("5.960464477539063e-08", True),  # the shortest text of 2**-24, and no nearest one
        ("1e-400", False),
        ("4.9e-324", True),
        ("1.7976931348623157e308", True),
    ],
)
def test_a_number_survives_if_it_is_printed_back_as_written(text: str, survives: bool) -> None:  # noqa: FBT001
    assert number_facts(text).survives is survives


@given(st.floats(allow_nan=False, allow_infinity=False).map(repr).filter(lambda text: "e" in text or "." in text))
def test_what_a_double_prints_survives(text: str) -> None:
    assert number_facts(text).survives


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,9})\.[0-9]{1,12}", fullmatch=True))
def test_digits_and_places_are_counted_as_written(text: str) -> None:
    facts = number_facts(text)
    integer, places = text.lstrip("-").split(".")
    assert facts.decimal_places == len(places)
    assert facts.integer_digits == (0 if integer == "0" else len(integer))
    assert facts.negative_zero == (text.startswith("-") and Decimal(text) == 0)


def test_json_strings_are_dates_or_timestamps_or_text() -> None:
    kinds = [classify_json_string(text) for text in ("2026-01-31", "2026-01-31T10:00Z", "12", "", "NA", "true")]
    assert kinds == [Kind.DATE, Kind.TIMESTAMP_ZONED, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT]
