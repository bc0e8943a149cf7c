"""An upload on pages once it was sent: upload complete, status, cancel; and my uploads."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from include.domain.seeking import EVERYTHING, Group, Sought
from include.domain.upload import GONE, State
from include.services import reading, uploading
from plugins.front.links import path_of
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.states import GROUPS
from plugins.front.upload_facts import facts_of
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter()

_PER_PAGE = 20
_PART_MAX = 255
"""Characters of a part of a name; no name is longer."""

Part = Annotated[str, Query()]


@router.get("/uploads", name="uploads")
def mine(
    request: Request,
    *,
    context: Context,
    session: SignedIn,
    state: Part = "",
    database: Part = "",
    table: Part = "",
    filename: Part = "",
    cursor: str | None = None,
) -> Response:
    """My uploads, newest first, those that the form asks for."""
    sought = Sought(
        group=Group(state) if state in GROUPS else None,
        database=database.strip()[:_PART_MAX],
        table=table.strip()[:_PART_MAX],
        filename=filename.strip()[:_PART_MAX],
    )
    found = reading.my_uploads(context, by=session.email, sought=sought, limit=_PER_PAGE, cursor=cursor)
    given = {
        "state": sought.group.value if sought.group else "",
        "database": sought.database,
        "table": sought.table,
        "filename": sought.filename,
    }
    return page(
        request,
        context,
        "uploads.html",
        session=session,
        found=found,
        being_withdrawn=reading.being_withdrawn(context, found.uploads),
        groups=GROUPS,
        given=given,
        filtered=sought != EVERYTHING,
        first=cursor is None,
        newest=_list_path(request, given),
        older=_list_path(request, {**given, "cursor": found.next_cursor}) if found.next_cursor else None,
    )


@router.get("/uploads/{upload_id}", name="upload")
def status(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """How far an upload is, and what was found in the file."""
    detail = reading.upload_detail(context, upload_id, by=session.email)
    return page(request, context, "status.html", **facts_of(request, context, session, detail))


@router.get("/uploads/{upload_id}/complete", name="complete")
def complete(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """Upload complete: where the data will be and what happens next; of one that is over, where it ended."""
    detail = reading.upload_detail(context, upload_id, by=session.email)
    if detail.upload.state in GONE | {State.FAILED}:
        return RedirectResponse(path_of(request, "upload", upload_id=upload_id), HTTPStatus.SEE_OTHER)
    return page(request, context, "complete.html", **facts_of(request, context, session, detail))


@router.post("/uploads/{upload_id}/cancel", name="cancel")
def cancel(request: Request, *, context: Context, session: OwnForm, upload_id: str) -> Response:
    """Give an upload up."""
    uploading.cancel_upload(context, upload_id, by=session.email)
    return RedirectResponse(path_of(request, "upload", upload_id=upload_id), HTTPStatus.SEE_OTHER)


def _list_path(request: Request, query: dict[str, str]) -> str:
    said = urlencode({name: value for name, value in query.items() if value})
    return path_of(request, "uploads") + (f"?{said}" if said else "")
