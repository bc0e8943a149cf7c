from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import NullPool, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from include.adapters.ledger import engine as engines
from include.adapters.ledger.engine import make_engine, reading, writing
from include.adapters.ledger.tables import mails, upload_states
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Transient
from include.domain.upload import State
from tests.adapters.ledger_samples import NOON, an_upload
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def test_a_sqlite_ledger_is_opened_for_many_writers(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new' / 'folder' / 'ledger.db'}")
    with reading(engine) as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_ledger_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="needs a SQLite file"):
        make_engine(url)


def test_connections_are_not_kept_unless_asked_for(ledger_url: str) -> None:
    assert isinstance(make_engine(ledger_url).pool, NullPool)
    assert not isinstance(make_engine(ledger_url, pooled=True).pool, NullPool)


def test_a_failed_transaction_leaves_nothing_behind(ledger_engine: Engine) -> None:
    def fail() -> None:
        with writing(ledger_engine) as connection:
            connection.execute(insert(mails).values(id="m", recipient="a", sent_at=NOON))
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fail()
    with reading(ledger_engine) as connection:
        assert connection.execute(select(mails)).all() == []


def test_history_without_its_upload_is_refused(ledger_engine: Engine) -> None:
    row = {"upload_id": "none", "state": State.STARTED, "at": NOON, "actor": "a", "note": ""}
    with pytest.raises(IntegrityError), writing(ledger_engine) as connection:
        connection.execute(insert(upload_states).values(row))


def test_errors_do_not_carry_what_was_written(ledger_engine: Engine) -> None:
    row = {"id": "m", "recipient": "ann@example.org", "sent_at": NOON}
    with pytest.raises(IntegrityError) as failure, writing(ledger_engine) as connection:
        connection.execute(insert(mails), [row, row])
    assert "ann@example.org" not in str(failure.value)


def test_a_busy_sqlite_ledger_is_a_passing_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    path = tmp_path / "ledger.db"
    engine = make_engine(f"sqlite:///{path}")
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Transient) as fault, writing(engine):
        pytest.fail("the other writer was not waited for")
    assert fault.value.code == "ledger_unavailable"
    with reading(engine) as connection:  # readers are not held up
        connection.execute(text("SELECT 1"))
    other.close()


def test_threads_of_a_server_take_turns_to_write_to_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'ledger.db'}", pooled=True)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE counted (number INTEGER)"))
        connection.execute(text("INSERT INTO counted VALUES (0)"))

    def count(_: int) -> None:
        with writing(engine) as connection:
            number = connection.execute(text("SELECT number FROM counted")).scalar_one()
            connection.execute(text("UPDATE counted SET number = :next"), {"next": number + 1})

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(count, range(64)))
    with reading(engine) as connection:
        assert connection.execute(text("SELECT number FROM counted")).scalar_one() == 64

    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    with writing(engine), ThreadPoolExecutor(1) as pool, pytest.raises(Transient):
        pool.submit(count, 0).result()
    engine.dispose()


def test_a_sqlite_ledger_without_its_tables_is_not_a_passing_fault(tmp_path: Path) -> None:
    ledger = SqlUploadLedger(make_engine(f"sqlite:///{tmp_path / 'ledger.db'}"), clock=FixedClock(NOON))
    with pytest.raises(OperationalError, match="no such table"):
        ledger.get("x")


def test_a_postgresql_that_is_away_is_a_passing_fault(tmp_path: Path) -> None:
    ledger = SqlUploadLedger(make_engine(f"postgresql+psycopg://x@/x?host={tmp_path}"), clock=FixedClock(NOON))
    with pytest.raises(Transient):
        ledger.get("x")


def test_a_pool_that_is_used_up_is_a_passing_fault(ledger_url: str) -> None:
    engine = make_engine(ledger_url, pooled=True)
    engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    held = [engine.connect() for _ in range(2 * engines.POOL)]
    with pytest.raises(Transient), reading(engine):
        pytest.fail("there was a connection left")
    for connection in held:
        connection.close()
    engine.dispose()


def test_a_postgresql_deadlock_is_a_passing_fault(migrated_postgres: str) -> None:
    engine, both_hold_one = make_engine(migrated_postgres), Barrier(2)

    def lock(first: int, second: int) -> str:
        try:
            with writing(engine) as connection:
                connection.exec_driver_sql("SET LOCAL deadlock_timeout = '50ms'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({first})")
                both_hold_one.wait()
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({second})")
        except Transient as fault:
            return fault.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lock, (1, 2), (2, 1))) == ["done", "ledger_unavailable"]


def test_a_connection_lost_on_the_way_is_a_passing_fault(migrated_postgres: str) -> None:
    engine = make_engine(migrated_postgres)

    def lose() -> None:
        with writing(engine) as connection:
            mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with writing(engine) as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({mine})")
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(Transient):
        lose()


def test_a_pooled_connection_that_died_is_replaced(migrated_postgres: str) -> None:
    engine = make_engine(migrated_postgres, pooled=True)
    with reading(engine) as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with writing(make_engine(migrated_postgres)) as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({mine})")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    engine.dispose()


KILLED_WHILE_WRITING = """
import os, signal, sys
from include.adapters.ledger.engine import make_engine, writing
from include.adapters.ledger.tables import uploads
from sqlalchemy import update

with writing(make_engine(sys.argv[1])) as connection:
    connection.execute(update(uploads).values(rows=13))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_while_writing_leaves_nothing_behind(ledger_url: str) -> None:
    ledger = SqlUploadLedger(make_engine(ledger_url), clock=FixedClock(NOON))
    ledger.add(an_upload(), actor="a")
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, ledger_url], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert ledger.get(an_upload().id) == an_upload()
    assert ledger.claim(an_upload().id, lease_seconds=60)


def test_a_fork_uses_connections_of_its_own(ledger_url: str) -> None:
    engine = make_engine(ledger_url)
    ledger = SqlUploadLedger(engine, clock=FixedClock(NOON))
    ledger.add(an_upload(), actor="a")
    opened: list[int] = []
    event.listen(engine, "connect", lambda *_: opened.append(os.getpid()))
    child = os.fork()
    if child == 0:
        won = ledger.claim(an_upload().id, lease_seconds=60)
        os._exit(0 if won and opened == [os.getpid()] else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert not ledger.claim(an_upload().id, lease_seconds=60)
