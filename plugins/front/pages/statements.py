"""The pages behind the footer: cookies, privacy notice, accessibility statement. Nobody has to sign in for them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from plugins.front.pages.signing_in import ENTRY_COOKIE, ENTRY_SECONDS
from plugins.front.protection import FORM_FILE_MAX
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.visitors import COOKIE, MaybeSession

router = APIRouter()


@dataclass(frozen=True)
class CookieUse:
    """A cookie that the service sets."""

    name: str
    purpose: str
    expires: str


@router.get("/cookies", name="cookies")
def cookies(request: Request, *, context: Context, session: MaybeSession) -> Response:
    """Which cookies there are, and why."""
    hours, minutes = context.settings.session_hours, context.settings.session_idle_minutes
    uses = (
        CookieUse(
            ENTRY_COOKIE,
            "Remembers your email address and the page you wanted while you sign in",
            f"When you have signed in, or after {ENTRY_SECONDS // 60} minutes",
        ),
        CookieUse(
            COOKIE,
            "Keeps you signed in",
            f"When you sign out, {minutes} minutes after you last used the service, or after {hours} hours",
        ),
    )
    return page(request, context, "cookies.html", session=session, uses=uses)


@router.get("/privacy", name="privacy")
def privacy(request: Request, *, context: Context, session: MaybeSession) -> Response:
    """What is kept of people, how long, and whom to ask."""
    return page(request, context, "privacy.html", session=session)


@router.get("/accessibility", name="accessibility")
def accessibility(request: Request, *, context: Context, session: MaybeSession) -> Response:
    """How accessible the service is, and what is known not to be."""
    return page(request, context, "accessibility.html", session=session, form_file_max=FORM_FILE_MAX)
