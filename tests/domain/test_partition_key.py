from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.domain.errors import Refused
from include.domain.partition_key import PartitionKey, format_timestamp, parse_key, parse_timestamp

# Every moment that has a year from 1 to 9999 in UTC, given in any zone.
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001
SEGMENTS = st.text(min_size=1).filter(lambda text: "/" not in text)


@settings(deadline=None)
@given(MOMENTS)
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(999, 2, 3, 4, 5, 6, tzinfo=UTC))
@example(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
@example(datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC))
def test_a_moment_comes_back_from_the_key_to_the_second(moment: datetime) -> None:
    written = format_timestamp(moment)
    assert re.fullmatch(r"\d{8}T\d{6}Z", written, re.ASCII)
    assert parse_timestamp(written) == moment.astimezone(UTC).replace(microsecond=0)
    assert parse_timestamp(written).tzinfo is UTC


@settings(deadline=None)
@given(MOMENTS)
def test_the_older_form_names_the_same_moment(moment: datetime) -> None:
    written = format_timestamp(moment)
    assert parse_timestamp(written.replace("T", "")) == parse_timestamp(written)


@settings(deadline=None)
@given(MOMENTS, MOMENTS)
def test_keys_sort_by_time(one: datetime, other: datetime) -> None:
    assert (format_timestamp(one) < format_timestamp(other)) == (
        one.astimezone(UTC).replace(microsecond=0) < other.astimezone(UTC).replace(microsecond=0)
    )


def test_the_key_is_written_in_utc() -> None:
    summer = timezone(timedelta(hours=1))
    assert format_timestamp(datetime(2026, 7, 1, 0, 30, tzinfo=summer)) == "20260630T233000Z"


def test_a_naive_moment_has_no_key() -> None:
    with pytest.raises(ValueError, match="aware"):
        format_timestamp(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "20260131T235959",
        "20260131T235959z",
        "20260131t235959Z",
        "2026-01-31T23:59:59Z",
        "20260131T235959Z ",
        "20260131T235959Z\n",
        "20260131 235959Z",
        "20260231T000000Z",
        "20250229T000000Z",
        "20261301T000000Z",
        "20260100T000000Z",
        "20260131T240000Z",
        "20260131T236000Z",
        "20260131T235960Z",
        "00000101T000000Z",
        "20260131T23595\u0669Z",
        "120260131T235959Z",
    ],
)
def test_what_is_no_utc_time_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_timestamp(text)
    assert (refusal.value.code, refusal.value.field) == ("bad_extraction_timestamp", "extraction_timestamp")


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        moment = parse_timestamp(text)
    except Refused:
        return
    assert format_timestamp(moment).replace("T", "") == text.replace("T", "")


@settings(deadline=None)
@given(SEGMENTS, SEGMENTS, MOMENTS, SEGMENTS)
def test_a_key_comes_back_from_its_path(database: str, table: str, moment: datetime, file: str) -> None:
    key = PartitionKey(database, table, format_timestamp(moment))
    assert parse_key(key.file(file)) == (key, file)


def test_a_key_is_laid_out_as_the_original_service_laid_it_out() -> None:
    key = PartitionKey("calc_release_dates", "survey_data", "20230101T000000Z")
    assert key.file("survey.csv") == (
        "database_name=calc_release_dates/table_name=survey_data/extraction_timestamp=20230101T000000Z/survey.csv"
    )


def test_a_key_in_the_older_form_is_read_as_the_newer_one() -> None:
    key, file = parse_key("database_name=d/table_name=t/extraction_timestamp=20200129000000Z/a.csv")
    assert (key, file) == (PartitionKey("d", "t", "20200129T000000Z"), "a.csv")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "bad_key"),
        ("a.csv", "bad_key"),
        ("database_name=d/table_name=t/a.csv", "bad_key"),
        ("database_name=d/table_name=t/extraction_timestamp=20260101T000000Z/", "bad_key"),
        ("database_name=d/table_name=t/extraction_timestamp=20260101T000000Z/x/a.csv", "bad_key"),
        ("database_name=/table_name=t/extraction_timestamp=20260101T000000Z/a.csv", "bad_key"),
        ("table_name=t/database_name=d/extraction_timestamp=20260101T000000Z/a.csv", "bad_key"),
        ("/database_name=d/table_name=t/extraction_timestamp=20260101T000000Z/a.csv", "bad_key"),
        ("database_name=d/table_name=t/extraction_timestamp=yesterday/a.csv", "bad_extraction_timestamp"),
    ],
)
def test_a_key_that_cannot_be_parsed_is_refused(key: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_key(key)
    assert refusal.value.code == code
