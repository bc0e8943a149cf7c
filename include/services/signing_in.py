"""Signed-in browsers: how a session begins, lasts and ends, and the wizard's answers that it keeps."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from include.ports import Session
from include.services.keyed import hash_of_secret

if TYPE_CHECKING:
    from datetime import datetime

    from include.services.context import FrontContext

_SEEN_EVERY = timedelta(seconds=60)  # a session's last use is written no oftener than this


@dataclass(frozen=True)
class OpenedSession:
    """A new session and the secret that only its browser keeps."""

    token: str
    session: Session


def normal_email(email: str) -> str:
    """An address as the service compares it."""
    return email.strip().lower()


def begin_session(
    context: FrontContext,
    email: str,
    *,
    by: str,
    before: str | None = None,
    admitted: bool = False,
    id_token: str | None = None,
) -> OpenedSession:
    """A new session with secrets of its own. The browser's one before ends, and leaves its answers to the same person.

    Args:
        context: the front's.
        email: who proved to be signed in, in lower case.
        by: how, for the audit trail.
        before: the secret of the browser's session until now, ended or not.
        admitted: whether the identity provider vouches for a person who is not in the users file.
        id_token: of the identity provider, with which to sign out there too.
    """
    now, token = context.clock.now(), secrets.token_urlsafe(32)
    old = hash_of_secret(before) if before else None
    session = Session(
        token_hash=hash_of_secret(token),
        email=email,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
        answers=context.identity.answers_left(old, email=email) if old else {},
        admitted=admitted,
    )
    context.identity.save_session(session, id_token=id_token)
    if old:
        context.identity.drop_session(old)
    context.ledger.audit(who=email, what="signed in", by=by)
    return OpenedSession(token, session)


def session_of(context: FrontContext, token: str, *, attended: bool = True) -> Session | None:
    """The living session of a browser's secret; None once idle or old for too long, or off the users list.

    `attended`: whether a person does something, which keeps the session from being idle.
    """
    session = context.identity.session(hash_of_secret(token))
    if session is None:
        return None
    if not session.admitted and not context.users.knows(session.email):
        context.identity.drop_session(session.token_hash)
        return None
    now = context.clock.now()
    if _is_over(context, session, now):
        context.identity.run_out(session.token_hash)
        return None
    if attended and now - session.seen_at >= _SEEN_EVERY:
        context.identity.see_session(session.token_hash, at=now)
        session = replace(session, seen_at=now)
    return session


def has_run_out(context: FrontContext, token: str) -> bool:
    """Whether a browser's secret is of a session that ended by itself, with answers that signing in brings back."""
    return context.identity.has_run_out(hash_of_secret(token))


def keep_answers(context: FrontContext, session: Session, answers: dict[str, Any]) -> Session:
    """Remember the wizard's answers."""
    context.identity.save_answers(session.token_hash, answers)
    return replace(session, answers=answers)


def take_answers(
    context: FrontContext, session: Session, answers: dict[str, Any], *, what: str, **of: object
) -> Session:
    """Remember the wizard's answers, and that the person gave them."""
    kept = keep_answers(context, session, answers)
    context.ledger.audit(who=session.email, what=what, **of)
    return kept


def close_session(context: FrontContext, session: Session) -> None:
    """Sign out."""
    context.identity.drop_session(session.token_hash)
    context.ledger.audit(who=session.email, what="signed out")


def close_others(context: FrontContext, session: Session) -> int:
    """Sign the person out everywhere else; how many sessions that ended."""
    ended = context.identity.drop_sessions(session.email, but=session.token_hash)
    context.ledger.audit(who=session.email, what="signed out everywhere else", sessions=ended)
    return ended


def open_sessions(context: FrontContext, session: Session) -> tuple[Session, ...]:
    """The person's living sessions, the one last seen first."""
    now = context.clock.now()
    return tuple(each for each in context.identity.sessions_of(session.email) if not _is_over(context, each, now))


def _is_over(context: FrontContext, session: Session, now: datetime) -> bool:
    idle = timedelta(minutes=context.settings.session_idle_minutes)
    longest = timedelta(hours=context.settings.session_hours)
    return now - session.seen_at >= idle or now - session.created_at >= longest
