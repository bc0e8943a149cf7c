"""Pages for what went wrong: not found, not permitted, expired, too large, our fault."""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route

from include.domain.errors import UploaderError
from include.ports import Session
from include.services.announcing import in_words
from include.services.context import FrontContext
from plugins.front.help_entries import codes
from plugins.front.links import is_within, methods_of, path_of, root_of
from plugins.front.protection import FORM_FILE_MAX, security_headers
from plugins.front.refusals import record_refusal
from plugins.front.rendering import page
from plugins.front.visitors import SignInNeeded, session_of

log = logging.getLogger(__name__)

_FORM_OF = {"/upload/file": "/upload/check"}
_SERVER_ERROR = 500
_TOO_LARGE = 413


def handle(app: FastAPI) -> None:
    """Make every error of the pages a page."""
    app.exception_handler(SignInNeeded)(_sign_in)
    app.exception_handler(UploaderError)(_ours)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(Exception)(_unexpected)


def error_page(
    request: Request, status: int, *, title: str, detail: str, code: str = "", to_check: bool = False
) -> HTMLResponse:
    """A page that says what went wrong and what to do, with ways on: to step 4 first, where that is what to do."""
    context = request.app.state.provide_context()
    return page(
        request,
        context,
        "error.html",
        status=status,
        session=_session(request, context) if status < _SERVER_ERROR else None,
        title=title,
        detail=detail,
        ours=status >= _SERVER_ERROR,
        explained=code if code in codes("problems") else "",
        to_check=to_check,
    )


def _session(request: Request, context: FrontContext) -> Session | None:
    """Who reads the page, so that it leads on; an error page is not the place to fail at that."""
    try:
        return session_of(request, context=context)
    except UploaderError:
        return None


def _sign_in(request: Request, error: SignInNeeded) -> Response:
    del error
    record_refusal(request, request.app.state.provide_context(), status=HTTPStatus.UNAUTHORIZED, code="sign_in_needed")
    where = request.url.path.removeprefix(root_of(request))
    where = _FORM_OF.get(where, where)
    asked = f"{where}?{request.url.query}"
    if request.method == "GET" and request.url.query and is_within(asked):
        where = asked
    query = "?" + urlencode({"next": where}) if request.method == "GET" or _is_page(request, where) else ""
    return RedirectResponse(path_of(request, "sign_in") + query, HTTPStatus.SEE_OTHER)


def _is_page(request: Request, where: str) -> bool:
    """Whether a form was sent to where its own page is, to which its sender can go back."""
    scope = {**request.scope, "method": "GET", "path": root_of(request) + where}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes if isinstance(route, Route))


def _ours(request: Request, error: UploaderError) -> Response:
    if error.status >= _SERVER_ERROR:
        log.error("%s %s: %s", request.method, request.url.path, error.code, exc_info=error)
    if error.status == _SERVER_ERROR:
        return _sorry(request)
    record_refusal(request, request.app.state.provide_context(), status=error.status, code=error.code)
    return error_page(request, error.status, title=error.title, detail=error.detail, code=error.code)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    del error
    return error_page(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The form is not one of this service",
        detail="Go back, load the page again and try again.",
    )


def _http(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    if (
        status == _TOO_LARGE
        and _takes_a_file(request)
        and _session(request, request.app.state.provide_context()) is None
    ):
        return _sign_in(request, SignInNeeded())  # too large only for somebody who is not signed in
    title, detail = {
        HTTPStatus.NOT_FOUND: (
            "Page not found",
            "If you typed the web address, check it is correct. If you pasted it, check you copied the entire address.",
        ),
        _TOO_LARGE: (
            "The file is too large to send this way",
            (
                f"Without JavaScript the selected file must be {in_words(FORM_FILE_MAX)} or smaller. Compress the "
                "file, or switch JavaScript on: then larger files can be sent, too."
            ),
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            "This address only takes what a form sends",
            "If you reloaded a page after sending a form, go back to the page with the form.",
        ),
    }.get(status, ("This request cannot be answered", "Go back, load the page again and try again."))
    where = request.url.path.removeprefix(root_of(request))
    response = error_page(
        request, status, title=title, detail=detail, to_check=status == _TOO_LARGE and where in _FORM_OF
    )
    response.headers.update(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(methods_of(request))
    return response


def _takes_a_file(request: Request) -> bool:
    return request.url.path.removeprefix(root_of(request)) in _FORM_OF


def _unexpected(request: Request, error: Exception) -> Response:
    """Answered outside the middleware, so with the protection added here."""
    del error  # logged by the server
    try:
        response: Response = _sorry(request)
        response.headers.update(security_headers(request.app.state.provide_context().settings))
    except Exception:
        log.exception("the error page could not be made either")
        response = PlainTextResponse("Sorry, there is a problem with the service. Try again later.", _SERVER_ERROR)
    response.headers["Cache-Control"] = "no-store"
    return response


def _sorry(request: Request) -> HTMLResponse:
    return error_page(
        request,
        _SERVER_ERROR,
        title="Sorry, there is a problem with the service",
        detail="Try again later. Files that were uploaded completely are safe, and your answers are kept.",
    )
