"""Rows whose time is over: counted, and deleted when that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from include.adapters.ledger.engine import reading, writing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine, Table


def count_past(engine: Engine, table: Table, over: ColumnElement[bool], *, drop: bool) -> int:
    """How many rows of a table are over; with `drop` they are deleted."""
    if drop:
        with writing(engine) as connection:
            return connection.execute(delete(table).where(over)).rowcount
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table).where(over)).scalar_one()
