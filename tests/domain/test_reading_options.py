from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain.errors import Refused
from include.domain.option_words import in_words
from include.domain.reading_options import (
    DEFAULT_OPTIONS,
    DELIMITERS,
    MAX_COLUMNS,
    MAX_NULL_WORDS,
    ReadingOptions,
    choose,
)
from include.domain.text_rules import NULL_WORDS, ColumnOptions

names = st.lists(st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True), max_size=4)


@given(
    st.sampled_from([None, *DELIMITERS]),
    names,
    names,
    st.none() | st.lists(st.text(st.characters(categories=["L", "P", "Zs"]), min_size=1, max_size=5)),
    st.none() | st.just("Sheet 1"),
)
def test_chosen_options_travel_as_json_and_as_words(
    delimiter: str | None, texts: list[str], days: list[str], words: list[str] | None, sheet: str | None
) -> None:
    days = [day for day in days if day.lower() not in {text.lower() for text in texts}]
    options = choose(delimiter=delimiter, text_columns=texts, day_first_columns=days, null_words=words, sheet=sheet)
    assert ReadingOptions.from_json(options.to_json()) == options
    assert choose(**in_words(options)) == options


def test_choosing_the_rules_as_they_stand_is_choosing_nothing() -> None:
    assert choose() == DEFAULT_OPTIONS
    assert choose(delimiter="comma", null_words=reversed(NULL_WORDS)) == DEFAULT_OPTIONS
    assert DEFAULT_OPTIONS.to_json() == {}


def test_equal_choices_are_equal_in_whatever_order_and_case_they_are_made() -> None:
    once = choose(text_columns=["B", "a", "b"], null_words=["x", "-", "x"])
    assert once == choose(text_columns=["a", "b"], null_words=["-", "x"])
    assert once.text_columns == ("a", "b")


def test_no_null_words_at_all_is_a_choice() -> None:
    options = choose(null_words=[])
    assert options != DEFAULT_OPTIONS
    assert options.of_column("a") == ColumnOptions(null_words=())


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"delimiter": ";"}, "bad_delimiter", "delimiter"),
        ({"delimiter": "colon"}, "bad_delimiter", "delimiter"),
        ({"text_columns": ["Sample Number"]}, "bad_option_column", "text_columns"),
        ({"text_columns": [""]}, "bad_option_column", "text_columns"),
        ({"day_first_columns": ["extraction_timestamp"]}, "bad_option_column", "day_first_columns"),
        ({"day_first_columns": ["d" * 256]}, "bad_option_column", "day_first_columns"),
        ({"text_columns": ["d"], "day_first_columns": ["D"]}, "column_option_twice", "day_first_columns"),
        ({"text_columns": map(str, range(MAX_COLUMNS + 1))}, "too_many_option_columns", "text_columns"),
        ({"null_words": [""]}, "bad_null_words", "null_words"),
        ({"null_words": ["a\nb"]}, "bad_null_words", "null_words"),
        ({"null_words": ["a\rb"]}, "bad_null_words", "null_words"),
        ({"null_words": ["a\0"]}, "bad_null_words", "null_words"),
        ({"null_words": ["\ud800"]}, "bad_null_words", "null_words"),
        ({"null_words": ["x" * 101]}, "bad_null_words", "null_words"),
        ({"null_words": map(str, range(MAX_NULL_WORDS + 1))}, "bad_null_words", "null_words"),
        ({"sheet": " "}, "bad_sheet", "sheet"),
        ({"sheet": "a\nb"}, "bad_sheet", "sheet"),
    ],
)
def test_a_choice_that_breaks_a_rule_is_refused_with_its_field(given: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        choose(**given)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_limits_are_within_what_is_permitted() -> None:
    words = [f"{number:0100}" for number in range(MAX_NULL_WORDS)]
    assert choose(null_words=words, text_columns=map(str, range(MAX_COLUMNS - 1)), day_first_columns=["d" * 255])
