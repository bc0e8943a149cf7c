"""Pages of uploads: newest first, from where a cursor says, of one person and of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_

from include.adapters.ledger import cursors
from include.adapters.ledger.tables import UPLOAD_COLUMNS, uploads
from include.domain.errors import Refused
from include.domain.seeking import STATES
from include.domain.upload import Upload
from include.ports import Page

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from include.domain.seeking import Sought


def page(connection: Connection, *, uploader: str | None, sought: Sought, limit: int, cursor: str | None) -> Page:
    """The page; its index (by person, or by time alone) is walked from the cursor on until the page is full."""
    if limit < 1:
        raise Refused("A page has at least one upload.", code="bad_limit", title="Bad page size", field="limit")
    order = (uploads.c.created_at, uploads.c.id)
    query = select(*UPLOAD_COLUMNS).order_by(*(column.desc() for column in order)).limit(limit + 1)
    if uploader is not None:
        query = query.where(uploads.c.uploader == uploader)
    if sought.group is not None:
        query = query.where(uploads.c.state.in_(sorted(STATES[sought.group])))
    parts = {uploads.c.database: sought.database, uploads.c.table: sought.table, uploads.c.filename: sought.filename}
    for column, part in parts.items():
        if part:
            query = query.where(column.icontains(part, autoescape=True))
    if cursor is not None:
        query = query.where(tuple_(*order) < tuple_(*cursors.read(cursor), types=[column.type for column in order]))
    found = tuple(Upload(**row) for row in connection.execute(query).mappings())
    more = len(found) > limit
    return Page(found[:limit], cursors.write(found[limit - 1].created_at, found[limit - 1].id) if more else None)
