"""Tables as their readers see them: columns with their history, partitions, and what is on the Analytical Platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.column_history import column_history, credit, suspects
from include.domain.column_types import display
from include.domain.errors import NotFound, Refused
from include.domain.partition_key import parse_timestamp
from include.domain.queries import quoted
from include.domain.upload import State
from include.domain.withdrawal import may_be_asked
from include.services import reading
from include.services.areas import Areas
from include.services.first_rows import may_see_rows
from include.services.glue_tables import read_schema
from include.services.table_metadata import table_metadata
from include.services.table_owners import owner_of_published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from include.domain.column_history import ColumnChange
    from include.domain.evidence import Evidence
    from include.domain.upload import Upload
    from include.ports import CatalogueTable, PublishedDatabase
    from include.services.context import FrontContext


# States of an upload whose table may be changed for it; one that failed goes on once the cause is mended.
_CHANGING = frozenset({State.WIDENING, State.PUBLISHING, State.FAILED})


@dataclass(frozen=True, kw_only=True)
class DatabaseList:
    """A page of the databases whose names hold what was looked for; `number` counts pages from 1."""

    databases: tuple[PublishedDatabase, ...]
    found: int
    number: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class PublishedPartition:
    """One published upload as the readers of its table see it.

    Attributes:
        promotion: waiting, changed or promoted.
        upload_id: None unless it is this person's own.
        rows_of: the upload's id if this person is shown its first rows, else None.
        withdrawable: whether this person may ask to withdraw it.
    """

    extraction_timestamp: str
    rows: int | None
    uploader: str
    published_at: datetime | None
    promoted_at: datetime | None
    promotion: str
    upload_id: str | None
    rows_of: str | None
    withdrawable: bool


@dataclass(frozen=True, kw_only=True)
class TableDetail:
    """A table that the ledger knows, and a page of its partitions, newest first."""

    database: str
    table: str
    glue_database: str
    athena_reference: str
    s3_path: str
    owner: str
    last_published_at: datetime
    partition_count: int
    partitions: tuple[PublishedPartition, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column as the catalogue has it now, and how it came to that."""

    name: str
    type: str
    evidence: Evidence
    comment: str
    changes: tuple[ColumnChange, ...]


def find_databases(context: FrontContext, *, holding: str = "", number: int = 1, per_page: int = 50) -> DatabaseList:
    """A page of the databases whose full name has this in it; the last page for a number that is too large."""
    wanted, env = holding.strip().lower(), context.settings.env
    found = [name for name in context.ledger.databases() if wanted in names.full_database_name(name, env=env)]
    pages = max(1, -(-len(found) // per_page))
    number = min(max(1, number), pages)
    shown = found[(number - 1) * per_page : number * per_page]
    return DatabaseList(
        databases=context.publications.databases(shown) if shown else (), found=len(found), number=number, pages=pages
    )


def table(
    context: FrontContext, database: str, name: str, *, by: str, cursor: str | None = None, limit: int = 50
) -> TableDetail:
    """A published table, and the partitions older than the one that `cursor` names. The catalogue is not asked."""
    known = next((each for each in reading.tables(context, database) if each.table == name), None)
    if known is None:
        raise NotFound(
            f"There is no table {name} with a published upload in the database {database}.",
            code="table_not_found",
            title="Table not found",
            field="table",
        )
    if cursor is not None:
        _check_cursor(cursor)
    areas, owner = Areas(context.settings), owner_of_published(context, known)
    found = context.publications.live_page(database, name, before=cursor, limit=limit + 1)
    shown = found[:limit]
    return TableDetail(
        database=database,
        table=name,
        glue_database=areas.database(database),
        athena_reference=names.athena_reference(database, name, env=context.settings.env),
        s3_path=areas.ap_table(database, name),
        owner=owner,
        last_published_at=known.last_published_at,
        partition_count=known.partitions,
        partitions=tuple(_partition(context, upload, owner=owner, by=by) for upload in shown),
        next_cursor=shown[-1].extraction_timestamp if len(found) > limit else None,
    )


def columns(context: FrontContext, detail: TableDetail) -> tuple[TableColumn, ...]:
    """The columns of a table in order, each with its history.

    NotFound (`table_not_catalogued`) if the catalogue has no such table though uploads are published into it; Terminal
    if it does not let itself be asked.
    """
    catalogued = _catalogued(context, detail)
    schema = read_schema(catalogued)
    types = {name: display(kind) for name, kind in schema.types().items()}
    history = _history(context, detail, types)
    return tuple(
        TableColumn(
            name=column.name,
            type=types[column.name],
            evidence=column.evidence,
            comment=catalogued.comments.get(column.name, ""),
            changes=history[column.name],
        )
        for column in schema.columns
    )


def first_look(detail: TableDetail) -> str:
    """A query for some rows of a table."""
    return f"SELECT *\nFROM {quoted(detail.glue_database)}.{quoted(detail.table)}\nLIMIT 100"


def metadata(context: FrontContext, detail: TableDetail) -> dict[str, Any]:
    """The table's mojap-metadata; it fails as `columns` does."""
    confirmed = context.publications.governance(detail.database, table=detail.table)
    return table_metadata(
        _catalogued(context, detail),
        location=detail.s3_path,
        classifications={each.classification for each in confirmed},
    )


def _history(
    context: FrontContext, detail: TableDetail, types: Mapping[str, str]
) -> dict[str, tuple[ColumnChange, ...]]:
    # Asked before what is published: an upload that gets there in between is then in both, and not in neither.
    changing = context.ledger.in_states(_CHANGING, database=detail.database, table=detail.table)
    published = context.publications.publications(detail.database, detail.table)
    history = column_history(published, types, under_way={name for each in changing for name, _ in each.columns})
    findings = context.publications.findings(suspects(history, published))
    return credit(history, published, findings)


def _catalogued(context: FrontContext, detail: TableDetail) -> CatalogueTable:
    found = context.catalogue.table(detail.glue_database, detail.table)
    if found is None:
        raise NotFound(
            f"Uploads are published into {detail.athena_reference}, but the catalogue has no such table. Nothing is "
            "lost: the team that runs the service can rebuild the table from the uploaded files.",
            code="table_not_catalogued",
            title="The catalogue does not have this table",
            field="table",
        )
    return found


def _partition(context: FrontContext, upload: Upload, *, owner: str, by: str) -> PublishedPartition:
    if upload.promoted_revision is None:
        promotion = "waiting"
    else:
        promotion = "promoted" if upload.promoted_revision == upload.revision else "changed"
    own = reading.is_own(context, upload, by=by)
    return PublishedPartition(
        extraction_timestamp=upload.extraction_timestamp,
        rows=upload.rows,
        uploader=upload.uploader,
        published_at=upload.published_at,
        promoted_at=upload.promoted_at,
        promotion=promotion,
        upload_id=upload.id if own else None,
        rows_of=upload.id if may_see_rows(upload, own=own, owner=owner, by=by) else None,
        withdrawable=own and may_be_asked(upload, context.withdrawals.get(upload.id)),
    )


def _check_cursor(cursor: str) -> None:
    try:
        parse_timestamp(cursor)
    except Refused:
        raise Refused(
            "The cursor must be one that an earlier page gave as next_cursor.",
            code="bad_cursor",
            title="Cursor is not permitted",
            field="cursor",
        ) from None
