"""API tokens: made, listed, used and revoked. A token is shown once; the ledger keeps its hash."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Refused
from include.services.keyed import hash_of_secret
from include.services.signing_in import normal_email

if TYPE_CHECKING:
    from include.ports import ApiToken
    from include.services.context import FrontContext

NAME_MAX = 50
DAYS_MAX = 3650
_SEEN_EVERY = timedelta(seconds=60)  # a token's last use is written no oftener than this


def issue_token(context: FrontContext, email: str, *, name: str, days: int | None = None, replace: bool = True) -> str:
    """A new API token for a person in the users file, shown this once.

    Args:
        context: the front's.
        email: whose.
        name: what it is for.
        days: how long it works, 0 for ever; None for as long as the settings say.
        replace: whether it takes the place of an earlier one of that name; else that is a Conflict (`token_exists`).
    """
    email, name, now = normal_email(email), name.strip(), context.clock.now()
    _check(context, email, name=name)
    living = {token.name for token in tokens_of(context, email) if not token.has_expired(now)}
    if name in living and not replace:
        raise Conflict(
            f"You have a token called {name} already. Revoke it first, or choose another name.",
            code="token_exists",
            title="The name is taken",
            field="name",
        )
    if len(living - {name}) >= context.settings.api_tokens_per_person:
        raise Conflict(
            f"You have {len(living)} tokens, which is the most that one person may have. Revoke one first.",
            code="too_many_tokens",
            title="You have too many tokens",
            field="name",
        )
    days = context.settings.api_token_days if days is None else days
    if not 0 <= days <= DAYS_MAX:
        detail = f"A token may work for up to {DAYS_MAX} days, or for ever (0)."
        raise Refused(detail, code="bad_days", title="Time is not permitted", field="days")
    expires_at = now + timedelta(days=days) if days else None
    token = f"dup_{secrets.token_urlsafe(32)}"
    context.identity.add_token(hash_of_secret(token), email=email, name=name, expires_at=expires_at)
    until = expires_at.isoformat(timespec="seconds") if expires_at else None
    context.ledger.audit(who=email, what="API token issued", name=name, expires_at=until)
    return token


def tokens_of(context: FrontContext, email: str) -> tuple[ApiToken, ...]:
    """A person's tokens, the newest first, those that have expired too."""
    return context.identity.tokens_of(normal_email(email))


def revoke_token(context: FrontContext, email: str, *, name: str) -> None:
    """Take a token back, at once."""
    email = normal_email(email)
    if not context.identity.drop_token(email, name):
        raise NotFound(
            "You have no token of that name. It may have been revoked already.",
            code="token_unknown",
            title="Token not found",
        )
    context.ledger.audit(who=email, what="API token revoked", name=name)


def bearer_of(context: FrontContext, token: str) -> str | None:
    """Whose API token this is, if it still works and they are still on the users list."""
    token_hash, now = hash_of_secret(token), context.clock.now()
    known = context.identity.token(token_hash)
    if known is None or known.token.has_expired(now) or not context.users.knows(known.email):
        return None
    used = known.token.last_used_at
    if used is None or now - used >= _SEEN_EVERY:
        context.identity.see_token(token_hash, at=now)
    return known.email


def _check(context: FrontContext, email: str, *, name: str) -> None:
    if not context.users.knows(email):
        raise Refused(
            f"{email} is not in the users file. Add the address to it first.",
            code="user_unknown",
            title="User is not known",
            field="email",
        )
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise Refused(
            f"Enter a name for the token, up to {NAME_MAX} characters.",
            code="bad_token_name",
            title="Name is not permitted",
            field="name",
        )
