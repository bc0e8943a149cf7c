"""Sign-ins that are over: codes, sessions, leases and counts of tries that the ledger need not remember."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from include.services.housekeeping.removal import Removal, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from include.services.context import HousekeepingContext

CODES = "sign-in codes"
SESSIONS = "sessions"
LEASES = "leases"
TRIES = "counts of tries"


@dataclass(frozen=True)
class PastSignIns:
    """Rows of the ledger whose time was over `keep_sign_in_days` ago."""

    name: str = "past sign-ins and leases"

    def plan(self, context: HousekeepingContext, now: datetime) -> Iterator[Removal]:
        """How many rows of each kind."""
        before = now - timedelta(days=context.settings.keep_sign_in_days)
        for what in (CODES, SESSIONS, LEASES, TRIES):
            count = _past(context, what, before, drop=False)
            if count:
                yield Removal(what=what, why=f"over before {before:%Y-%m-%d}", count=count)

    def remove(self, context: HousekeepingContext, removal: Removal) -> bool:
        """Delete them."""
        before = context.clock.now() - timedelta(days=context.settings.keep_sign_in_days)
        record(context, self.name, removal)
        _past(context, removal.what, before, drop=True)
        return True


def _past(context: HousekeepingContext, what: str, before: datetime, *, drop: bool) -> int:
    if what == CODES:
        return context.identity.past_codes(before=before, drop=drop)
    if what == TRIES:
        return context.identity.past_tries(before=before, drop=drop)
    if what == LEASES:
        return context.ledger.past_leases(before=before, drop=drop)
    return context.identity.past_sessions(
        ended=before,
        begun=before - timedelta(hours=context.settings.session_hours),
        seen=before - timedelta(minutes=context.settings.session_idle_minutes),
        drop=drop,
    )
