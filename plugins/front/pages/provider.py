"""Signing in through the organisation's identity provider: there, and back again."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from include.domain.errors import Refused
from include.services import single_sign_on
from plugins.front.cookies import SESSION, TICKET, cookie_of, drop_cookie, set_cookie
from plugins.front.pages.signing_in import enter, go, safe_next
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.sources import source_of
from plugins.front.visitors import MaybeSession

router = APIRouter()


# A link and not a form: our policy lets no form of ours end on another host.
@router.get("/sign-in/provider", name="provider")
def depart(
    request: Request,
    *,
    context: Context,
    session: MaybeSession,
    next: str = "",  # noqa: A002  the parameter's name in the address
) -> Response:
    """Send the browser to the provider, with a ticket to bring back."""
    next_path = safe_next(next)
    if session is not None:
        return go(request, next_path)
    departure = single_sign_on.depart(context, next_path=next_path)
    response = RedirectResponse(departure.url, HTTPStatus.SEE_OTHER)
    seconds = int(single_sign_on.TICKET_TIME.total_seconds())
    set_cookie(request, response, context.settings, TICKET, departure.ticket, seconds=seconds)
    return response


@router.get("/sign-in/provider/callback", name="provider_callback")
def arrive(
    request: Request,
    *,
    context: Context,
    state: str = "",
    code: str = "",
    iss: str | None = None,
    error: str = "",
) -> Response:
    """Open a session for whom the provider sent back."""
    answer = single_sign_on.Answer(state=state, code=code, issuer=iss, error=error)
    response: Response
    try:
        opened, next_path = single_sign_on.arrive(
            context,
            answer,
            ticket=cookie_of(request, context.settings, TICKET) or "",
            source=source_of(request, context.settings),
            before=cookie_of(request, context.settings, SESSION),
        )
    except Refused as refused:
        response = page(
            request,
            context,
            "not_signed_in.html",
            status=refused.status,
            title=refused.title,
            detail=refused.detail,
            code=refused.code,
        )
    else:
        response = enter(request, context, opened, next_path=next_path)
    drop_cookie(request, response, context.settings, TICKET)
    return response
