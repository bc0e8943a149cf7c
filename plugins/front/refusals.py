"""Refusals: what somebody tried and was not let do, in the audit trail."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import HTTPConnection, Request

from include.services.context import FrontContext
from include.services.throttling import is_within, per_source
from plugins.front.sources import source_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_BY_NOBODY = "refused requests of nobody we know, from one source"
_ID_MAX = 64  # longer is no id of ours


def know(connection: HTTPConnection, email: str) -> None:
    """Remember for the rest of a request whose it is."""
    connection.state.who = email


def has_room(request: Request, context: FrontContext) -> bool:
    """Whether the trail takes another refusal: of those whom we do not know, one source fills it only so far."""
    if getattr(request.state, "who", None) is not None:
        return True
    source = source_of(request, context.settings)
    return is_within(context, per_source(context, _BY_NOBODY), source, who="unknown")


def record_refusal(request: Request, context: FrontContext, *, status: int, code: str) -> None:
    """Put on record that a request was refused: one that would have changed something, or was not permitted at all.

    Only the route, the code of the refusal and the upload's id are kept.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:  # the first one too many is in the trail, and the others would fill it
        return
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return
    refused = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    presented = "authorization" in request.headers or hasattr(request.state, "who")
    if getattr(request.state, "recorded", False) or (request.method in SAFE_METHODS and not (refused and presented)):
        return
    if not has_room(request, context):
        return
    route = request.scope.get("route")
    upload_id = str(request.path_params.get("upload_id", ""))[:_ID_MAX]
    context.ledger.audit(
        who=getattr(request.state, "who", "unknown"),
        what="request refused",
        request=f"{request.method} {getattr(route, 'path', '')}",
        code=code,
        **({"upload_id": upload_id} if upload_id else {}),
    )
