"""Tables whose own columns have changed without any of their partitions, until promotion has brought them over."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import delete, insert, select

from include.adapters.ledger.tables import changed_tables
from include.domain.promotion import ChangedTable

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


def note(connection: Connection, database: str, table: str) -> None:
    """One more note: who forgets an earlier one, having read the table before this change, does not forget this."""
    connection.execute(insert(changed_tables).values(note=uuid4().hex, database=database, table=table))


def noted(connection: Connection, *, database: str | None, table: str | None) -> tuple[ChangedTable, ...]:
    """All notes, or those of a database or table."""
    query = select(changed_tables.c.note, changed_tables.c.database, changed_tables.c.table)
    if database is not None:
        query = query.where(changed_tables.c.database == database)
    if table is not None:
        query = query.where(changed_tables.c.table == table)
    found = [ChangedTable(*row) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda one: (one.database, one.table, one.note)))


def forget(connection: Connection, notes: Collection[ChangedTable]) -> None:
    """Forget these notes and no others."""
    connection.execute(delete(changed_tables).where(changed_tables.c.note.in_([one.note for one in notes])))
