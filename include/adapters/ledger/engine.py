"""The engine: how the ledger's database is opened, and what its errors mean."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from include.domain.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

POOL = 20  # connections that a pool keeps, and as many again while they are needed: a server has 40 threads
BUSY_SECONDS = 30  # how long a SQLite connection waits for another's write

_SQLITE_PASSING = frozenset({5, 6})  # SQLITE_BUSY, SQLITE_LOCKED
_SQLITE_PRIMARY = 0xFF  # of an extended result code: https://www.sqlite.org/rescode.html
_SQLITE_LOOK_SECONDS = 0.05
# Connection, rolled back by the server, out of resources, lock not available, server going down or coming up.
_POSTGRESQL_PASSING = ("08", "40", "53", "55P03", "57P0")


def make_engine(url: str, *, pooled: bool = False) -> Engine:
    """The engine of a ledger URL.

    Unpooled, each transaction opens its own connection: right wherever processes fork (Airflow's workers), because a
    connection carried across a fork breaks both sides. A server that does not fork may pool.
    """
    parsed = make_url(url)
    options: dict[str, Any] = {"hide_parameters": True}  # parameters hold addresses and hashes; errors go to logs
    options |= {"pool_size": POOL, "max_overflow": POOL} if pooled else {"poolclass": NullPool}
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=pooled, **options)
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("the ledger needs a SQLite file: an in-memory database is another one for each connection")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    if pooled:
        options["execution_options"] = {"turn": Lock()}
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = None  # the driver begins no transactions of its own: `_begin_sqlite` does
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Let readers and a writer at the file at once, which is a property of the file: the first to open it sets it.

    Of several who do so at the same moment SQLite refuses all but one at once, without waiting.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _SQLITE_PRIMARY not in _SQLITE_PASSING or time.monotonic() >= end:
                raise
            time.sleep(_SQLITE_LOOK_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another wrote in between, without waiting:
    # so writers take the write lock from the start.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; a database that is away or busy is Transient."""
    with _translated(), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes, committed at the end; a database that is away, busy or in conflict is Transient."""
    with _translated(), _turn(engine), engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """The turn of one thread of a server to write to SQLite, first come, first served.

    SQLite itself has those who wait look again after a while, each time a longer one: under load some wait for seconds.
    """
    turn: Lock | None = engine.get_execution_options().get("turn")
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=BUSY_SECONDS):
        raise _unavailable()
    try:
        yield
    finally:
        turn.release()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise _unavailable() from error
    except DBAPIError as error:
        if _passes(error):
            raise _unavailable() from error
        raise


def _passes(error: DBAPIError) -> bool:
    """Whether trying again can help, by the driver's own code."""
    if error.connection_invalidated:
        return True
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(sqlite_code, int):
        return sqlite_code & _SQLITE_PRIMARY in _SQLITE_PASSING
    # psycopg says sqlstate, psycopg2 pgcode; a connection that was never made has neither.
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if isinstance(state, str):
        return state.startswith(_POSTGRESQL_PASSING)
    return type(error.orig).__name__ in {"OperationalError", "InterfaceError", "ConnectionTimeout"}


def _unavailable() -> Transient:
    return Transient(
        "The ledger's database did not answer in time or is busy. Try again in a minute.",
        code="ledger_unavailable",
        title="Sorry, the service is busy",
    )
