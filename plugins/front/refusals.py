"""Refusals: what somebody tried and was not let do, in the audit trail."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import HTTPConnection, Request

from include.domain.errors import UploaderError
from include.services.context import FrontContext
from include.services.throttling import is_within, per_source
from plugins.front.sources import source_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_BY_NOBODY = "refused requests of nobody we know, from one source"
_ID_MAX = 64  # longer is no id of ours


def know(connection: HTTPConnection, email: str) -> None:
    """Remember for the rest of a request whose it is."""
    connection.state.who = email


def record_refusal(request: Request, error: UploaderError, context: FrontContext) -> None:
    """Put on record that a request was refused: one that would have changed something, or was not permitted at all.

    Only the route, the code of the refusal and the upload's id are kept. Of those whom we do not know, one source fills
    the trail only so far.
    """
    if not HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return
    refused = error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    presented = "authorization" in request.headers or hasattr(request.state, "who")
    if getattr(request.state, "recorded", False) or (request.method in SAFE_METHODS and not (refused and presented)):
        return
    who = getattr(request.state, "who", None)
    if who is None and not is_within(
        context, per_source(context, _BY_NOBODY), source_of(request, context.settings), who="unknown"
    ):
        return
    route = request.scope.get("route")
    upload_id = str(request.path_params.get("upload_id", ""))[:_ID_MAX]
    context.ledger.audit(
        who=who or "unknown",
        what="request refused",
        request=f"{request.method} {getattr(route, 'path', '')}",
        code=error.code,
        **({"upload_id": upload_id} if upload_id else {}),
    )
