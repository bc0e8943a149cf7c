"""The API as an app of its own, mounted below the pages: its routes, its errors, its OpenAPI document."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from plugins.front.api import databases, preview, problems, uploads
from plugins.front.provided import Provider, provide_to

_DESCRIPTION = """\
Upload a file into a typed, partitioned table: announce it (`POST /uploads`), have its parts signed
(`POST /uploads/{id}/parts`), PUT each part to its URL, name their ETags (`POST /uploads/{id}/complete`), and follow it
(`GET /uploads/{id}`). What is published can be withdrawn again (`POST /uploads/{id}/withdraw`). Every request carries
an API token: `Authorization: Bearer dup_…`. Every error is a problem document (RFC 9457) with a stable `code`.
"""


def create_api(provide: Provider) -> FastAPI:
    """The API, to be mounted at /api/v1."""
    api = FastAPI(
        title="Data Uploader",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,  # its pages load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to whatever host a request claims
    )
    provide_to(api, provide)
    problems.handle(api)
    api.include_router(databases.router)
    api.include_router(preview.router)
    api.include_router(uploads.router)
    api.include_router(uploads.signing)
    _add_problem_schema(api)
    return api


def _add_problem_schema(api: FastAPI) -> None:
    """FastAPI describes errors as its own kind of application/json; ours are problems, and named by the routes."""
    describe = api.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        schemas = document["components"]["schemas"]
        problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        for methods in document["paths"].values():
            for operation in methods.values():
                if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                    del operation["responses"]["422"]
        return document

    api.openapi = openapi  # type: ignore[method-assign]
