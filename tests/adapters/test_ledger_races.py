from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, TypeVar

import pytest

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.identity import SqlIdentityLedger
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Conflict
from include.domain.upload import State
from include.ports import SignInCode
from tests.adapters.ledger_samples import NOON, an_upload, publish
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

T = TypeVar("T")
RACERS = 20


@pytest.fixture(params=[False, True], ids=["unpooled", "pooled"])
def engine(ledger_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = make_engine(ledger_url, pooled=request.param)
    yield engine
    engine.dispose()  # a server has so many connections, and a pool keeps twenty


@pytest.fixture
def ledger(engine: Engine) -> SqlUploadLedger:
    return SqlUploadLedger(engine, clock=FixedClock(NOON))


@pytest.fixture
def identity(engine: Engine) -> SqlIdentityLedger:
    return SqlIdentityLedger(engine, clock=FixedClock(NOON))


def race(act: Callable[[int], T]) -> list[T]:
    """What each of twenty threads got that did this at the same moment."""
    start = Barrier(RACERS)

    def run(racer: int) -> T:
        start.wait()
        return act(racer)

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(run, range(RACERS)))


def attempt(act: Callable[[], object]) -> str:
    """`won`, or the code of the conflict."""
    try:
        act()
    except Conflict as conflict:
        return conflict.code
    return "won"


def test_one_of_many_reserves_a_partition(ledger: SqlUploadLedger) -> None:
    timestamp = an_upload().extraction_timestamp
    outcomes = race(
        lambda racer: attempt(lambda: ledger.add(an_upload(racer, extraction_timestamp=timestamp), actor=str(racer)))
    )
    assert sorted(outcomes) == ["partition_taken"] * (RACERS - 1) + ["won"]
    kept = ledger.page().uploads
    assert [upload.id for upload in kept] == [an_upload(outcomes.index("won")).id]
    assert [change.actor for change in ledger.history(kept[0].id)] == [str(outcomes.index("won"))]


def test_one_of_many_moves_an_upload(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(), actor="a")
    ledger.move(an_upload().id, State.CHECKING, actor="a")
    outcomes = race(
        lambda racer: attempt(
            lambda: ledger.move(an_upload().id, State.PUBLISHED, actor=str(racer), revision=f"r{racer}")
        )
    )
    assert sorted(outcomes) == ["won"] + ["wrong_state"] * (RACERS - 1)
    winner = outcomes.index("won")
    upload = ledger.get(an_upload().id)
    assert upload is not None
    assert upload.revision == f"r{winner}"
    assert [(change.state, change.actor) for change in ledger.history(upload.id)][2:] == [
        (State.PUBLISHED, str(winner))
    ]


def test_a_cancel_and_the_check_never_both_win(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(), actor="a")
    ledger.move(an_upload().id, State.UPLOADING, actor="a")
    outcomes = race(
        lambda racer: attempt(
            lambda: ledger.move(an_upload().id, State.CANCELLED if racer % 2 else State.CHECKING, actor=str(racer))
        )
    )
    cancelled = outcomes[1::2].count("won")
    checked = outcomes[0::2].count("won")
    upload = ledger.get(an_upload().id)
    assert upload is not None
    if upload.state is State.CANCELLED:
        assert (cancelled, checked) == (1, 0)
    else:  # the check may be entered again by itself
        assert (cancelled, checked) == (0, RACERS // 2)
    assert len(ledger.history(upload.id)) == 3


def test_one_of_many_claims_a_landed_object(ledger: SqlUploadLedger) -> None:
    ledger.add(an_upload(), actor="a")
    assert race(lambda _: ledger.claim(an_upload().id, lease_seconds=60)).count(True) == 1


def test_one_of_many_takes_a_new_lease(ledger: SqlUploadLedger) -> None:
    assert race(lambda racer: ledger.acquire("promote", holder=str(racer), seconds=60)).count(True) == 1


def test_one_of_many_takes_over_a_lease_that_is_over(ledger: SqlUploadLedger) -> None:
    assert ledger.acquire("promote", holder="gone", seconds=0)
    assert race(lambda racer: ledger.acquire("promote", holder=str(racer), seconds=60)).count(True) == 1


def test_one_of_many_promotes_a_partition(ledger: SqlUploadLedger) -> None:
    upload = publish(ledger, an_upload())
    assert race(lambda _: ledger.set_promoted(upload.id, was=None, now="r1", published="r1")).count(True) == 1
    assert [change.state for change in ledger.history(upload.id)].count(State.PROMOTED) == 1


def test_a_withdrawal_and_a_promotion_leave_nothing_behind(ledger: SqlUploadLedger) -> None:
    upload = publish(ledger, an_upload())

    def act(racer: int) -> bool:
        if racer == 0:
            ledger.move(upload.id, State.WITHDRAWN, actor="a")
            return True
        return ledger.set_promoted(upload.id, was=None, now="r1", published="r1")

    promoted = any(race(act)[1:])
    assert [row.promoted for row in ledger.mirror()] == (["r1"] if promoted else [])


def test_a_mail_recorded_by_many_at_once_is_recorded_once(ledger: SqlUploadLedger) -> None:
    race(lambda _: ledger.record_mail("published-1", to="ann@example.org"))
    assert ledger.mailed("published-1")


def test_attempts_at_a_code_are_counted_one_by_one(identity: SqlIdentityLedger) -> None:
    identity.save_code(SignInCode("ann@example.org", "browser", "hash", NOON + timedelta(minutes=10), attempts=0))
    codes = race(lambda _: identity.take_attempt("ann@example.org", "browser"))
    assert sorted(code.attempts for code in codes if code) == list(range(1, RACERS + 1))


def test_one_of_many_uses_a_code_up(identity: SqlIdentityLedger) -> None:
    identity.save_code(SignInCode("ann@example.org", "browser", "hash", NOON + timedelta(minutes=10), attempts=0))
    assert race(lambda _: identity.drop_code("ann@example.org", "browser")).count(True) == 1


def test_of_tokens_of_one_name_issued_at_once_one_is_good(identity: SqlIdentityLedger) -> None:
    race(lambda racer: identity.add_token(f"token-{racer}", email="ann@example.org", name="laptop"))
    assert len([racer for racer in range(RACERS) if identity.token(f"token-{racer}")]) == 1


def test_tries_of_many_at_once_are_each_counted(identity: SqlIdentityLedger) -> None:
    counts = race(lambda _: identity.count_try("name", within=timedelta(minutes=15)))
    assert sorted(counts) == list(range(1, RACERS + 1))


IN_ANOTHER_PROCESS = """
import sys
from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Conflict
from tests.adapters.ledger_samples import NOON, an_upload
from tests.fakes.clock import FixedClock

ledger = SqlUploadLedger(make_engine(sys.argv[1]), clock=FixedClock(NOON))
sys.stdin.read()
print(sum(ledger.claim(an_upload(number).id, lease_seconds=60) for number in range(50)))
"""


def test_processes_that_share_a_ledger_share_its_work(ledger: SqlUploadLedger, ledger_url: str) -> None:
    for number in range(50):
        ledger.add(an_upload(number), actor="a")
    started = [
        subprocess.Popen(
            [sys.executable, "-c", IN_ANOTHER_PROCESS, ledger_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.close()  # both wait here, so that they run together
        process.stdin = None
    claimed = [int(process.communicate(timeout=60)[0]) for process in started]
    assert sum(claimed) == 50
    assert not ledger.claim(an_upload(0).id, lease_seconds=60)
