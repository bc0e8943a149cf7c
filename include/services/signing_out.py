"""Signing somebody out everywhere: for people who run the service, when an account must not be used any longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.services.signing_in import normal_email

if TYPE_CHECKING:
    from include.services.context import FrontContext


@dataclass(frozen=True)
class SignedOut:
    """What ended: how many sessions, and the names of the API tokens that were revoked."""

    sessions: int
    tokens: tuple[str, ...]


def sign_out(context: FrontContext, email: str, *, by: str, tokens: bool) -> SignedOut:
    """End all sessions of a person, whoever let them in; they may sign in again if they still can.

    Args:
        context: the front's.
        email: whose.
        by: who does so, for the audit trail.
        tokens: whether their API tokens are revoked too.
    """
    email = normal_email(email)
    sessions = context.identity.drop_sessions(email)
    names = [token.name for token in context.identity.tokens_of(email)] if tokens else []
    revoked = tuple(name for name in names if context.identity.drop_token(email, name))
    context.ledger.audit(who=by, what="signed somebody out", email=email, sessions=sessions, tokens=list(revoked))
    return SignedOut(sessions, revoked)
