"""Problems: every error of the API as RFC 9457 says, with a code, and the field that is wrong."""

from __future__ import annotations

import logging
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from include.domain.errors import UploaderError
from include.services.throttling import QUARTER
from include.services.wrong_table import ConfirmNeeded
from plugins.front.api.confirm_models import ConfirmOut, confirm_out
from plugins.front.links import methods_of
from plugins.front.refusals import record_refusal

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:data-uploader:problem:"
_ERRORS_MAX = 100  # nobody reads on
_RETRY_AFTER = {
    HTTPStatus.TOO_MANY_REQUESTS: str(int(QUARTER.total_seconds())),  # by then the limit counts anew
    HTTPStatus.SERVICE_UNAVAILABLE: "5",
}
"""In seconds."""
_SERVER_ERROR = 500
_TOO_LARGE = 413


class FieldProblem(BaseModel):
    """One input that is wrong."""

    field: str = Field(description="where it is: `size`, `governance.document`, `parts.0.etag`")
    message: str
    code: str


class Problem(BaseModel):
    """An error, as RFC 9457 describes it, with the extensions `code`, `field`, `errors` and `confirm`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": f"{_TYPE}database_name_characters",
                    "title": "Database name is not permitted",
                    "status": 422,
                    "detail": "The database name may only have lower case letters, digits and underscores; it has 'S'. "
                    "For example: survey.",
                    "code": "database_name_characters",
                    "field": "database",
                    "errors": [{"field": "database", "message": "…", "code": "database_name_characters"}],
                }
            ]
        }
    )

    type: str = Field(description="identifies the kind of problem; ends in the code")
    title: str = Field(description="what kind of problem it is, in a few words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what happened and what to do")
    code: str = Field(description="stable identifier of the kind of problem")
    field: str | None = Field(None, description="the input it is about, when it is about one")
    errors: list[FieldProblem] = Field(default=[], description="each input that is wrong")
    confirm: ConfirmOut | None = Field(None, description="of `confirm_needed`: what is to be confirmed")


class Unauthenticated(UploaderError):
    """The request says not, or wrongly, who sends it."""

    status = 401


def answer(
    status: int,
    *,
    code: str,
    title: str,
    detail: str,
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
    confirm: ConfirmOut | None = None,
) -> JSONResponse:
    """A problem as a response; one wrong field is also named at the top."""
    fields = errors or []
    problem = Problem(
        type=_TYPE + code,
        title=title,
        status=status,
        detail=detail,
        code=code,
        field=fields[0].field if len(fields) == 1 else None,
        errors=fields,
        confirm=confirm,
    )
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True), status, headers=headers, media_type=MEDIA_TYPE
    )


def describe(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": f"{HTTPStatus(status).phrase}, as a problem", "content": content} for status in statuses
    }


def handle(app: FastAPI) -> None:
    """Make every error of this app a problem."""
    app.exception_handler(ConfirmNeeded)(_confirm)
    app.exception_handler(UploaderError)(_ours)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(Exception)(_unexpected)


def _ours(request: Request, error: UploaderError) -> Response:
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="data-uploader"'
    if error.status in _RETRY_AFTER:
        headers["Retry-After"] = _RETRY_AFTER[HTTPStatus(error.status)]
    if error.status >= _SERVER_ERROR:
        log.error("%s %s: %s", request.method, request.url.path, error.code, exc_info=error)
    if error.status == _SERVER_ERROR:
        return _unexpected(request, error)
    record_refusal(request, request.app.state.provide_context(), status=error.status, code=error.code)
    fields = [FieldProblem(field=error.field, message=error.detail, code=error.code)] if error.field else []
    return answer(error.status, code=error.code, title=error.title, detail=error.detail, errors=fields, headers=headers)


def _confirm(request: Request, error: ConfirmNeeded) -> Response:
    del request
    fields = [FieldProblem(field="confirm", message=error.detail, code=error.code)]
    confirm = confirm_out(error.question)
    return answer(error.status, code=error.code, title=error.title, detail=error.detail, errors=fields, confirm=confirm)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    del request
    fields = [
        FieldProblem(
            # Of a body that is no JSON the place is a byte, not a field.
            field="body" if wrong["type"] == "json_invalid" else _place(wrong["loc"]),
            message=wrong["msg"],  # never the input itself: it may be a value of a file
            code=wrong["type"],
        )
        for wrong in error.errors()[:_ERRORS_MAX]
    ]
    return _not_understood("; ".join(f"{field.field}: {field.message}" for field in fields[:5]), fields)


_TAGS = {("facts", word) for word in ("csv", "json", "jsonl")}
"""In the place of a fault, what pydantic tells of the model it chose; in the body there is no such level."""


def _place(parts: tuple[int | str, ...]) -> str:
    told = (part for above, part in pairwise(parts) if (above, part) not in _TAGS)
    return ".".join(map(str, told)) or "body"


def _http(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:
        return _unreadable()
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(methods_of(request))
    detail = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.url.path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here.",
        _TOO_LARGE: "The body of the request is larger than this endpoint takes.",
    }.get(status, str(error.detail))
    return answer(
        status,
        code=status.name.lower(),
        title=status.phrase,
        detail=detail,
        headers=headers,
    )


def _unreadable() -> JSONResponse:
    """A body whose bytes are no text at all, which the framework tells apart from one that is no JSON."""
    message = "The body is not JSON in UTF-8."
    field = FieldProblem(field="body", message=message, code="json_invalid")
    return _not_understood(message, [field])


def _not_understood(detail: str, fields: list[FieldProblem]) -> JSONResponse:
    return answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="invalid_request",
        title="The request is not one the API understands",
        detail=detail,
        errors=fields,
    )


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    del request, error  # logged by the server, or by the caller
    return answer(
        _SERVER_ERROR,
        code="internal_error",
        title="Sorry, there is a problem with the service",
        detail="Something went wrong on our side. Nothing is lost; try again later.",
    )
