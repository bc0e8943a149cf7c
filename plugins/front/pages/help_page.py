"""Help: every answer on one page, and a search that leaves those with the words asked for, or with most of them.

What was found comes with the best first, sections and all: the one that is looked for is seldom the first of the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
_SENTENCE = 3  # more words than these are a question, not what an answer must have
_BEST = 5
_MANY = 10  # more answers than these have a list of the best above them
_TITLE_COUNTS = 2  # a word of the title, besides being a word of the entry
_SMALL_WORDS = frozenset(
    ["a", "an", "and", "can", "cannot", "do", "for", "i", "in", "is", "it", "my", "of", "on", "only", "or", "the", "to"]
)


@dataclass(frozen=True)
class Shown:
    """One entry as the page shows it."""

    anchor: str
    title: str
    severity: str
    html: Markup
    words: frozenset[str]  # those looked for that it has
    named: frozenset[str]  # and those of them that its title has, or that it is to be found by
    quoted: bool  # whether its title, a part of it, or its code is what was asked


@dataclass(frozen=True)
class ShownSection:
    """One section with those of its entries that have the words asked for."""

    anchor: str
    title: str
    kind: str
    intro: Markup
    entries: tuple[Shown, ...]

    def with_entries(self, places: Mapping[str, int]) -> ShownSection:
        """The section with these of its entries alone, by their places."""
        kept = (entry for entry in self.entries if entry.anchor in places)
        return replace(self, entries=tuple(sorted(kept, key=lambda entry: places[entry.anchor])))


@router.get("/help", name="help")
def help_page(request: Request, *, context: Context, session: MaybeSession, q: str = "") -> Response:
    """All help, or what has every word of `q`; where nothing has, what has most of them."""
    asked = " ".join(q[:_ASKED_MAX].split())
    words = _words(asked)
    facts = _facts(request, context)
    found = [_shown(section, facts, asked=asked, words=words) for section in sections()]
    ranked = _ranked([entry for section in found for entry in section.entries])
    whole = [entry for entry in ranked if entry.words == words]
    partly = len(words) > _SENTENCE or not whole
    kept = [entry for entry in ranked[:_BEST] if entry.words] if partly else whole
    places = {entry.anchor: place for place, entry in enumerate(kept)}
    left = [section for section in (section.with_entries(places) for section in found) if section.entries]
    return page(
        request,
        context,
        "help.html",
        session=session,
        asked=asked,
        partly=partly,
        best=kept[:_BEST] if asked and len(kept) > _MANY else (),
        sections=sorted(left, key=lambda section: places[section.entries[0].anchor]),
        count=len(kept),
    )


def _words(asked: str) -> frozenset[str]:
    """What to look for: the words that say what it is about, or all of them if none does."""
    words = frozenset(re.sub(r"(?<=\d)(?=[a-z])", " ", asked.lower()).split())
    return words - _SMALL_WORDS or words


def _ranked(entries: Sequence[Shown]) -> list[Shown]:
    """Those whose title was asked for, then those that have most of the words; what ranks the same stays as it is.

    A word counts for more if few have it, and if it is in the title.
    """
    having = Counter(word for entry in entries for word in entry.words)

    def rank(entry: Shown) -> tuple[bool, float]:
        # In order, as sums of the same numbers in another order differ in their last digit.
        score = sum((1 + _TITLE_COUNTS * (word in entry.named)) / having[word] for word in sorted(entry.words))
        return entry.quoted, score

    return sorted(entries, key=rank, reverse=True)


def _shown(section: Section, facts: Mapping[str, Any], *, asked: str, words: frozenset[str]) -> ShownSection:
    entries, quote = [], asked.lower()
    for entry in section.entries:
        said = entry.say(facts)
        # Links are left out: what they point to is not what the entry is about.
        # A problem's title is its code, which is found as such and says less than an answer that has the words.
        title = "" if section.kind == "problems" else entry.title.lower()
        heading = " ".join((title, *entry.words))
        about = re.sub(r"\]\([^)]*\)", "]", f"{entry.anchor} {heading} {said}").lower()
        known = frozenset(word for word in words if word in about)
        named = frozenset(word for word in known if word in heading)
        quoted = quote == entry.anchor or bool(quote and title and (quote in title or title in quote))
        severity = SEVERITIES.get(entry.severity, "")
        entries.append(Shown(entry.anchor, entry.title, severity, as_html(said), known, named, quoted))
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
