"""The start page: what the service is for and what to have ready."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.visitors import MaybeSession

router = APIRouter()


@router.get("/", name="start")
def start(request: Request, *, context: Context, session: MaybeSession) -> Response:
    """Before you start, and Start now."""
    return page(request, context, "start.html", session=session)


@router.get("/health", name="health")
def health() -> Response:
    """Whether this process answers; for load balancers."""
    return PlainTextResponse("ok")
