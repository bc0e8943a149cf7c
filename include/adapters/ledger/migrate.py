"""Migrations run from the program: whoever starts first brings the ledger up to date, the others wait for it."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from include.adapters.ledger.engine import make_engine, reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SCRIPTS = Path(__file__).parent / "migrations"
_ADVISORY_KEY = 7_264_113_205_118_846_021  # any number, the same in every process
_one_at_a_time = Lock()  # Alembic keeps the run under way in module globals


def migrate(url: str) -> None:
    """Bring the ledger to the newest revision, in one transaction; does nothing when it is there."""
    engine, config = make_engine(url), _config()
    newest = set(ScriptDirectory.from_config(config).get_heads())
    with reading(engine) as connection:
        if set(MigrationContext.configure(connection).get_current_heads()) == newest:
            return
    with _one_at_a_time, writing(engine) as connection:
        _wait_for_others(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def downgrade(url: str, *, to: str = "base") -> None:
    """Take the ledger back to a revision; `base` removes every table and what is in it."""
    engine, config = make_engine(url), _config()
    with _one_at_a_time, writing(engine) as connection:
        _wait_for_others(connection)
        config.attributes["connection"] = connection
        command.downgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _wait_for_others(connection: Connection) -> None:
    # On SQLite the write lock of the transaction itself keeps the others out.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
