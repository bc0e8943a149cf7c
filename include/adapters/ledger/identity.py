"""Identity in SQL: sign-in codes, sessions and API tokens, of which only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.past import count_past
from include.adapters.ledger.tables import api_tokens, sessions, sign_in_codes
from include.ports import Session, SignInCode

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Engine, Insert, Update

    from include.ports import Clock


@dataclass(frozen=True)
class SqlIdentityLedger:
    """`IdentityLedger` over SQLite or PostgreSQL. Addresses are kept and compared in lower case."""

    engine: Engine
    clock: Clock

    def save_code(self, code: SignInCode) -> None:
        """Keep a code, in place of an earlier one for the same address."""
        row = {
            "email": code.email.lower(),
            "code_hash": code.code_hash,
            "sent_at": self.clock.now(),
            "expires_at": code.expires_at,
            "attempts": code.attempts,
        }
        with writing(self.engine) as connection:
            connection.execute(insert(sign_in_codes).values(row))

    def take_attempt(self, email: str) -> SignInCode | None:
        """The code of an address, its attempts counted up by one in the same commit; None if there is none."""
        codes = sign_in_codes.c
        count = update(sign_in_codes).where(*_newest_unused(email)).values(attempts=codes.attempts + 1)
        # The row stays ours until the commit, so what is read is what was counted.
        counted = count.returning(codes.email, codes.code_hash, codes.expires_at, codes.attempts)
        with writing(self.engine) as connection:
            row = connection.execute(counted).first()
            return None if row is None else SignInCode(*row)

    def drop_code(self, email: str) -> bool:
        """Use a code up; False when somebody else just did."""
        with writing(self.engine) as connection:
            use = update(sign_in_codes).where(*_newest_unused(email)).values(used_at=self.clock.now())
            return connection.execute(use).rowcount > 0

    def codes_since(self, email: str, since: datetime) -> int:
        """How many codes were sent to an address since then."""
        codes = sign_in_codes.c
        query = select(func.count()).where(codes.email == email.lower(), codes.sent_at >= since)
        with reading(self.engine) as connection:
            return connection.execute(query).scalar_one()

    def save_session(self, session: Session) -> None:
        """Keep a session, new or changed; one that has ended stays ended."""
        row: dict[str, Any] = {
            "email": session.email.lower(),
            "csrf": session.csrf,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "answers": session.answers,
        }
        self._put(
            update(sessions)
            .where(sessions.c.token_hash == session.token_hash, sessions.c.ended_at.is_(None))
            .values(row),
            insert(sessions).values(token_hash=session.token_hash, **row),
        )

    def session(self, token_hash: str) -> Session | None:
        """The session, or None."""
        kept = sessions.c
        query = select(kept.token_hash, kept.email, kept.csrf, kept.created_at, kept.seen_at, kept.answers).where(
            kept.token_hash == token_hash, kept.ended_at.is_(None)
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
            return None if row is None else Session(*row)

    def drop_session(self, token_hash: str) -> None:
        """End a session."""
        end = (
            update(sessions)
            .where(sessions.c.token_hash == token_hash, sessions.c.ended_at.is_(None))
            .values(ended_at=self.clock.now(), answers={})
        )
        with writing(self.engine) as connection:
            connection.execute(end)

    def past_codes(self, *, before: datetime, drop: bool = False) -> int:
        """How many codes ran out before then, used or not; with `drop` they are deleted."""
        return count_past(self.engine, sign_in_codes, sign_in_codes.c.expires_at < before, drop=drop)

    def past_sessions(self, *, ended: datetime, begun: datetime, seen: datetime, drop: bool = False) -> int:
        """How many sessions were ended, begun or last seen before these moments; with `drop` they are deleted."""
        kept = sessions.c
        over = or_(kept.ended_at < ended, kept.created_at < begun, kept.seen_at < seen)
        return count_past(self.engine, sessions, over, drop=drop)

    def add_token(self, token_hash: str, *, email: str, name: str) -> None:
        """Keep an API token's hash; an earlier token of the same address and name is revoked."""
        row = {"token_hash": token_hash, "created_at": self.clock.now()}
        tokens = api_tokens.c
        self._put(
            update(api_tokens).where(tokens.email == email.lower(), tokens.name == name).values(row),
            insert(api_tokens).values(email=email.lower(), name=name, **row),
        )

    def token_email(self, token_hash: str) -> str | None:
        """Whose token this is; None if unknown or revoked."""
        query = select(api_tokens.c.email).where(api_tokens.c.token_hash == token_hash)
        with reading(self.engine) as connection:
            return connection.execute(query).scalar()

    def _put(self, change: Update, add: Insert) -> None:
        """Change a row, or add it when there is none; of two that add it at once the later one changes it."""
        with writing(self.engine) as connection:
            if connection.execute(change).rowcount:
                return
        try:
            with writing(self.engine) as connection:
                connection.execute(add)
        except IntegrityError:
            with writing(self.engine) as connection:
                connection.execute(change)


def _newest_unused(email: str) -> tuple[ColumnElement[bool], ...]:
    codes = sign_in_codes.alias()
    newest = select(func.max(codes.c.id)).where(codes.c.email == email.lower()).scalar_subquery()
    return sign_in_codes.c.id == newest, sign_in_codes.c.used_at.is_(None)
