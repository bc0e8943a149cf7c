"""The access pack of a database: files to paste, and what to do with them in this environment."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from include.services.access_pack import access_pack, pack_file
from include.settings import Environment
from plugins.front.downloads import download
from plugins.front.pages.errors import error_page
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.visitors import SignedIn

router = APIRouter(prefix="/tables/{database}/access")

_MEDIA_TYPES = {"yaml": "application/yaml", "md": "text/markdown"}


@router.get("", name="access_pack")
def show_pack(request: Request, *, context: Context, session: SignedIn, database: str) -> Response:
    """All files, each with a way to copy and to save it."""
    settings = context.settings
    return page(
        request,
        context,
        "tables/access.html",
        session=session,
        pack=access_pack(context, database),
        standard=settings.standard_access_file if settings.env is Environment.DEV else None,
    )


@router.get("/{which}", name="access_file")
def save_file(request: Request, *, context: Context, session: SignedIn, database: str, which: str) -> Response:
    """One file, to be saved."""
    del session
    file = pack_file(context, database, which)
    if file.text is None:
        title = f"{file.filename} cannot be made"
        return error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR, title=title, detail=file.problem)
    return download(file.text, filename=file.filename, media_type=_MEDIA_TYPES[file.filename.rpartition(".")[2]])
