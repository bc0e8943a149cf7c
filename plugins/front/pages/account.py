"""The person's own account: where they are signed in, and their API tokens."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from include.domain.errors import NotFound, Refused
from include.ports import Session
from include.services import api_tokens, signing_in
from include.services.context import FrontContext
from plugins.front.links import path_of
from plugins.front.provided import Context
from plugins.front.rendering import InputError, page
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter()

_OFFERED_DAYS = (30, 90, 365, 0)


@router.get("/account", name="account")
def account(request: Request, *, context: Context, session: SignedIn, ended: int | None = None) -> Response:
    """Who is signed in, and in which browsers."""
    return page(
        request,
        context,
        "account.html",
        session=session,
        sessions=signing_in.open_sessions(context, session),
        this=session.token_hash,
        ended=ended,
    )


@router.post("/account/sign-out-others", name="sign_out_others")
def sign_out_others(request: Request, *, context: Context, session: OwnForm) -> Response:
    """End every other session of the person."""
    ended = signing_in.close_others(context, session)
    return RedirectResponse(f"{path_of(request, 'account')}?ended={ended}", HTTPStatus.SEE_OTHER)


@router.get("/account/tokens", name="tokens")
def tokens(request: Request, *, context: Context, session: SignedIn, revoked: bool = False) -> Response:
    """The person's API tokens, and the form for a new one."""
    return _tokens_page(request, context, session, revoked=revoked)


@router.post("/account/tokens")
def make_token(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    name: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
) -> Response:
    """Make a token, and show it this once."""
    name = name.strip()
    chosen = {str(offered): offered for offered in _days(context)}.get(days)
    if chosen is None:
        errors = [InputError("days", "Select how long the token works")]
        return _tokens_page(request, context, session, errors=errors, name=name)
    try:
        token = api_tokens.issue_token(context, session.email, name=name, days=chosen, replace=False)
    except Refused as refused:
        errors = [InputError("name", refused.detail)]
        return _tokens_page(request, context, session, errors=errors, name=name, days=chosen)
    return page(request, context, "token_made.html", session=session, token=token, name=name, days=chosen)


@router.post("/account/tokens/revoke", name="revoke_token")
def revoke_token(
    request: Request, *, context: Context, session: OwnForm, name: Annotated[str, Form()] = ""
) -> Response:
    """Revoke a token; one that is gone already is as good."""
    try:
        api_tokens.revoke_token(context, session.email, name=name)
    except NotFound:
        return RedirectResponse(path_of(request, "tokens"), HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"{path_of(request, 'tokens')}?revoked=true", HTTPStatus.SEE_OTHER)


def _tokens_page(
    request: Request,
    context: FrontContext,
    session: Session,
    *,
    revoked: bool = False,
    errors: list[InputError] | None = None,
    name: str = "",
    days: int | None = None,
) -> Response:
    return page(
        request,
        context,
        "tokens.html",
        session=session,
        tokens=api_tokens.tokens_of(context, session.email),
        now=context.clock.now(),
        revoked=revoked,
        errors=errors or [],
        name=name,
        name_max=api_tokens.NAME_MAX,
        offered=_days(context),
        days=context.settings.api_token_days if days is None else days,
    )


def _days(context: FrontContext) -> tuple[int, ...]:
    """How long a token may be asked to work, for ever (0) last."""
    usual = context.settings.api_token_days
    return tuple(sorted({*_OFFERED_DAYS, usual}, key=lambda days: (days == 0, days)))
