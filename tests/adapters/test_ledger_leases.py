from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.adapters.ledger.uploads import SqlUploadLedger
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def ledger(ledger_engine: Engine, clock: FixedClock) -> SqlUploadLedger:
    return SqlUploadLedger(ledger_engine, clock=clock)


def test_a_lease_belongs_to_its_holder_until_its_time_is_over(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    assert ledger.acquire("promote", holder="a", seconds=60)
    clock.advance(seconds=59)
    assert not ledger.acquire("promote", holder="b", seconds=60)
    clock.advance(seconds=1)
    assert ledger.acquire("promote", holder="b", seconds=60)
    assert not ledger.acquire("promote", holder="a", seconds=60)


def test_a_holder_renews_its_lease(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    assert ledger.acquire("promote", holder="a", seconds=60)
    clock.advance(seconds=50)
    assert ledger.acquire("promote", holder="a", seconds=60)
    clock.advance(seconds=50)
    assert not ledger.acquire("promote", holder="b", seconds=60)


def test_leases_of_different_names_do_not_meet(ledger: SqlUploadLedger) -> None:
    assert ledger.acquire("one", holder="a", seconds=60)
    assert ledger.acquire("other", holder="b", seconds=60)


def test_a_lease_given_back_is_free(ledger: SqlUploadLedger) -> None:
    assert ledger.acquire("promote", holder="a", seconds=60)
    ledger.release("promote", holder="a")
    assert ledger.acquire("promote", holder="b", seconds=60)


def test_only_the_holder_gives_a_lease_back(ledger: SqlUploadLedger) -> None:
    assert ledger.acquire("promote", holder="a", seconds=60)
    ledger.release("promote", holder="b")
    ledger.release("never taken", holder="b")
    assert not ledger.acquire("promote", holder="b", seconds=60)


def test_a_lease_is_seen_by_everybody_while_it_lasts(ledger: SqlUploadLedger, clock: FixedClock) -> None:
    assert not ledger.leased("promote")
    assert ledger.acquire("promote", holder="a", seconds=60)
    assert ledger.leased("promote")
    clock.advance(seconds=60)
    assert not ledger.leased("promote")


def test_leases_that_ran_out_long_ago_are_forgotten_and_may_be_taken(
    ledger: SqlUploadLedger, clock: FixedClock
) -> None:
    assert ledger.acquire("old", holder="a", seconds=60)
    clock.advance(hours=24 * 31)
    assert ledger.acquire("new", holder="a", seconds=60)
    assert ledger.past_leases(before=clock.now()) == 1
    assert ledger.past_leases(before=clock.now(), drop=True) == 1
    assert ledger.past_leases(before=clock.now()) == 0
    assert ledger.leased("new")
    assert ledger.acquire("old", holder="b", seconds=60)
