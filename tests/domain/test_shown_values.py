"""Values of a table as a person is shown them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from include.domain.shown_values import LONGEST, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("NULL", "NULL"),
        (True, "true"),
        (7, "7"),
        (0.1, "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.340"), "12.340"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC), "2026-01-31 12:00:00.000005 UTC"),
        (datetime(2026, 1, 31, 12), "2026-01-31 12:00:00"),  # noqa: DTZ001 - a timestamp without a zone
    ],
)
def test_a_plain_value_is_written_as_it_would_be_in_a_file(value: Any, text: str | None) -> None:
    assert shown(value) == text


def test_nested_values_are_json_in_which_numbers_keep_every_digit() -> None:
    text = shown({"when": date(2026, 1, 31), "sum": Decimal("1.10"), "words": ['a"b', None, "é"], "yes": True})

    assert text == '{"when": "2026-01-31", "sum": 1.10, "words": ["a\\"b", null, "é"], "yes": true}'
    assert json.loads(text)


def test_a_long_value_is_cut_and_says_so() -> None:
    text = shown("x" * (LONGEST + 1))

    assert text is not None
    assert (len(text), text[-1]) == (LONGEST, "…")
    assert shown("x" * LONGEST) == "x" * LONGEST
