"""Identity in SQL: sign-in codes, sessions and counts of tries; of codes and cookies only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from include.adapters.ledger.api_tokens import SqlApiTokens
from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.past import count_past
from include.adapters.ledger.tables import sessions, sign_in_codes, tries
from include.ports import Session, SignInCode

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Select

_SESSION = (
    sessions.c.token_hash,
    sessions.c.email,
    sessions.c.csrf,
    sessions.c.created_at,
    sessions.c.seen_at,
    sessions.c.answers,
    sessions.c.admitted,
)
_NOTHING_LEFT: dict[str, Any] = {"answers": {}, "id_token": None}


@dataclass(frozen=True)
class SqlIdentityLedger(SqlApiTokens):
    """`IdentityLedger` over SQLite or PostgreSQL. Addresses are kept and compared in lower case."""

    def save_code(self, code: SignInCode) -> None:
        """Keep a code, in place of an earlier one for the same address and entry."""
        row = {
            "email": code.email.lower(),
            "entry": code.entry,
            "code_hash": code.code_hash,
            "sent_at": self.clock.now(),
            "expires_at": code.expires_at,
            "attempts": code.attempts,
        }
        with writing(self.engine) as connection:
            connection.execute(insert(sign_in_codes).values(row))

    def take_attempt(self, email: str, entry: str) -> SignInCode | None:
        """The code of an address and entry, its attempts counted up by one in the same commit; None without one."""
        codes = sign_in_codes.c
        count = update(sign_in_codes).where(*_newest_unused(email, entry)).values(attempts=codes.attempts + 1)
        # The row stays ours until the commit, so what is read is what was counted.
        counted = count.returning(codes.email, codes.entry, codes.code_hash, codes.expires_at, codes.attempts)
        with writing(self.engine) as connection:
            row = connection.execute(counted).first()
            return None if row is None else SignInCode(*row)

    def drop_code(self, email: str, entry: str) -> bool:
        """Use a code up; False when somebody else just did."""
        with writing(self.engine) as connection:
            use = update(sign_in_codes).where(*_newest_unused(email, entry)).values(used_at=self.clock.now())
            return connection.execute(use).rowcount > 0

    def count_try(self, name: str, *, within: timedelta) -> int:
        """Count one more try of a name, and how many that makes since the first one within this time."""
        now = self.clock.now()
        is_new = tries.c.begun_at <= now - within
        count = (
            update(tries)
            .where(tries.c.name == name)
            .values(
                count=case((is_new, 1), else_=tries.c.count + 1), begun_at=case((is_new, now), else_=tries.c.begun_at)
            )
            .returning(tries.c.count)
        )
        with writing(self.engine) as connection:
            counted = connection.execute(count).scalar()
        if counted is not None:
            return int(counted)
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(tries).values(name=name, begun_at=now, count=1))
        except IntegrityError:  # another was first at the same moment
            with writing(self.engine) as connection:
                return int(connection.execute(count).scalar_one())
        return 1

    def save_session(self, session: Session, *, id_token: str | None = None) -> None:
        """Keep a new session, and the identity provider's token that it began with."""
        row = {
            "token_hash": session.token_hash,
            "email": session.email.lower(),
            "csrf": session.csrf,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "answers": session.answers,
            "admitted": session.admitted,
            "id_token": id_token,
        }
        with writing(self.engine) as connection:
            connection.execute(insert(sessions).values(row))

    def session(self, token_hash: str) -> Session | None:
        """The session, or None."""
        return self._session(select(*_SESSION).where(*_living(token_hash)))

    def see_session(self, token_hash: str, *, at: datetime) -> None:
        """Remember when a session was last seen."""
        self._change_session(token_hash, seen_at=at)

    def save_answers(self, token_hash: str, answers: dict[str, Any]) -> None:
        """Keep the wizard's answers in a session that has not ended."""
        self._change_session(token_hash, answers=answers)

    def drop_session(self, token_hash: str) -> None:
        """End a session; nothing of what it kept is left, also of one that had run out."""
        ended = func.coalesce(sessions.c.ended_at, self.clock.now())
        with writing(self.engine) as connection:
            end = update(sessions).where(sessions.c.token_hash == token_hash)
            connection.execute(end.values(ended_at=ended, **_NOTHING_LEFT))

    def drop_sessions(self, email: str, *, but: str | None = None) -> int:
        """End all sessions of a person, but for this one if it is given; how many."""
        others = (
            sessions.c.email == email.lower(),
            sessions.c.token_hash.is_distinct_from(but),
            sessions.c.ended_at.is_(None),
        )
        with writing(self.engine) as connection:
            end = update(sessions).where(*others).values(ended_at=self.clock.now(), **_NOTHING_LEFT)
            return connection.execute(end).rowcount

    def run_out(self, token_hash: str) -> None:
        """End a session that was idle or old for too long; its answers are left for the same person."""
        self._change_session(token_hash, ended_at=self.clock.now(), id_token=None)

    def has_run_out(self, token_hash: str) -> bool:
        """Whether a session has run out and left answers."""
        query = select(sessions.c.answers).where(sessions.c.token_hash == token_hash, sessions.c.ended_at.is_not(None))
        with reading(self.engine) as connection:
            return bool(connection.execute(query).scalar())

    def answers_left(self, token_hash: str, *, email: str) -> dict[str, Any]:
        """The answers of a session, also of one that has run out, if it was this person's; else none."""
        query = select(sessions.c.answers).where(sessions.c.token_hash == token_hash, sessions.c.email == email.lower())
        with reading(self.engine) as connection:
            return connection.execute(query).scalar() or {}

    def sessions_of(self, email: str) -> tuple[Session, ...]:
        """A person's sessions that have not ended, the one last seen first."""
        theirs = select(*_SESSION).where(sessions.c.email == email.lower(), sessions.c.ended_at.is_(None))
        with reading(self.engine) as connection:
            found = [Session(*row) for row in connection.execute(theirs)]
        return tuple(sorted(found, key=lambda session: (session.seen_at, session.created_at), reverse=True))

    def id_token(self, token_hash: str) -> str | None:
        """The identity provider's token that a session began with, while it lasts."""
        with reading(self.engine) as connection:
            return connection.execute(select(sessions.c.id_token).where(*_living(token_hash))).scalar()

    def past_codes(self, *, before: datetime, drop: bool = False) -> int:
        """How many codes ran out before then, used or not; with `drop` they are deleted."""
        return count_past(self.engine, sign_in_codes, sign_in_codes.c.expires_at < before, drop=drop)

    def past_sessions(self, *, ended: datetime, begun: datetime, seen: datetime, drop: bool = False) -> int:
        """How many sessions were ended, begun or last seen before these moments; with `drop` they are deleted."""
        kept = sessions.c
        over = or_(kept.ended_at < ended, kept.created_at < begun, kept.seen_at < seen)
        return count_past(self.engine, sessions, over, drop=drop)

    def past_tries(self, *, before: datetime, drop: bool = False) -> int:
        """How many counts of tries began before then; with `drop` they are deleted."""
        return count_past(self.engine, tries, tries.c.begun_at < before, drop=drop)

    def _session(self, query: Select[Any]) -> Session | None:
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
            return None if row is None else Session(*row)

    def _change_session(self, token_hash: str, **changes: Any) -> None:
        """One that has ended stays as it is, whatever a request that was under way brings."""
        with writing(self.engine) as connection:
            connection.execute(update(sessions).where(*_living(token_hash)).values(changes))


def _living(token_hash: str) -> tuple[ColumnElement[bool], ...]:
    return sessions.c.token_hash == token_hash, sessions.c.ended_at.is_(None)


def _newest_unused(email: str, entry: str) -> tuple[ColumnElement[bool], ...]:
    codes = sign_in_codes.alias()
    whose = (codes.c.email == email.lower(), codes.c.entry == entry)
    newest = select(func.max(codes.c.id)).where(*whose).scalar_subquery()
    return sign_in_codes.c.id == newest, sign_in_codes.c.used_at.is_(None)
