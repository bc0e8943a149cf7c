"""The pages behind the footer: cookies, privacy notice, accessibility statement. Nobody has to sign in for them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from include.services.single_sign_on import TICKET_TIME
from plugins.front.cookies import ENTRY, SESSION, TICKET, cookie_name
from plugins.front.pages.signing_in import ENTRY_SECONDS, LEFT_SECONDS
from plugins.front.protection import FORM_FILE_MAX
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.visitors import MaybeSession

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
    settings = context.settings
    hours, minutes = settings.session_hours, settings.session_idle_minutes
    uses = [
        CookieUse(
            cookie_name(settings, ENTRY),
            "Remembers your email address and the page you wanted while you sign in",
            f"When you have signed in, or after {ENTRY_SECONDS // 60} minutes",
        ),
        CookieUse(
            cookie_name(settings, SESSION),
            "Keeps you signed in, and brings your answers back when you sign in again",
            f"When you sign out, {minutes} minutes after you last used the service, or after {hours} "
            f"hours; the cookie is gone after {hours + LEFT_SECONDS // 3600}",
        ),
    ]
    if settings.oidc_issuer:
        minutes = int(TICKET_TIME.total_seconds()) // 60
        purpose = "Proves that it is you who comes back from signing in with your organisation's account"
        uses.append(CookieUse(cookie_name(settings, TICKET), purpose, f"When you are back, or after {minutes} minutes"))
    return page(request, context, "cookies.html", session=session, uses=uses)


@router.get("/privacy", name="privacy")
def privacy(request: Request, *, context: Context, session: MaybeSession) -> Response:
    """What is kept of people, how long, and whom to ask."""
    return page(request, context, "privacy.html", session=session)


@router.get("/accessibility", name="accessibility")
def accessibility(request: Request, *, context: Context, session: MaybeSession) -> Response:
    """How accessible the service is, and what is known not to be."""
    return page(request, context, "accessibility.html", session=session, form_file_max=FORM_FILE_MAX)
