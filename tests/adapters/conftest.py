"""The databases that the ledger's contract is tested on: a SQLite file and a real PostgreSQL, new for each test."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest

from include.adapters.ledger.migrate import migrate
from tests.adapters.postgres_server import postgres_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[..., str]]:
    """A function that creates a database, empty or a copy of another, and returns its URL."""
    with postgres_server() as socket:

        def create(template: str = "template1") -> str:
            name = f"ledger_{next(_numbers)}"
            with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"'.encode())
            return f"postgresql+psycopg://postgres@/{name}?host={socket}"

        yield create


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite ledger at the newest revision, to copy."""
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Callable[..., str]) -> str:
    """The name of a PostgreSQL ledger at the newest revision, to copy."""
    url = postgres()
    migrate(url)
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it, on each kind of server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    create: Callable[..., str] = request.getfixturevalue("postgres")
    return create()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated ledger with nothing in it, on each kind of server."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    create: Callable[..., str] = request.getfixturevalue("postgres")
    return create(request.getfixturevalue("migrated_postgres"))
