"""Databases and tables over HTTP: what has been published, and in which partitions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from include.domain import names
from include.domain.column_history import ColumnChange
from include.domain.option_words import in_words
from include.services import reading, table_options
from include.services import tables as tables_of
from include.services.table_owners import owner_of_published
from plugins.front.api import table_models
from plugins.front.api.models import ReadingOptionsOut
from plugins.front.api.problems import describe
from plugins.front.provided import Context
from plugins.front.visitors import ApiCaller

router = APIRouter(prefix="/databases", tags=["databases"])


@router.get("", summary="List databases", responses=describe(401, 503))
def databases(caller: ApiCaller, context: Context) -> table_models.DatabasesOut:
    """All databases with a published upload."""
    del caller
    env = context.settings.env
    return table_models.DatabasesOut(
        databases=[
            table_models.DatabaseOut(database=name, glue_database=names.full_database_name(name, env=env))
            for name in reading.databases(context)
        ]
    )


@router.get("/{database}/tables", summary="List tables", responses=describe(401, 404, 503))
def tables(database: str, caller: ApiCaller, context: Context) -> table_models.TablesOut:
    """All tables of a database with a published upload."""
    del caller
    env = context.settings.env
    return table_models.TablesOut(
        database=database,
        tables=[
            table_models.TableSummary(
                table=known.table,
                athena_reference=names.athena_reference(database, known.table, env=env),
                owner=owner_of_published(context, known),
                partitions=known.partitions,
                last_published_at=known.last_published_at,
            )
            for known in reading.tables(context, database)
        ],
    )


@router.get("/{database}/tables/{table}", summary="Look at a table", responses=describe(401, 404, 422, 503))
def one_table(
    database: str,
    *,
    table: str,
    caller: ApiCaller,
    context: Context,
    limit: Annotated[int, Query(ge=1, le=reading.PAGE_MAX, description="partitions on a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None,
) -> table_models.TableOut:
    """Its columns with what their values have shown, and its partitions, newest first."""
    detail = tables_of.table(context, database, table, by=caller.email, cursor=cursor, limit=limit)
    how = table_options.of_table(context, database, table)
    return table_models.TableOut(
        database=detail.database,
        table=detail.table,
        athena_reference=detail.athena_reference,
        s3_path=detail.s3_path,
        owner=detail.owner,
        columns=[
            table_models.TableColumn(
                name=column.name,
                type=column.type,
                evidence=column.evidence.to_json(),
                description=column.comment,
                history=[_change(change) for change in column.changes],
            )
            for column in tables_of.columns(context, detail)
        ],
        reading_options=ReadingOptionsOut(**in_words(how.options)),
        reading_options_reviewed=how.reviewed,
        partition_count=detail.partition_count,
        partitions=[
            table_models.PartitionOut(
                extraction_timestamp=partition.extraction_timestamp,
                rows=partition.rows,
                uploader=partition.uploader,
                published_at=partition.published_at,
                promoted_at=partition.promoted_at,
                promotion=partition.promotion,
                upload_id=partition.upload_id,
            )
            for partition in detail.partitions
        ],
        next_cursor=detail.next_cursor,
    )


@router.get(
    "/{database}/tables/{table}/metadata", summary="A table's mojap-metadata", responses=describe(401, 404, 503)
)
def metadata(database: str, *, table: str, caller: ApiCaller, context: Context) -> table_models.MetadataOut:
    """The table as tools of the Analytical Platform describe one: columns with types in Arrow's words."""
    detail = tables_of.table(context, database, table, by=caller.email, limit=1)
    return table_models.MetadataOut.model_validate(tables_of.metadata(context, detail))


def _change(change: ColumnChange) -> table_models.ColumnChangeOut:
    return table_models.ColumnChangeOut(
        type=change.type,
        was=change.was,
        extraction_timestamp=change.by.extraction_timestamp if change.by else None,
        uploader=change.by.uploader if change.by else None,
        at=change.by.published_at if change.by else None,
        withdrawn=change.by is not None and change.by.gone_at is not None,
    )
