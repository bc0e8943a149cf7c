"""What differs between published and promoted, by the ledger: no listing, no watermark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import NotFound
from include.domain.promotion import TablePlan, of_upload, plan
from include.services.promotion.left_behind import left_behind

if TYPE_CHECKING:
    from include.services.context import PromotionContext


def plan_promotion(
    context: PromotionContext, *, database: str | None = None, table: str | None = None, upload_id: str | None = None
) -> tuple[TablePlan, ...]:
    """What differs between published and promoted now: all of it, or of one database, table or upload.

    With an upload comes what its table needs to stay whole: see `of_upload`.
    """
    changed = context.ledger.changed_tables(database=database, table=table) if upload_id is None else ()
    rows = context.ledger.mirror(database=database, table=table)
    known = {row.upload_id for row in rows}
    rows += tuple(row for row in left_behind(context, database=database, table=table) if row.upload_id not in known)
    return plan(rows if upload_id is None else of_upload(rows, upload_id), changed=changed)


def place_of(
    context: PromotionContext, *, database: str | None = None, table: str | None = None, upload_id: str | None = None
) -> tuple[str | None, str | None]:
    """Database and table of what a form names, None for all; those of the upload if it names one.

    NotFound if nobody ever uploaded there: a misspelt name is not a table in which nothing differs.
    """
    if upload_id is not None:
        upload = context.ledger.get(upload_id)
        if upload is None:
            raise NotFound(f"There is no upload {upload_id}.", code="no_such_upload")
        if database not in {None, upload.database} or table not in {None, upload.table}:
            raise NotFound(
                f"Upload {upload_id} went to {upload.database}.{upload.table}, which is not what the form names.",
                code="another_table",
            )
        return upload.database, upload.table
    known = context.ledger.table_names(database=database)
    if (database is not None and not known) or (table is not None and table not in {name for _, name in known}):
        named = ".".join(name for name in (database, table) if name is not None)
        raise NotFound(
            f"Nobody has uploaded to {named}. Short names are meant, such as travel.trips.", code="no_such_table"
        )
    return database, table
