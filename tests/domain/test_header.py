from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain.header import corrected_names, is_allowed, is_data, repeated_names, stored_name
from include.domain.name_findings import header_findings

names = st.lists(
    st.text(max_size=8) | st.sampled_from(["id", "ID", "a b", "a_b", "", "x" * 300, "extraction_timestamp", "日本"]),
    min_size=1,
    max_size=8,
)


@given(names)
def test_corrected_names_are_accepted_and_good_ones_stay_as_they_are(given_names: list[str]) -> None:
    corrected = corrected_names(given_names)
    assert all(map(is_allowed, corrected))
    assert repeated_names(corrected) == ()
    if not is_data(corrected):
        assert header_findings(corrected) == ()
    for at, name in enumerate(given_names):
        if is_allowed(name) and stored_name(name) not in map(stored_name, given_names[:at]):
            assert corrected[at] == name


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Sample Number", "sample_number"),
        ("Größe (cm)", "grosse_cm"),
        ("  id ", "id"),
        ("%", "column_1"),
        ("日本", "column_1"),
    ],
)
def test_a_clean_name_is_near_the_given_one(name: str, clean: str) -> None:
    assert corrected_names([name]) == (clean,)


@pytest.mark.parametrize(
    "row", [[""], ["", ""], ["1", "2.5"], ["2026-01-31", ""], ["007", "+5", " 7"], ["1,000", "31/01/2026"]]
)
def test_a_row_of_numbers_dates_and_empty_fields_is_no_header(row: list[str]) -> None:
    assert is_data(row)


@pytest.mark.parametrize("row", [["id"], ["2020", "name"], ["x1"], ["NA"], ["true"]])
def test_a_row_with_one_word_is_a_header(row: list[str]) -> None:
    assert not is_data(row)
