"""Help: every answer on one page, and a search that leaves those with the words asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from include.domain import names
from include.services.announcing import in_words
from include.services.context import FrontContext
from include.services.notices import next_promotion
from include.services.sign_in_codes import CODES
from plugins.front.help_entries import SEVERITIES, Section, sections
from plugins.front.links import path_of
from plugins.front.prose import as_html
from plugins.front.protection import FORM_FILE_MAX
from plugins.front.provided import Context
from plugins.front.rendering import moment, page
from plugins.front.states import WORDS
from plugins.front.visitors import MaybeSession

router = APIRouter()

_ASKED_MAX = 100


@dataclass(frozen=True)
class Shown:
    """One entry as the page shows it."""

    anchor: str
    title: str
    severity: str
    html: Markup


@dataclass(frozen=True)
class ShownSection:
    """One section with those of its entries that have the words asked for."""

    anchor: str
    title: str
    kind: str
    intro: Markup
    entries: tuple[Shown, ...]


@router.get("/help", name="help")
def help_page(request: Request, *, context: Context, session: MaybeSession, q: str = "") -> Response:
    """All help, or what has every word of `q`."""
    asked = " ".join(q[:_ASKED_MAX].split())
    facts = _facts(request, context)
    found = [_shown(section, facts, words=asked.lower().split()) for section in sections()]
    return page(
        request,
        context,
        "help.html",
        session=session,
        asked=asked,
        sections=[section for section in found if section.entries],
        count=sum(len(section.entries) for section in found),
    )


def _shown(section: Section, facts: Mapping[str, Any], *, words: list[str]) -> ShownSection:
    entries = []
    for entry in section.entries:
        said = entry.say(facts)
        # Links are left out: what they point to is not what the entry is about.
        about = re.sub(r"\]\([^)]*\)", "]", f"{entry.anchor} {entry.title} {said}").lower()
        if all(word in about for word in words):
            entries.append(Shown(entry.anchor, entry.title, SEVERITIES.get(entry.severity, ""), as_html(said)))
    intro = as_html(section.intro.render(facts).strip())
    return ShownSection(section.anchor, section.title, section.kind, intro, tuple(entries))


def _facts(request: Request, context: FrontContext) -> dict[str, Any]:
    """What the texts may name: this deployment's limits, places and addresses."""
    settings = context.settings
    bucket, _, prefix = settings.landing_uri.removeprefix("s3://").partition("/")
    endpoint = settings.public_endpoint_url
    return {
        "url": lambda name: path_of(request, name),
        "env": settings.env.value,
        "database_prefix": names.database_prefix(settings.env),
        "database_room": names.DATABASE_MAX - len(names.database_prefix(settings.env)),
        "formats": names.format_words(settings.formats),
        "max_size": in_words(settings.max_bytes),
        "max_unpacked": in_words(settings.max_unpacked_bytes),
        "form_max": in_words(FORM_FILE_MAX),
        "code_minutes": settings.sign_in_code_minutes,
        "max_codes": CODES.most,
        "codes_minutes": int(CODES.within.total_seconds() // 60),
        "keep_multipart_days": settings.keep_multipart_days,
        "hand_drops_may_create": settings.hand_drops_may_create,
        "landing_uri": settings.landing_uri,
        "landing_bucket": bucket,
        "landing_prefix": prefix,
        "cli_options": f" --region {settings.aws_region}"
        + (f" --endpoint-url {'://'.join(urlsplit(endpoint)[:2])}" if endpoint else ""),
        "base_url": settings.base_url,
        "team_email": settings.team_email,
        "users_file_url": settings.users_file_url,
        "platform_account_url": settings.platform_account_url,
        "access_request_url": settings.access_request_url,
        "promotion": moment(next_promotion(context.clock.now())),
        "state_words": WORDS,
    }
