"""The databases that the ledger's contract is tested on: a SQLite file and a real PostgreSQL, new for each test."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.migrate import migrate
from include.adapters.ledger.tables import metadata
from tests.adapters.postgres_server import postgres_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """A function that creates an empty database and returns its URL."""
    with postgres_server() as socket:

        def create() -> str:
            name = f"ledger_{next(_numbers)}"
            with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            return f"postgresql+psycopg://postgres@/{name}?host={socket}"

        yield create


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite ledger at the newest revision, to copy."""
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Callable[[], str]) -> str:
    """The URL of a PostgreSQL ledger at the newest revision, to empty and use again."""
    url = postgres()
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it, on each kind of server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    create: Callable[[], str] = request.getfixturevalue("postgres")
    return create()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated ledger with nothing in it, on each kind of server."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres")
    with make_engine(url).begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return url


@pytest.fixture
def ledger_engine(ledger_url: str) -> Iterator[Engine]:
    """The engine of a migrated ledger with nothing in it, pooled; the races are run without a pool."""
    engine = make_engine(ledger_url, pooled=True)
    yield engine
    engine.dispose()
