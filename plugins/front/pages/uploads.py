"""An upload on pages once it was sent: upload complete, status, cancel; and my uploads."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from include.domain.upload import CANCELLABLE
from include.domain.withdrawal import may_be_asked
from include.ports import Session
from include.services import reading, uploading
from include.services.areas import Areas
from include.services.context import FrontContext
from include.services.notices import next_promotion
from plugins.front.links import path_of
from plugins.front.provided import Context
from plugins.front.rendering import moment, page
from plugins.front.states import is_under_way
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter()

_PER_PAGE = 20


@router.get("/uploads", name="uploads")
def mine(request: Request, *, context: Context, session: SignedIn, cursor: str | None = None) -> Response:
    """My uploads, newest first."""
    found = reading.my_uploads(context, by=session.email, limit=_PER_PAGE, cursor=cursor)
    return page(request, context, "uploads.html", session=session, found=found, first=cursor is None)


@router.get("/uploads/{upload_id}", name="upload")
def status(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """How far an upload is, and what was found in the file."""
    return _upload_page(request, context, session, upload_id, "status.html")


@router.get("/uploads/{upload_id}/complete", name="complete")
def complete(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """Upload complete: where the data will be and what happens next."""
    return _upload_page(request, context, session, upload_id, "complete.html")


@router.post("/uploads/{upload_id}/cancel", name="cancel")
def cancel(request: Request, *, context: Context, session: OwnForm, upload_id: str) -> Response:
    """Give an upload up."""
    uploading.cancel_upload(context, upload_id, by=session.email)
    return RedirectResponse(path_of(request, "upload", upload_id=upload_id), HTTPStatus.SEE_OTHER)


def _upload_page(request: Request, context: FrontContext, session: Session, upload_id: str, template: str) -> Response:
    detail = reading.upload_detail(context, upload_id, by=session.email)
    return page(
        request,
        context,
        template,
        session=session,
        detail=detail,
        upload=detail.upload,
        glue_database=Areas(context.settings).database(detail.upload.database),
        new_database=detail.upload.database not in reading.databases(context),
        under_way=is_under_way(detail.upload.state, detail.withdrawal),
        withdrawal=detail.withdrawal,
        may_withdraw=detail.own and may_be_asked(detail.upload, detail.withdrawal),
        cancellable=detail.own and detail.upload.state in CANCELLABLE,
        promotion=moment(next_promotion(context.clock.now())),
        api=path_of(request, "api", path="").rstrip("/"),
    )
