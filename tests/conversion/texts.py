"""Texts of fields near every border of the type rules, for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from include.domain.text_rules import FALSE_WORDS, NULL_WORDS, TRUE_WORDS

BORDERS = (
    *("0", "-0", "1", "-1", "007", "+5", " 7", "7 ", "0x1F", "1,000", "-", ".5", "5.", "1_000", "\u0663"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9" * 38, "9" * 39),
    *("9007199254740992", "9007199254740993", "9007199254740994", "-9007199254740993"),
    *("0.0", "-0.0", "-0.000", "0.5", "1.50", "10.357019999999999", "0.10000000000000001", "0.10000000000000000"),
    *("0.1000000000000000055", "123456789012345.6", "1234567890123456.7", "0." + "1" * 38, "1" * 20 + "." + "2" * 18),
    *("1" * 21 + "." + "2" * 18, "0." + "0" * 20 + "1", "99999999999999999.5", "12345678.123456789"),
    *("1e5", "1.5e3", "2E-07", "1e400", "1e-400", "-0e0", "-0e5", "1e+05", "1e", "e5", "12e3", "5e-324", "4.9e-324"),
    *("1.7976931348623157e308", "1.8e308", "2.2250738585072014e-308", "1.23456789012345678e10", "100e1", "0e9"),
    *("2026-01-31", "2026-02-30", "2024-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "2026-1-1", "31/01/2026"),
    *("2026-01-31T10:00", "2026-01-31 10:00:01", "2026-01-31T10:00:01.123456", "2026-01-31T10:00:01.1234567"),
    *(
        "2026-01-31T24:00",
        "2026-01-31T23:59:60",
        "2026-02-30T10:00",
        "2026-01-31t10:00",
        "2026-01-31T10",
        "0000-01-01T10:00",
    ),
    *("2026-01-31T10:00Z", "2026-01-31T10:00:00.5+05:30", "0001-01-01T00:00+00:01", "9999-12-31T23:59-00:01"),
    *(
        "2026-01-31T10:00+24:00",
        "2026-01-31T10:00+0530",
        "2026-01-31T10:00z",
        "2026-02-30T10:00Z",
        "2026-01-31T10:00-00:00",
    ),
    *("12:34", "24:00", "yes", "tRUE", "inf", "na", "Nan", "a", "é", "x\ny", "1\n", "true\n", "2026-01-31\n"),
)

plain = st.sampled_from((*BORDERS, *TRUE_WORDS, *FALSE_WORDS))
numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.integers(-(2**54), 2**54).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,18})\.[0-9]{1,18}", fullmatch=True),
    st.from_regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,14})?[eE][+-]?[0-9]{1,3}", fullmatch=True),
)
instants = st.one_of(
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes().map(lambda each: each.isoformat() + "Z"),
    st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9])?([+-][0-2][0-9]:[0-5][0-9])?",
        fullmatch=True,
    ),
)
values = st.one_of(plain, numbers, instants)
"""Texts that are neither empty nor null words."""

null_words = st.sampled_from(NULL_WORDS)
fields = st.one_of(values, values, st.just(""), null_words, st.text(max_size=4))
"""Texts of any fields."""


def columns(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Columns: of one family mostly, since a mixed one is a string at once."""
    return st.one_of(
        st.lists(texts, max_size=12),
        st.lists(numbers, min_size=1, max_size=30),
        st.lists(st.one_of(numbers, st.sampled_from(BORDERS[:50])), min_size=1, max_size=12),
        st.lists(instants, min_size=1, max_size=12),
    )
