"""Going on with an upload: the page on which the same file is chosen again, and the session that a page has now."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import RedirectResponse, Response

from include.domain.errors import Conflict
from include.services import reading
from include.services.upload_parts import stored_parts
from plugins.front.links import path_of
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.visitors import MaybeSession, SignedIn

router = APIRouter()


@router.get("/uploads/{upload_id}/continue", name="continue_upload")
def continue_upload(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """Choose the same file again; an upload that is not under way has a status and nothing to continue."""
    upload = reading.own_upload(context, upload_id, by=session.email)
    try:
        arrived = sum(part.size for part in stored_parts(context, upload_id, by=session.email))
    except Conflict:
        return RedirectResponse(path_of(request, "upload", upload_id=upload_id), HTTPStatus.SEE_OTHER)
    return page(
        request,
        context,
        "continue.html",
        session=session,
        upload=upload,
        arrived=arrived,
        api=path_of(request, "api", path="").rstrip("/"),
    )


@router.get("/session", name="session")
def session_now(session: MaybeSession) -> JSONResponse:
    """Who is signed in, and what a page of theirs proves itself with; only scripts of this origin can read it."""
    if session is None:
        return JSONResponse({"email": None}, HTTPStatus.UNAUTHORIZED)
    return JSONResponse({"email": session.email, "csrf": session.csrf})
