"""The reports of the nights: one for each London date, and which was the last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.nights import SqlNightLedger
from include.ports import Night

if TYPE_CHECKING:
    from sqlalchemy import Engine

SPRING = date(2027, 3, 28)
NIGHT = Night(
    london_date=SPRING,
    run_id="scheduled__2027-03-28",
    covers=(date(2027, 3, 27), SPRING),
    outcomes=({"database": "travel", "table": "trips", "added": ["20270327T120000Z"]},),
    reported_at=datetime(2027, 3, 28, 1, 5, tzinfo=UTC),
)


@pytest.fixture
def nights(ledger_engine: Engine) -> SqlNightLedger:
    return SqlNightLedger(ledger_engine)


def test_a_night_that_was_not_reported_is_none(nights: SqlNightLedger) -> None:
    assert nights.night(SPRING) is None
    assert nights.last_before(SPRING) is None


def test_a_report_is_read_back_as_it_was(nights: SqlNightLedger) -> None:
    nights.report(NIGHT)
    assert nights.night(SPRING) == NIGHT


def test_a_second_report_of_a_date_takes_the_place_of_the_first(nights: SqlNightLedger) -> None:
    nights.report(NIGHT)
    again = replace(NIGHT, run_id="scheduled__again", outcomes=())
    nights.report(again)
    assert nights.night(SPRING) == again


def test_the_last_night_before_a_date_is_not_that_date(nights: SqlNightLedger) -> None:
    for day in (date(2026, 12, 31), date(2027, 1, 1), SPRING, date(2027, 3, 30)):
        nights.report(replace(NIGHT, london_date=day))
    assert nights.last_before(SPRING) == date(2027, 1, 1)
    assert nights.last_before(date(2027, 3, 29)) == SPRING
    assert nights.last_before(date(2026, 12, 31)) is None


def test_two_reports_at_once_leave_one(ledger_url: str) -> None:
    ledgers = [SqlNightLedger(make_engine(ledger_url)) for _ in range(8)]
    with ThreadPoolExecutor(len(ledgers)) as pool:
        list(pool.map(lambda pair: pair[1].report(replace(NIGHT, run_id=f"run-{pair[0]}")), enumerate(ledgers)))
    kept = ledgers[0].night(SPRING)
    assert kept is not None
    assert kept.run_id.startswith("run-")
    assert ledgers[0].last_before(date(2027, 3, 29)) == SPRING
