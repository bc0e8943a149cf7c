"""The front as one ASGI app: pages, API and static files, with the same protection around all of them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from include import bootstrap
from plugins.front.api.app import create_api
from plugins.front.pages import (
    access,
    account,
    continuing,
    errors,
    help_page,
    provider,
    records,
    sending,
    signing_in,
    start,
    statements,
    tables,
    uploads,
    withdrawal,
    wizard,
    wrong_table,
)
from plugins.front.protection import BodyLimit, PrintablePath, SecurityHeaders
from plugins.front.provided import ContextFactory, Provider, provide_to

STATIC = Path(__file__).parent / "static"


class _Static(StaticFiles):
    """Files that browsers keep but ask about each time, so that a new release shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app(context_factory: ContextFactory) -> FastAPI:
    """The front, to be mounted anywhere. The context is made at the first request, once in each process."""
    provide = Provider(context_factory)
    app = FastAPI(title="Data Uploader", openapi_url=None, redirect_slashes=False)
    provide_to(app, provide)
    errors.handle(app)
    for pages in (
        start,
        help_page,
        statements,
        signing_in,
        provider,
        account,
        wizard,
        wrong_table,
        sending,
        continuing,
        uploads,
        records,
        withdrawal,
        access,
        tables,
    ):
        app.include_router(pages.router)
    app.mount("/api/v1", create_api(provide), name="api")
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.add_middleware(BodyLimit, provide=provide)
    app.add_middleware(SecurityHeaders, provide=provide)
    app.add_middleware(PrintablePath)
    return app


def create_standalone(context_factory: ContextFactory | None = None) -> Starlette:
    """The front without Airflow, at the path that the setting base_url has; for `uvicorn --factory`."""
    provide = Provider(context_factory or bootstrap.front)
    root = urlsplit(provide().settings.base_url).path.rstrip("/")

    async def to_front(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{request.scope.get('root_path', '')}{root}/")

    front = create_app(provide)
    if not root:
        return front
    return Starlette(
        routes=[Route("/", to_front), Route(root, to_front), Mount(root, front)],
        middleware=[Middleware(PrintablePath), Middleware(SecurityHeaders, provide=provide)],
    )
