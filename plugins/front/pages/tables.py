"""Tables: what databases there are, what is in them, how a table came to its columns, and uploading into it."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from include.domain.errors import NotFound, Terminal
from include.services import destinations, reading, restrictions, signing_in, table_options, tables
from include.services.areas import Areas
from include.services.notices import next_promotion
from include.services.table_owners import owner_of_published
from plugins.front.answers import Answers, NameAnswer
from plugins.front.downloads import download
from plugins.front.links import path_of
from plugins.front.provided import Context
from plugins.front.rendering import moment, page
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter(prefix="/tables")
log = logging.getLogger(__name__)

PER_PAGE = 50
_NAME_MAX = 100  # characters of a filter; a database's name has 63


@router.get("", name="tables")
def list_databases(
    request: Request,
    *,
    context: Context,
    session: SignedIn,
    name: Annotated[str, Query(max_length=_NAME_MAX)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """The databases, all or those with a part of their name."""
    found = tables.find_databases(context, holding=name, number=number, per_page=PER_PAGE)
    return page(request, context, "tables/databases.html", session=session, found=found, name=name)


@router.get("/{database}", name="database_tables")
def list_tables(
    request: Request,
    *,
    context: Context,
    session: SignedIn,
    database: str,
    name: Annotated[str, Query(max_length=_NAME_MAX)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """The tables of a database, all or those with a part of their name."""
    known = reading.tables(context, database)
    found = [each for each in known if name.strip().lower() in each.table]
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(number, pages)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    return page(
        request,
        context,
        "tables/database.html",
        session=session,
        database=database,
        glue_database=Areas(context.settings).database(database),
        tables=[(each, owner_of_published(context, each)) for each in shown],
        total=len(known),
        found=len(found),
        number=number,
        pages=pages,
        name=name,
    )


@router.get("/{database}/tables/{table}", name="table_page")
def one_table(
    request: Request,
    *,
    context: Context,
    session: SignedIn,
    database: str,
    table: str,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """A table: its columns and how they came to be, its partitions, and how to query it."""
    detail = tables.table(context, database, table, by=session.email, cursor=cursor, limit=PER_PAGE)
    try:
        columns, problem = tables.columns(context, detail), ""
        how = table_options.of_table(context, database, table).options
    except NotFound as missing:
        columns, problem, how = (), missing.code, None
        log.error("%s: %s", missing.code, missing.detail)  # noqa: TRY400 - no fault of this code
    except Terminal as unreadable:
        columns, problem, how = (), unreadable.code, None
        log.exception("the catalogue entry of %s cannot be read", detail.athena_reference)
    return page(
        request,
        context,
        "tables/table.html",
        session=session,
        status=HTTPStatus.INTERNAL_SERVER_ERROR if problem else HTTPStatus.OK,
        detail=detail,
        columns=columns,
        how=how,
        problem=problem,
        who_may_add=restrictions.who_may_append(context, database, table),
        may_add=restrictions.may_append(context, database, table, by=session.email),
        first=cursor is None,
        query=tables.first_look(detail),
        promotion=moment(next_promotion(context.clock.now())),
    )


@router.get("/{database}/tables/{table}/metadata", name="table_metadata")
def table_metadata(*, context: Context, session: SignedIn, database: str, table: str) -> Response:
    """The table's mojap-metadata, to be saved."""
    detail = tables.table(context, database, table, by=session.email, limit=1)
    text = json.dumps(tables.metadata(context, detail), indent=2, ensure_ascii=False)
    return download(text + "\n", filename=f"{table}.json", media_type="application/json")


@router.post("/{database}/tables/{table}/upload", name="upload_into")
def upload_into(request: Request, *, context: Context, session: OwnForm, database: str, table: str) -> Response:
    """Begin an upload into this table: steps 2 and 3 are answered, data governance is asked as for any file."""
    destinations.check_database(context, database, create=False)
    destinations.check_table(context, database, table, create=False)
    restrictions.refuse_restricted(context, database, table, by=session.email)
    answers = Answers(database=NameAnswer(database, new=False), table=NameAnswer(table, new=False))
    signing_in.take_answers(
        context, session, answers.as_dict(), what="upload into a table begun", database=database, table=table
    )
    return RedirectResponse(path_of(request, "governance"), HTTPStatus.SEE_OTHER)
