"""Cookies: for the front alone, out of reach of scripts and of other sites' forms, under names that browsers guard."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from include.settings import Settings
from plugins.front.links import root_of

SESSION = "data_uploader_session"
ENTRY = "data_uploader_entry"
TICKET = "data_uploader_ticket"


def cookie_name(settings: Settings, name: str) -> str:
    """The name under which a cookie is kept.

    On https a browser takes `__Secure-` only from https, and `__Host-` only for the whole of this one host, which a
    front below a path shares with others: theirs must not see it.
    """
    if not is_https(settings):
        return name
    return f"{'__Secure-' if urlsplit(settings.base_url).path.strip('/') else '__Host-'}{name}"


def cookie_of(connection: HTTPConnection, settings: Settings, name: str) -> str | None:
    """What a browser sent under a name, or None."""
    return connection.cookies.get(cookie_name(settings, name)) or None


def set_cookie(
    request: Request, response: Response, settings: Settings, name: str, value: str, *, seconds: int
) -> None:
    """Have the browser keep a cookie."""
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=seconds,
        path=_path(request, settings),
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, settings: Settings, name: str) -> None:
    """Have the browser forget a cookie; a guarded name is forgotten only with the guard's own attributes."""
    response.delete_cookie(
        cookie_name(settings, name),
        path=_path(request, settings),
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def is_https(settings: Settings) -> bool:
    """Whether people reach the front by https."""
    return settings.base_url.startswith("https://")


def _path(request: Request, settings: Settings) -> str:
    return "/" if cookie_name(settings, "").startswith("__Host-") else root_of(request) + "/"
