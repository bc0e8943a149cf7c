"""Links within the front: paths below wherever it is mounted, never with a host that a request claims."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.routing import Match

_LONGEST = 500  # characters: it is kept in a cookie, of which browsers keep 4,096 bytes
_WITHIN = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9/_-]*)?(?:\?(?:[A-Za-z0-9=&_.~+*-]|%[0-9A-Fa-f]{2})*)?")


def root_of(request: Request) -> str:
    """The path at which the front is mounted, without a slash at its end; empty at the root of a host."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def path_of(request: Request, name: str, /, **parameters: Any) -> str:
    """The path of a named page."""
    return root_of(request) + str(request.app.url_path_for(name, **parameters))


def static_path(request: Request, file: str) -> str:
    """The path of a static file."""
    return f"{root_of(request)}/static/{file}"


def is_within(path: str) -> bool:
    """Whether a path, relative to the front, is safe to send a browser to."""
    return len(path) <= _LONGEST and _WITHIN.fullmatch(path) is not None


def methods_of(request: Request) -> list[str]:
    """The methods that a path has, over all its routes."""
    fitting = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in fitting for method in getattr(route, "methods", None) or ()})
