"""Withdrawing on a page: what it means, a reason, and a confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from include.domain.errors import Refused
from include.domain.withdrawal import REASON_MAX, is_free, may_be_asked
from include.ports import Session
from include.services import reading
from include.services.context import FrontContext
from include.services.withdrawal.request import request_withdrawal
from plugins.front.links import path_of
from plugins.front.provided import Context
from plugins.front.rendering import InputError, page
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter()


@router.get("/uploads/{upload_id}/withdraw", name="withdraw")
def ask_to_withdraw(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """What withdrawing means, and why it should be done."""
    return _withdraw_page(request, context, session, upload_id)


@router.post("/uploads/{upload_id}/withdraw")
def withdraw(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    upload_id: str,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Withdraw a published upload, or ask for the approval that this needs."""
    try:
        request_withdrawal(context, upload_id, by=session.email, reason=reason)
    except Refused as refused:
        if refused.field != "reason":
            raise
        error = InputError("reason", refused.detail)
        return _withdraw_page(request, context, session, upload_id, reason=reason, errors=[error])
    return RedirectResponse(path_of(request, "upload", upload_id=upload_id), HTTPStatus.SEE_OTHER)


def _withdraw_page(
    request: Request,
    context: FrontContext,
    session: Session,
    upload_id: str,
    *,
    reason: str = "",
    errors: Sequence[InputError] = (),
) -> Response:
    detail = reading.upload_detail(context, upload_id, by=session.email)
    upload = detail.upload
    if not may_be_asked(upload, detail.withdrawal):
        return RedirectResponse(path_of(request, "upload", upload_id=upload_id), HTTPStatus.SEE_OTHER)
    return page(
        request,
        context,
        "withdraw.html",
        session=session,
        detail=detail,
        upload=upload,
        free=is_free(upload),
        alone=len(context.ledger.live(upload.database, upload.table)) == 1,
        reason=reason,
        reason_max=REASON_MAX,
        errors=errors,
    )
