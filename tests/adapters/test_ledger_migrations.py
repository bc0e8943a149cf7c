from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.migrate import downgrade, migrate
from include.adapters.ledger.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

TABLES = {*metadata.tables, "alembic_version"}


def written_schema(engine: Engine) -> set[str]:
    """Every table and index in the database's own words; blanks, order and a qualified column make no difference."""
    query = (
        "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND sql IS NOT NULL"
        if engine.dialect.name == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version' UNION "
        "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable "
        "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
    )
    with engine.connect() as connection:
        statements = connection.execute(text(query)).scalars().all()
    return {
        " ".join(sorted(re.sub(r"[\s,]+", " ", statement.replace("uploads.", "")).split())) for statement in statements
    }


def test_the_migrations_make_what_the_models_say(empty_url: str) -> None:
    migrate(empty_url)
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    assert set(inspect(engine).get_table_names()) == TABLES


def test_partial_indexes_and_constraints_are_the_same_by_migration_and_by_model(
    empty_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    migrate(empty_url)
    by_migration = make_engine(empty_url)
    if by_migration.dialect.name == "sqlite":
        by_model = make_engine(f"sqlite:///{tmp_path / 'by_model.db'}")
    else:
        create: Callable[[], str] = request.getfixturevalue("postgres")
        by_model = make_engine(create())
    metadata.create_all(by_model)
    assert written_schema(by_migration) == written_schema(by_model)


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    engine = make_engine(empty_url)
    before = written_schema(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO mails VALUES ('m', 'somebody@example.org', '2026-01-31 00:00:00.000000')"))
    migrate(empty_url)
    assert written_schema(engine) == before
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM mails")).scalar() == 1


def test_downgrading_removes_every_table_and_migrating_brings_them_back(empty_url: str) -> None:
    migrate(empty_url)
    downgrade(empty_url)
    assert set(inspect(make_engine(empty_url)).get_table_names()) == {"alembic_version"}
    migrate(empty_url)
    assert set(inspect(make_engine(empty_url)).get_table_names()) == TABLES


def test_threads_that_migrate_at_once_all_find_it_done(empty_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(migrate, [empty_url] * 8))
    assert set(inspect(make_engine(empty_url)).get_table_names()) == TABLES


def test_processes_that_migrate_at_once_all_find_it_done(empty_url: str) -> None:
    program = "import sys; from include.adapters.ledger.migrate import migrate; sys.stdin.read(); migrate(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", program, empty_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.close()  # all wait here, so that they migrate together
        process.stdin = None
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert ended == [(b"", 0)] * 3
    assert set(inspect(make_engine(empty_url)).get_table_names()) == TABLES


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    engine = make_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE leases (name VARCHAR)"))  # the migration will stumble over this
    with pytest.raises(Exception, match="leases"):
        migrate(empty_url)
    assert set(inspect(engine).get_table_names()) == {"leases"}
