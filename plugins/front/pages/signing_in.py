"""Signing in by a code on pages: an address, then the code mailed to it, then a session; and signing out."""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from include.domain.errors import Refused, UploaderError
from include.ports import Session
from include.services import keyed, sign_in_codes, signing_in, single_sign_on
from include.services.context import FrontContext
from plugins.front.cookies import ENTRY, SESSION, cookie_of, drop_cookie, set_cookie
from plugins.front.links import is_within, path_of, root_of
from plugins.front.provided import Context
from plugins.front.rendering import InputError, page
from plugins.front.sources import source_of
from plugins.front.visitors import MaybeSession, OwnForm, check_csrf

log = logging.getLogger(__name__)
router = APIRouter()

ENTRY_SECONDS = 3600
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_EMAIL_MAX = 254
LEFT_SECONDS = 24 * 3600  # so long after its session a cookie can still bring the answers back


@dataclass(frozen=True)
class Entry:
    """Somebody on their way in: kept in a signed cookie, so that nobody's visit leaves a row."""

    nonce: str
    email: str = ""
    next: str = "/upload"


def _entry(request: Request, *, context: Context) -> Entry | None:
    """What the entry cookie says, if we signed it."""
    facts = keyed.unseal(context, "entry", cookie_of(request, context.settings, ENTRY) or "")
    try:
        return Entry(**facts) if facts else None
    except TypeError:  # signed by an older release
        return None


MaybeEntry = Annotated[Entry | None, Depends(_entry)]


@router.get("/sign-in", name="sign_in")
def ask_email(
    request: Request,
    *,
    context: Context,
    session: MaybeSession,
    entry: MaybeEntry,
    next: str = "",  # noqa: A002  the parameter's name in the address
) -> Response:
    """The form for the address, and the way to the identity provider."""
    next_path = safe_next(next)
    if session is not None:
        return go(request, next_path)
    entry = replace(entry or Entry(secrets.token_urlsafe(16)), next=next_path)
    before = cookie_of(request, context.settings, SESSION)
    response = page(
        request,
        context,
        "sign_in.html",
        csrf=_csrf(context, entry),
        next=next_path,
        ran_out=bool(before and signing_in.has_run_out(context, before)),
    )
    _keep(request, response, context, entry)
    return response


@router.post("/sign-in")
def take_email(
    request: Request,
    *,
    context: Context,
    entry: MaybeEntry,
    email: Annotated[str, Form()] = "",
    csrf_token: Annotated[str, Form()] = "",
) -> Response:
    """Send a code, perhaps; the answer is the same for everybody and does not wait for it."""
    if entry is None or not context.settings.sign_in_by_code:
        return RedirectResponse(path_of(request, "sign_in"), HTTPStatus.SEE_OTHER)
    check_csrf(_csrf(context, entry), csrf_token)
    email = email.strip()
    if not _EMAIL.fullmatch(email) or len(email) > _EMAIL_MAX or not email.isprintable():
        text = (
            "Enter an email address in the correct format, like name@example.com"
            if email
            else "Enter your email address"
        )
        errors = [InputError("email", text)]
        return page(request, context, "sign_in.html", csrf=csrf_token, errors=errors, given=email, next=entry.next)
    entry = replace(entry, email=signing_in.normal_email(email))
    later = BackgroundTask(_send_code, context, entry, source=source_of(request, context.settings))
    response = RedirectResponse(path_of(request, "sign_in_code"), HTTPStatus.SEE_OTHER, background=later)
    _keep(request, response, context, entry)
    return response


@router.get("/sign-in/code", name="sign_in_code")
def ask_code(request: Request, *, context: Context, entry: MaybeEntry) -> Response:
    """The form for the code."""
    if entry is None or not entry.email:
        return RedirectResponse(path_of(request, "sign_in"), HTTPStatus.SEE_OTHER)
    return page(request, context, "code.html", csrf=_csrf(context, entry), given=entry.email)


@router.post("/sign-in/code")
def take_code(
    request: Request,
    *,
    context: Context,
    entry: MaybeEntry,
    code: Annotated[str, Form()] = "",
    csrf_token: Annotated[str, Form()] = "",
) -> Response:
    """Open a session for the right code."""
    if entry is None or not entry.email:
        return RedirectResponse(path_of(request, "sign_in"), HTTPStatus.SEE_OTHER)
    check_csrf(_csrf(context, entry), csrf_token)
    try:
        opened = sign_in_codes.open_session(
            context,
            entry.email,
            code,
            source=source_of(request, context.settings),
            entry=entry.nonce,
            before=cookie_of(request, context.settings, SESSION),
        )
    except Refused as refused:
        text = refused.detail if code.strip() else "Enter the code from the email"
        errors = [InputError("code", text)]
        return page(request, context, "code.html", csrf=csrf_token, errors=errors, given=entry.email)
    return enter(request, context, opened, next_path=entry.next)


@router.post("/sign-out", name="sign_out")
def sign_out(request: Request, *, context: Context, session: OwnForm) -> Response:
    """End the session, and offer to sign out of the identity provider too, if it began there."""
    elsewhere = _way_out(context, session)
    signing_in.close_session(context, session)
    response = page(request, context, "signed_out.html", elsewhere=elsewhere) if elsewhere else go(request, "/")
    drop_cookie(request, response, context.settings, SESSION)
    return response


def enter(
    request: Request, context: FrontContext, opened: signing_in.OpenedSession, *, next_path: str
) -> RedirectResponse:
    """Go on as the person who has just signed in; what the way in needed is forgotten."""
    response = go(request, next_path)
    seconds = context.settings.session_hours * 3600 + LEFT_SECONDS
    set_cookie(request, response, context.settings, SESSION, opened.token, seconds=seconds)
    drop_cookie(request, response, context.settings, ENTRY)
    return response


def safe_next(path: str) -> str:
    """Where to go after signing in: a path of ours, or the first page of an upload."""
    return path if is_within(path) else "/upload"


def go(request: Request, path: str) -> RedirectResponse:
    """A redirect to a path below the front."""
    return RedirectResponse(root_of(request) + path, HTTPStatus.SEE_OTHER)


def _way_out(context: FrontContext, session: Session) -> str | None:
    try:
        return single_sign_on.way_out(context, session.token_hash)
    except UploaderError:
        log.exception("the identity provider did not say where to sign out")  # signing out here must work in any case
        return None


def _send_code(context: FrontContext, entry: Entry, *, source: str) -> None:
    try:
        sign_in_codes.send_code(context, entry.email, source=source, entry=entry.nonce)
    except UploaderError:
        log.exception("a sign-in code could not be sent")  # the person was told that they may ask again


def _csrf(context: FrontContext, entry: Entry) -> str:
    return keyed.signature(context, "entry csrf", entry.nonce)


def _keep(request: Request, response: Response, context: FrontContext, entry: Entry) -> None:
    sealed = keyed.seal(context, "entry", asdict(entry))
    set_cookie(request, response, context.settings, ENTRY, sealed, seconds=ENTRY_SECONDS)
