"""Signing in: one-time codes by mail, the sessions they open, and API tokens; only for people on the users list."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from include.domain.errors import Refused, Terminal
from include.ports import Mail, Session, SignInCode

if TYPE_CHECKING:
    from datetime import datetime

    from include.services.context import FrontContext

CODE_DIGITS = 6
MAX_ATTEMPTS = 5
MAX_CODES = 5  # for one address within the window
CODES_WINDOW = timedelta(minutes=15)
_SEEN_EVERY = timedelta(seconds=60)  # a session's last use is written no oftener than this


@dataclass(frozen=True)
class OpenedSession:
    """A new session and the secret that only its browser keeps."""

    token: str
    session: Session


def normal_email(email: str) -> str:
    """An address as the service compares it."""
    return email.strip().lower()


def send_code(context: FrontContext, email: str) -> None:
    """Mail a new code to a person on the users list; nothing at all for anybody else or too often.

    The caller answers before this runs, so that neither words nor time tell who is on the list.
    """
    email, now = normal_email(email), context.clock.now()
    if not context.users.knows(email):
        return
    if context.identity.codes_since(email, now - CODES_WINDOW) >= MAX_CODES:
        context.ledger.audit(who=email, what="sign-in code not sent: too many")
        return
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    minutes = context.settings.sign_in_code_minutes
    context.identity.save_code(
        SignInCode(email, _code_hash(context, email, code), now + timedelta(minutes=minutes), attempts=0)
    )
    context.mailer.send(
        Mail(
            id=f"code-{context.new_id()}",
            to=email,
            subject=f"[{context.settings.env}] Your Data Uploader code",
            text=f"Your code is {code}\n\nIt works once, within {minutes} minutes. If you did not ask for it, "
            f"ignore this message: nobody can sign in without it.\n\nData Uploader, {context.settings.env}\n",
        )
    )
    context.ledger.audit(who=email, what="sign-in code sent")


def open_session(context: FrontContext, email: str, code: str) -> OpenedSession:
    """Use a code up for a new session, or Refused (`code_wrong`) whatever the reason was."""
    email, now = normal_email(email), context.clock.now()
    expected = context.identity.take_attempt(email) if email.isascii() and email.isprintable() else None
    given = _code_hash(context, email, "".join(code.split()))
    right = hmac.compare_digest(given, expected.code_hash if expected else _code_hash(context, email, ""))
    if (
        expected is None
        or not right
        or expected.attempts > MAX_ATTEMPTS
        or now >= expected.expires_at
        or not context.users.knows(email)
        or not context.identity.drop_code(email)
    ):
        if expected is not None:
            context.ledger.audit(who=email, what="sign-in refused")
        raise Refused(
            "The code is not right, has expired or was used already. Check it, or ask for a new one.",
            code="code_wrong",
            title="Code is not right",
            field="code",
        )
    token = secrets.token_urlsafe(32)
    session = Session(
        token_hash=_token_hash(token), email=email, csrf=secrets.token_urlsafe(32), created_at=now, seen_at=now
    )
    context.identity.save_session(session)
    context.ledger.audit(who=email, what="signed in")
    return OpenedSession(token, session)


def session_of(context: FrontContext, token: str) -> Session | None:
    """The living session of a browser's secret; None once idle or old for too long, or off the users list."""
    session = context.identity.session(_token_hash(token))
    if session is None:
        return None
    if _is_over(context, session) or not context.users.knows(session.email):
        context.identity.drop_session(session.token_hash)
        return None
    now = context.clock.now()
    if now - session.seen_at >= _SEEN_EVERY:
        session = replace(session, seen_at=now)
        context.identity.save_session(session)
    return session


def keep_answers(context: FrontContext, session: Session, answers: dict[str, Any]) -> Session:
    """Remember the wizard's answers."""
    kept = replace(session, answers=answers)
    context.identity.save_session(kept)
    return kept


def close_session(context: FrontContext, session: Session) -> None:
    """Sign out."""
    context.identity.drop_session(session.token_hash)
    context.ledger.audit(who=session.email, what="signed out")


def issue_token(context: FrontContext, email: str, *, name: str) -> str:
    """A new API token for a person on the users list, shown this once; it replaces an earlier one of that name."""
    email = normal_email(email)
    if not context.users.knows(email):
        raise Refused(
            f"{email} is not in the users file. Add the address to it first.",
            code="user_unknown",
            title="User is not known",
            field="email",
        )
    token = f"dup_{secrets.token_urlsafe(32)}"
    context.identity.add_token(_token_hash(token), email=email, name=name)
    context.ledger.audit(who=email, what="API token issued", name=name)
    return token


def bearer_of(context: FrontContext, token: str) -> str | None:
    """Whose API token this is, if they are still on the users list."""
    email = context.identity.token_email(_token_hash(token))
    return email if email is not None and context.users.knows(email) else None


def signature(context: FrontContext, purpose: str, text: str) -> str:
    """A keyed hash of a text, worthless for any other purpose."""
    return hmac.new(_key(context), f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def _is_over(context: FrontContext, session: Session) -> bool:
    now: datetime = context.clock.now()
    idle = timedelta(minutes=context.settings.session_idle_minutes)
    longest = timedelta(hours=context.settings.session_hours)
    return now - session.seen_at > idle or now - session.created_at > longest


def _code_hash(context: FrontContext, email: str, code: str) -> str:
    return signature(context, "sign-in code", f"{email}\n{code}")


def _token_hash(token: str) -> str:
    # The token has 256 random bits: a fast hash without a key is enough, and outlives a change of the key.
    return hashlib.sha256(token.encode()).hexdigest()


def _key(context: FrontContext) -> bytes:
    secret = context.settings.secret_key
    if secret is None or len(secret.get_secret_value()) < 32:  # noqa: PLR2004
        raise Terminal(
            "DATA_UPLOADER_SECRET_KEY must be set to at least 32 random characters.", code="secret_key_missing"
        )
    return secret.get_secret_value().encode()
