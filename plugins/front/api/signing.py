"""Around signing: every request that is refused is in the audit trail, and none for another host is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from include.domain.errors import UploaderError
from include.services.context import FrontContext
from include.services.upload_parts import audit_refusal
from plugins.front.provided import Context, context_of
from plugins.front.refusals import has_room
from plugins.front.visitors import ApiCaller

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HOST = re.compile(r"(\[[0-9a-fA-F:]+\]|[^:]*)(?::(\d+))?")


class OtherHost(UploaderError):
    """The request says that it is for another host than this service's."""

    status = 421


def _own_host(request: Request, context: Context, caller: ApiCaller) -> None:
    del caller  # who it is comes first: the audit trail names them
    settings = context.settings
    given = _host(request.headers.get("host", ""), scheme=request.url.scheme)
    own = [urlsplit(settings.base_url).netloc, *settings.other_hosts]
    if given not in {_host(name, scheme=scheme) for name in own for scheme in ("http", "https")}:
        raise OtherHost(
            "This request is for another host than the service's own. Use the address that the service has in its "
            "mails, or have DATA_UPLOADER_OTHER_HOSTS name this one.",
            code="other_host",
            title="Another host",
        )


OwnHost = Depends(_own_host)


def _host(netloc: str, *, scheme: str) -> tuple[str, str]:
    found = _HOST.fullmatch(netloc.lower())
    name, port = (found[1], found[2]) if found else (netloc, "")
    name = "loopback" if name in _LOOPBACK else name
    return name, port or ("443" if scheme == "https" else "80")


class AuditedSigning(APIRoute):
    """Records who was refused what, why, and of which upload; the answer stays as it is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Handle a request."""
        handle = super().get_route_handler()

        async def audited(request: Request) -> Response:
            try:
                return await handle(request)
            except UploaderError as error:
                await self._refused(request, error.code)
                raise
            except RequestValidationError:
                await self._refused(request, "invalid_request")
                raise
            except HTTPException as error:  # the body is too large, or no JSON at all
                status = HTTPStatus(error.status_code)
                unreadable = status is HTTPStatus.BAD_REQUEST
                await self._refused(request, "invalid_request" if unreadable else status.name.lower())
                raise

        return audited

    async def _refused(self, request: Request, why: str) -> None:
        context = await context_of(request)
        await run_in_threadpool(_record, request, context, why)
        request.state.recorded = True


def _record(request: Request, context: FrontContext, why: str) -> None:
    if has_room(request, context):
        who = getattr(request.state, "who", None)
        audit_refusal(context, request.path_params["upload_id"], who=who, why=why)
