"""Signing in through the organisation's identity provider: OpenID Connect, authorization code with PKCE."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from include.domain.errors import Forbidden, NotFound, Refused
from include.services.keyed import seal, signature, unseal
from include.services.signing_in import OpenedSession, begin_session, normal_email
from include.services.throttling import is_within, per_source

if TYPE_CHECKING:
    from include.ports import IdentityProvider, ProvidedIdentity
    from include.services.context import FrontContext

TICKET_TIME = timedelta(minutes=10)

_TICKET = "provider ticket"
_ARRIVING = "answers of the identity provider from one source"


@dataclass(frozen=True)
class Departure:
    """Where a browser goes to sign in, and the ticket that it must bring back."""

    url: str
    ticket: str


@dataclass(frozen=True)
class Answer:
    """What the provider sent a browser back with."""

    state: str
    code: str
    issuer: str | None
    error: str


def depart(context: FrontContext, *, next_path: str) -> Departure:
    """Begin; afterwards the person goes to `next_path`."""
    state = secrets.token_urlsafe(32)
    url = _provider(context).authorize_url(
        redirect_uri=_callback(context),
        state=state,
        nonce=_nonce(context, state),
        verifier=_verifier(context, state),
    )
    facts = {"state": state, "next": next_path, "at": context.clock.now().isoformat()}
    return Departure(url, seal(context, _TICKET, facts))


def arrive(
    context: FrontContext, answer: Answer, *, ticket: str, source: str, before: str | None
) -> tuple[OpenedSession, str]:
    """A new session and the path to go to, or Refused; whoever it was, a refusal is in the audit trail.

    Args:
        context: the front's.
        answer: what the provider sent the browser back with.
        ticket: what the browser was given when it departed.
        source: where the request comes from.
        before: the secret of the browser's session until now, if it has one.
    """
    if not is_within(context, per_source(context, _ARRIVING), source, who="unknown"):
        raise _stale()
    who = "unknown"
    try:
        next_path = _next_path(context, answer, ticket)
        if answer.error or not answer.code:
            raise Refused(
                "Your organisation's sign-in did not sign you in.",
                code="provider_declined",
                title="You are not signed in",
            )
        identity = _provider(context).redeem(
            code=answer.code,
            redirect_uri=_callback(context),
            nonce=_nonce(context, answer.state),
            verifier=_verifier(context, answer.state),
            response_issuer=answer.issuer,
        )
        who = normal_email(identity.email) or who
        admitted = _admit(context, identity, who)
    except Refused as refused:
        context.ledger.audit(who=who, what="sign-in refused", by="identity provider", why=refused.code)
        raise
    opened = begin_session(
        context, who, by="identity provider", before=before, admitted=admitted, id_token=identity.id_token
    )
    return opened, next_path


def way_out(context: FrontContext, token_hash: str) -> str | None:
    """Where to sign out of the provider too, of a session that began there; None if there is no such place."""
    id_token = context.identity.id_token(token_hash)
    if id_token is None or context.provider is None:
        return None
    return context.provider.logout_url(id_token=id_token, redirect_uri=context.settings.base_url)


def _next_path(context: FrontContext, answer: Answer, ticket: str) -> str:
    facts = unseal(context, _TICKET, ticket)
    if facts is None or not hmac.compare_digest(str(facts["state"]).encode(), answer.state.encode()):
        raise _stale()
    if context.clock.now() - datetime.fromisoformat(facts["at"]) > TICKET_TIME:
        raise _stale()
    return str(facts["next"])


def _admit(context: FrontContext, identity: ProvidedIdentity, email: str) -> bool:
    """Whether the provider, and not the users file, lets the person in; Forbidden if neither does."""
    if not identity.email or not email.isascii() or not email.isprintable():
        raise Forbidden(
            "Your organisation's sign-in did not say what your email address is.",
            code="email_missing",
            title="You are not signed in",
        )
    if not identity.email_verified:
        raise Forbidden(
            "Your organisation's sign-in has not verified your email address.",
            code="email_unverified",
            title="You are not signed in",
        )
    if context.users.knows(email):
        return False
    settings = context.settings
    domain = email.rpartition("@")[2]
    if domain in settings.oidc_admit_domains or set(identity.groups) & set(settings.oidc_admit_groups):
        return True
    raise Forbidden(
        f"{email} is not in the list of users. Add the address to it first: it works within a minute of the change.",
        code="user_unknown",
        title="You are not in the list of users",
    )


def _provider(context: FrontContext) -> IdentityProvider:
    if context.provider is None:
        raise NotFound("There is no identity provider here.", code="provider_off", title="Page not found")
    return context.provider


def _callback(context: FrontContext) -> str:
    return f"{context.settings.base_url.rstrip('/')}/sign-in/provider/callback"


def _nonce(context: FrontContext, state: str) -> str:
    return signature(context, "provider nonce", state)


def _verifier(context: FrontContext, state: str) -> str:
    return signature(context, "provider verifier", state)


def _stale() -> Refused:
    return Refused(
        "Signing in took too long, or began in another browser. Begin again.",
        code="provider_state",
        title="You are not signed in",
    )
