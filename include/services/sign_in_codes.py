"""Signing in by a one-time code in the mail; only for people in the users file.

A code works only in the browser that asked for it, so that nobody can guess at another person's code, use up its
attempts or replace it by asking for one. Whoever wants to guess must ask, and each asking mails the person. What is
left of a lockout: who sends from many client addresses can use up an address's codes (`ADDRESS_CODES`), for as long as
they go on and at most an hour longer. Sessions, API tokens and codes that were mailed already work meanwhile.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from include.domain.errors import NotFound, Refused
from include.ports import Mail, SignInCode
from include.services.keyed import signature
from include.services.signing_in import OpenedSession, begin_session, normal_email
from include.services.throttling import Limit, is_within, per_source

if TYPE_CHECKING:
    from include.services.context import FrontContext

CODE_DIGITS = 6
MAX_ATTEMPTS = 5
CODES = Limit("codes for one email address from one source", 5)
ADDRESS_CODES = Limit("codes for one email address", 20, timedelta(hours=1))

_ASKING = "asking for codes from one source"
_GUESSING = "entering codes from one source"


def send_code(context: FrontContext, email: str, *, source: str, entry: str) -> None:
    """Mail a new code to a person in the users file; nothing at all for anybody else or too often.

    The caller answers before this runs, so that neither words nor time tell who is in the file. A code that nobody can
    know is kept for everybody else, so that entering one takes the same steps and time.

    Args:
        context: the front's.
        email: as it was typed.
        source: where the request comes from.
        entry: the browser's, which must be the same when the code is entered.
    """
    _demand_codes(context)
    email = normal_email(email)
    if not (
        is_within(context, per_source(context, _ASKING), source, who=email)
        and is_within(context, CODES, email, source, who=email)
        and is_within(context, ADDRESS_CODES, email, who=email)
    ):
        return
    known = context.users.knows(email)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}" if known else secrets.token_urlsafe(32)
    minutes = context.settings.sign_in_code_minutes
    expires = context.clock.now() + timedelta(minutes=minutes)
    context.identity.save_code(
        SignInCode(email, _entry_hash(context, entry), _code_hash(context, email, entry, code), expires, attempts=0)
    )
    if not known:
        context.ledger.audit(who=email, what="sign-in code not sent: not in the users file")
        return
    context.mailer.send(
        Mail(
            id=f"code-{context.new_id()}",
            to=email,
            subject=f"[{context.settings.env}] Your Data Uploader code",
            text=f"Your code is {code}\n\nIt works once, within {minutes} minutes, in the browser that asked for it. "
            "If you did not ask for it, ignore this message: nobody can sign in without it.\n\n"
            f"Data Uploader, {context.settings.env}\n",
        )
    )
    context.ledger.audit(who=email, what="sign-in code sent")


def open_session(
    context: FrontContext, email: str, code: str, *, source: str, entry: str, before: str | None = None
) -> OpenedSession:
    """Use a code up for a new session, or Refused (`code_wrong`) whatever the reason was.

    Args:
        context: the front's.
        email: whose code.
        code: as it was typed.
        source: where the request comes from.
        entry: the browser's, as when the code was asked for.
        before: the secret of the browser's session until now, if it has one.
    """
    _demand_codes(context)
    email, now = normal_email(email), context.clock.now()
    if not is_within(context, per_source(context, _GUESSING), source, who=email):
        _refuse()
    kept = _entry_hash(context, entry)
    expected = context.identity.take_attempt(email, kept) if email.isascii() and email.isprintable() else None
    given = _code_hash(context, email, entry, "".join(code.split()))
    right = hmac.compare_digest(given, expected.code_hash if expected else _code_hash(context, email, entry, ""))
    if (
        expected is None
        or not right
        or expected.attempts > MAX_ATTEMPTS
        or now >= expected.expires_at
        or not context.users.knows(email)
        or not context.identity.drop_code(email, kept)
    ):
        context.ledger.audit(who=email, what="sign-in refused", by="code")
        _refuse()
    return begin_session(context, email, by="code", before=before)


def _demand_codes(context: FrontContext) -> None:
    if not context.settings.sign_in_by_code:
        raise NotFound("Signing in by a code is switched off here.", code="codes_off", title="Page not found")


def _refuse() -> NoReturn:
    raise Refused(
        "The code is not right, has expired or was used already. Check it, or ask for a new one.",
        code="code_wrong",
        title="Code is not right",
        field="code",
    )


def _code_hash(context: FrontContext, email: str, entry: str, code: str) -> str:
    return signature(context, "sign-in code", f"{email}\n{entry}\n{code}")


def _entry_hash(context: FrontContext, entry: str) -> str:
    return signature(context, "entry of a sign-in code", entry)
