"""Listings: databases, tables and what promotion must do, derived from the uploads by their indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from include.adapters.ledger.tables import (
    IS_LIVE,
    IS_PUBLISHED,
    IS_UNMIRRORED,
    PUBLISHED_REVISION,
    UPLOAD_COLUMNS,
    uploads,
)
from include.domain.promotion import Mirrored
from include.domain.upload import GIVEN_UP, GONE, Upload
from include.ports import PublishedTable

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Names are sorted here: how a database sorts `_` depends on its collation.


def databases(connection: Connection) -> tuple[str, ...]:
    """Short names of all databases with a published upload, sorted."""
    return tuple(sorted(connection.execute(select(uploads.c.database).where(IS_LIVE).distinct()).scalars()))


def tables(connection: Connection, database: str) -> tuple[PublishedTable, ...]:
    """The tables of a database that have a published upload, sorted by name."""
    nth = func.row_number().over(partition_by=uploads.c.table, order_by=(uploads.c.published_at, uploads.c.id))
    ranked = (
        select(uploads.c.table, uploads.c.uploader, uploads.c.published_at, nth.label("nth"))
        .where(IS_LIVE, IS_PUBLISHED, uploads.c.database == database)
        .subquery()
    )
    query = select(
        ranked.c.table,
        func.max(case((ranked.c.nth == 1, ranked.c.uploader))),
        func.count(),
        func.max(ranked.c.published_at),
        func.min(ranked.c.published_at),
    ).group_by(ranked.c.table)
    found = [PublishedTable(database, *row) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda table: table.table))


def table_names(connection: Connection, *, database: str | None) -> tuple[tuple[str, str], ...]:
    """Database and table of every upload that was neither refused nor cancelled, sorted."""
    query = select(uploads.c.database, uploads.c.table).where(uploads.c.state.not_in(GIVEN_UP)).distinct()
    if database is not None:
        query = query.where(uploads.c.database == database)
    return tuple(sorted((row[0], row[1]) for row in connection.execute(query)))


def last_published(connection: Connection, database: str, table: str, *, limit: int) -> tuple[Upload, ...]:
    """The uploads of a table that were published last and still are, newest first."""
    query = (
        select(*UPLOAD_COLUMNS)
        .where(IS_LIVE, uploads.c.database == database, uploads.c.table == table)
        .order_by(uploads.c.published_at.desc(), uploads.c.id.desc())
        .limit(limit)
    )
    return tuple(Upload(**row) for row in connection.execute(query).mappings())


def has_used(connection: Connection, database: str, table: str, *, uploader: str) -> bool:
    """Whether somebody has an upload in a table that was not refused, cancelled or withdrawn."""
    of = uploads.c
    query = select(of.id).where(
        of.database == database, of.table == table, of.uploader == uploader, of.state.not_in(GONE)
    )
    return connection.execute(query.limit(1)).first() is not None


def with_bytes(connection: Connection, database: str, table: str, *, sha256: str, besides: str) -> Upload | None:
    """Another upload of a table with this SHA-256: the earliest that is published, or else is on its way."""
    of = uploads.c
    query = (
        select(*UPLOAD_COLUMNS)
        .where(of.sha256 == sha256, of.database == database, of.table == table)
        .where(of.id != besides, of.state.not_in(GONE))
        .order_by(of.published_at.is_(None), of.created_at, of.id)
    )
    found = connection.execute(query.limit(1)).mappings().first()
    return Upload(**found) if found else None


def unmirrored(connection: Connection, *, database: str | None, table: str | None) -> tuple[Mirrored, ...]:
    """The uploads whose published and promoted revisions differ."""
    query = select(
        uploads.c.id,
        uploads.c.database,
        uploads.c.table,
        uploads.c.extraction_timestamp,
        PUBLISHED_REVISION,
        uploads.c.promoted_revision,
        uploads.c.taken_revision,
    ).where(IS_UNMIRRORED)
    if database is not None:
        query = query.where(uploads.c.database == database)
    if table is not None:
        query = query.where(uploads.c.table == table)
    found = [Mirrored(*row) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda row: (row.database, row.table, row.extraction_timestamp)))
