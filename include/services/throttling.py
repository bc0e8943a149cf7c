"""Throttling: how often one source, or one address, may try. Counts are in the ledger, for all API servers together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from include.services.keyed import signature

if TYPE_CHECKING:
    from include.services.context import FrontContext

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """At most this many tries of a kind within a time that begins with the first of them."""

    what: str
    most: int
    within: timedelta = QUARTER


def is_within(context: FrontContext, limit: Limit, *whose: str, who: str) -> bool:
    """Count one more try of `whose`; whether it may go on. The first one too many is in the audit trail.

    Names are kept as keyed hashes: neither client addresses nor mail addresses can be read from the counts.
    """
    name = signature(context, f"tries: {limit.what}", "\n".join(whose))
    count = context.identity.count_try(name, within=limit.within)
    if count == limit.most + 1:
        context.ledger.audit(who=who, what="too many tries", of=limit.what)
    return count <= limit.most


def per_source(context: FrontContext, what: str) -> Limit:
    """The limit of one client address for a kind of try."""
    return Limit(what, context.settings.sign_in_source_limit)
