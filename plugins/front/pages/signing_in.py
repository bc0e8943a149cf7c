"""Signing in on pages: an address, then the code mailed to it, then a session; and signing out."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
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
from include.services import signing_in
from include.services.context import FrontContext
from plugins.front.links import is_within, path_of, root_of
from plugins.front.provided import Context
from plugins.front.rendering import InputError, page
from plugins.front.visitors import COOKIE, MaybeSession, OwnForm, check_csrf, drop_cookie, set_cookie

log = logging.getLogger(__name__)
router = APIRouter()

ENTRY_COOKIE = "data_uploader_entry"
ENTRY_SECONDS = 3600
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_EMAIL_MAX = 254


@dataclass(frozen=True)
class Entry:
    """Somebody on their way in: kept in a signed cookie, so that nobody's visit leaves a row."""

    nonce: str
    email: str = ""
    next: str = "/upload"


def _entry(request: Request, *, context: Context) -> Entry | None:
    """What the entry cookie says, if we signed it."""
    body, dot, given = request.cookies.get(ENTRY_COOKIE, "").partition(".")
    if not dot or not hmac.compare_digest(given.encode(), signing_in.signature(context, "entry", body).encode()):
        return None
    try:
        return Entry(**json.loads(base64.urlsafe_b64decode(body)))
    except (ValueError, TypeError, binascii.Error):  # signed by an older release
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
    """The form for the address."""
    if session is not None:
        return _go(request, "/upload")
    entry = replace(entry or Entry(secrets.token_urlsafe(16)), next=next if is_within(next) else "/upload")
    response = page(request, context, "sign_in.html", csrf=_csrf(context, entry))
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
    if entry is None:
        return RedirectResponse(path_of(request, "sign_in"), HTTPStatus.SEE_OTHER)
    check_csrf(_csrf(context, entry), csrf_token)
    email = email.strip()
    if not _EMAIL.fullmatch(email) or len(email) > _EMAIL_MAX or not email.isprintable():
        text = "Enter an email address in the correct format, like name@example.com" if email else "Enter your email"
        errors = [InputError("email", text)]
        return page(request, context, "sign_in.html", csrf=csrf_token, errors=errors, given=email)
    later = BackgroundTask(_send_code, context, email)
    response = RedirectResponse(path_of(request, "sign_in_code"), HTTPStatus.SEE_OTHER, background=later)
    _keep(request, response, context, replace(entry, email=signing_in.normal_email(email)))
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
    session: MaybeSession,
    code: Annotated[str, Form()] = "",
    csrf_token: Annotated[str, Form()] = "",
) -> Response:
    """Open a session for the right code."""
    if entry is None or not entry.email:
        return RedirectResponse(path_of(request, "sign_in"), HTTPStatus.SEE_OTHER)
    check_csrf(_csrf(context, entry), csrf_token)
    try:
        opened = signing_in.open_session(context, entry.email, code)
    except Refused as refused:
        text = refused.detail if code.strip() else "Enter the code from the email"
        errors = [InputError("code", text)]
        return page(request, context, "code.html", csrf=csrf_token, errors=errors, given=entry.email)
    if session is not None:
        signing_in.close_session(context, session)
    response = _go(request, entry.next)
    seconds = context.settings.session_hours * 3600
    set_cookie(request, response, COOKIE, opened.token, seconds=seconds, secure=_is_https(context))
    drop_cookie(request, response, ENTRY_COOKIE)
    return response


@router.post("/sign-out", name="sign_out")
def sign_out(request: Request, *, context: Context, session: OwnForm) -> Response:
    """End the session."""
    signing_in.close_session(context, session)
    response = _go(request, "/")
    drop_cookie(request, response, COOKIE)
    return response


def _send_code(context: FrontContext, email: str) -> None:
    try:
        signing_in.send_code(context, email)
    except UploaderError:
        log.exception("a sign-in code could not be sent")  # the person was told that they may ask again


def _csrf(context: FrontContext, entry: Entry) -> str:
    return signing_in.signature(context, "entry csrf", entry.nonce)


def _keep(request: Request, response: Response, context: FrontContext, entry: Entry) -> None:
    body = base64.urlsafe_b64encode(json.dumps(asdict(entry)).encode()).decode()
    value = f"{body}.{signing_in.signature(context, 'entry', body)}"
    set_cookie(request, response, ENTRY_COOKIE, value, seconds=ENTRY_SECONDS, secure=_is_https(context))


def _is_https(context: FrontContext) -> bool:
    return context.settings.base_url.startswith("https://")


def _go(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(root_of(request) + path, HTTPStatus.SEE_OTHER)
