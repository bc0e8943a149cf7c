"""Visitors: which session a browser has, what proves that a form is ours, and who calls the API."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from include.domain.errors import Forbidden
from include.domain.upload import Door
from include.ports import Session
from include.services import api_tokens, signing_in
from plugins.front.answers import Answers
from plugins.front.api.problems import Unauthenticated
from plugins.front.cookies import SESSION, cookie_of
from plugins.front.provided import Context
from plugins.front.refusals import SAFE_METHODS, know

UNATTENDED = "x-unattended"
"""The header of requests that a page sends by itself, with nobody there perhaps."""


class SignInNeeded(Exception):
    """A page was asked for by somebody who is not signed in."""


@dataclass(frozen=True)
class Caller:
    """Who calls the API, by which door their uploads come, and the session and answers of a page of theirs."""

    email: str
    door: Door
    session: Session | None = None
    answers: Answers = field(default_factory=Answers)


def session_of(connection: HTTPConnection, *, context: Context) -> Session | None:
    """The browser's session, if it has one. What a page asks by itself does not keep it from ending."""
    token = cookie_of(connection, context.settings, SESSION)
    attended = UNATTENDED not in connection.headers
    return signing_in.session_of(context, token, attended=attended) if token else None


MaybeSession = Annotated[Session | None, Depends(session_of)]


async def signed_in(request: Request, session: MaybeSession) -> Session:
    """The session, or the way to sign in."""
    if session is None:
        raise SignInNeeded
    know(request, session.email)
    return session


SignedIn = Annotated[Session, Depends(signed_in)]


async def form_of(session: SignedIn, csrf_token: Annotated[str, Form()] = "") -> Session:
    """The session of a form that one of our own pages sent."""
    check_csrf(session.csrf, csrf_token)
    return session


OwnForm = Annotated[Session, Depends(form_of)]


def check_csrf(expected: str, given: str) -> None:
    """Raise Forbidden (`csrf`) unless the token is the session's."""
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Forbidden(
            "The page was open for too long or was not sent by this service. Go back, load it again and try again.",
            code="csrf",
            title="The page has expired",
        )


def caller(
    request: Request,
    *,
    context: Context,
    session: MaybeSession,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> Caller:
    """The bearer of a token, or a signed-in page that proves to be ours; else Unauthenticated."""
    if "authorization" in request.headers:
        email = api_tokens.bearer_of(context, bearer.credentials) if bearer else None
        if email is None:
            raise Unauthenticated("The bearer token is not known, has expired or was revoked.", code="invalid_token")
        know(request, email)
        return Caller(email, Door.API)
    if session is None:
        raise Unauthenticated("Send an API token: Authorization: Bearer dup_….", code="token_missing")
    know(request, session.email)
    if request.method not in SAFE_METHODS:
        check_csrf(session.csrf, request.headers.get("X-CSRF-Token", ""))
    return Caller(session.email, Door.PAGE, session, Answers.of(session.answers))


ApiCaller = Annotated[Caller, Depends(caller)]
